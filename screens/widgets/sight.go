package widgets

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
)

// sightMargin stays free around what is scrolled into sight, for its ring.
const sightMargin = 12

// bringIntoSight scrolls what has just got the focus to where it is seen: Fyne
// lets Tab go on where nobody looks.
func bringIntoSight(o fyne.CanvasObject) {
	d := fyne.CurrentApp().Driver()
	c := d.CanvasForObject(o)
	if c == nil || fyne.CurrentDevice().IsMobile() {
		return
	}
	root := c.Overlays().Top()
	if root == nil {
		root = c.Content()
	}
	if s := scrollerOf(root, o); s != nil {
		scrollTo(s, o)
	}
}

// keepInSight does so for what has the focus within a scroller that shows less
// than before.
func keepInSight(s *container.Scroll) {
	c := fyne.CurrentApp().Driver().CanvasForObject(s)
	if c == nil {
		return
	}
	if o, ok := c.Focused().(fyne.CanvasObject); ok && holds(s.Content, o) {
		scrollTo(s, o)
	}
}

func scrollTo(s *container.Scroll, o fyne.CanvasObject) {
	d := fyne.CurrentApp().Driver()
	at := d.AbsolutePositionForObject(o)
	if at.IsZero() {
		return
	}
	top := at.Y - d.AbsolutePositionForObject(s).Y
	if by := intoSight(top, o.Size().Height, s.Size().Height); by != 0 {
		s.ScrollToOffset(s.Offset.AddXY(0, by))
	}
}

// intoSight is how far to scroll so that what stands at top, and is so high, is
// within the room. What is higher than the room shows its beginning.
func intoSight(top, height, room float32) float32 {
	switch {
	case top < sightMargin || height+2*sightMargin > room:
		return top - sightMargin
	case top+height > room-sightMargin:
		return top + height - room + sightMargin
	}
	return 0
}

// scrollerOf is what an object is scrolled by; nil when by nothing.
func scrollerOf(root, o fyne.CanvasObject) (found *container.Scroll) {
	eachSeen(root, func(x fyne.CanvasObject) {
		if s, ok := x.(*container.Scroll); ok && holds(s.Content, o) {
			found = s
		}
	})
	return found
}

// lineStep is how far an arrow key scrolls: two lines of text and a little.
const lineStep = 48

// ScrollByKey moves the first thing in o that scrolls and does not show all of
// itself. It is for keys that what has the focus has no use for, and reports
// whether this key moves anything there.
func ScrollByKey(o fyne.CanvasObject, key fyne.KeyName) (moved bool) {
	var s *container.Scroll
	eachSeen(o, func(x fyne.CanvasObject) {
		if found, ok := x.(*container.Scroll); ok && s == nil && found.Content.MinSize().Height > found.Size().Height {
			s = found
		}
	})
	if s == nil {
		return false
	}
	to, ok := scrolledBy(key, s.Offset.Y, s.Size().Height, s.Content.MinSize().Height)
	if !ok {
		return false
	}
	s.ScrollToOffset(fyne.NewPos(s.Offset.X, to))
	return true
}

// scrolledBy is where a key leads that scrolls, from what is so high, of which
// room is seen from at on. A page leaves in sight what was read last.
func scrolledBy(key fyne.KeyName, at, room, height float32) (to float32, ok bool) {
	page := max(room-lineStep, lineStep)
	switch key {
	case fyne.KeyUp:
		to = at - lineStep
	case fyne.KeyDown:
		to = at + lineStep
	case fyne.KeyPageUp:
		to = at - page
	case fyne.KeyPageDown:
		to = at + page
	case fyne.KeyHome:
		to = 0
	case fyne.KeyEnd:
		to = height
	default:
		return at, false
	}
	return max(min(to, height-room), 0), true
}

func holds(around, o fyne.CanvasObject) (found bool) {
	eachSeen(around, func(x fyne.CanvasObject) { found = found || x == o })
	return found
}
