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

func holds(around, o fyne.CanvasObject) (found bool) {
	eachSeen(around, func(x fyne.CanvasObject) { found = found || x == o })
	return found
}
