package widgets

import (
	"image/color"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"
)

// Around what has the focus runs a ring of ringWidth; around Fyne's buttons,
// which are filled, with a gap to what is inside it.
const (
	ringWidth = 2
	ringGap   = 2
)

// newRing makes a ring that is not seen yet.
func newRing(radius float32) *canvas.Rectangle {
	r := surface(radius)
	r.FillColor = color.Transparent
	r.StrokeWidth = ringWidth
	r.Hide()
	return r
}

// showRing shows the ring, or not.
func showRing(w interface{ Theme() fyne.Theme }, ring *canvas.Rectangle, on bool) {
	if on {
		ring.StrokeColor = paint(w, theme.ColorNamePrimary)
	}
	if show(ring, on) || on {
		ring.Refresh()
	}
}

// FirstFocus is what the keyboard goes on with in a part of the window: what
// people most likely came for. That is its primary button, else a button for
// what is under way there, else its list, a card that leads on, or the button
// that adds something; nil when there is none of these to be seen.
func FirstFocus(o fyne.CanvasObject) fyne.Focusable {
	var best fyne.Focusable
	rank := 0
	eachSeen(o, func(o fyne.CanvasObject) {
		if f, r := firstOf(o); f != nil && (best == nil || r < rank) {
			best, rank = f, r
		}
	})
	return best
}

// firstOf is the control of an object that could come first, and how much it
// wants to: the lower, the more.
func firstOf(o fyne.CanvasObject) (f fyne.Focusable, rank int) {
	o.MinSize() // what was never drawn has its buttons only now
	switch x := o.(type) {
	case *PrimaryButton:
		if !x.Disabled() && x.button != nil {
			return x.button, 1
		}
	case *ProgressRow:
		for _, b := range []*Button{x.pause, x.resume, x.cancel} {
			if b != nil && b.Visible() && !b.Disabled() {
				return b, 2
			}
		}
	case *Placeholder:
		if x.action != nil && x.action.Visible() {
			return x.action, 3
		}
	case *List:
		if x.Length != nil && x.Length() > 0 {
			return x, 4
		}
	case *TapCard:
		if !x.disabled {
			return x, 5
		}
	case *AddButton:
		if !x.disabled {
			return x, 6
		}
	}
	return nil, 0
}

// eachSeen visits what is visible, from the outside in, as far as screens put
// it together; not what our own controls are made of.
func eachSeen(o fyne.CanvasObject, visit func(fyne.CanvasObject)) {
	if o == nil || !o.Visible() {
		return
	}
	visit(o)
	switch x := o.(type) {
	case *fyne.Container:
		for _, child := range x.Objects {
			eachSeen(child, visit)
		}
	case *container.Scroll:
		eachSeen(x.Content, visit)
	case *Card:
		eachSeen(x.Content, visit)
	case interface{ Inside() fyne.CanvasObject }:
		eachSeen(x.Inside(), visit)
	}
}
