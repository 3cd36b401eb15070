package widgets

import (
	"image/color"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"
)

// Around what has the focus runs a ring of ringWidth; around what is filled with
// the accent, or may be, with a gap to what is inside it.
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

// ringLayout puts the second of two objects, a ring, around the first.
type ringLayout struct{}

func (ringLayout) Layout(objects []fyne.CanvasObject, size fyne.Size) {
	objects[0].Move(fyne.NewPos(0, 0))
	objects[0].Resize(size)
	const out = ringGap + ringWidth
	objects[1].Move(fyne.NewPos(-out, -out))
	objects[1].Resize(size.AddWidthHeight(2*out, 2*out))
}

func (ringLayout) MinSize(objects []fyne.CanvasObject) fyne.Size { return objects[0].MinSize() }

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

// starter is a control that people may have come for. start gives what takes
// the focus, nil when that cannot be used now, and how much it wants to: the
// lower, the more.
type starter interface {
	start() (f fyne.Focusable, rank int)
}

// firstOf is start for any object.
func firstOf(o fyne.CanvasObject) (f fyne.Focusable, rank int) {
	s, ok := o.(starter)
	if !ok {
		return nil, 0
	}
	o.MinSize() // what was never drawn has its buttons only now
	return s.start()
}

func (p *PrimaryButton) start() (fyne.Focusable, int) {
	if p.Disabled() || p.button == nil {
		return nil, 0
	}
	return p.button, 1
}

func (p *ProgressRow) start() (fyne.Focusable, int) {
	for _, b := range []*Button{p.pause, p.resume, p.cancel} {
		if b != nil && b.Visible() && !b.Disabled() {
			return b, 2
		}
	}
	return nil, 0
}

func (p *Placeholder) start() (fyne.Focusable, int) {
	if p.action == nil || p.ActionLabel == "" {
		return nil, 0
	}
	return p.action, 3
}

func (l *List) start() (fyne.Focusable, int) {
	if l.Length == nil || l.Length() == 0 {
		return nil, 0
	}
	return l, 4
}

func (c *TapCard) start() (fyne.Focusable, int) {
	if c.disabled {
		return nil, 0
	}
	return c, 5
}

func (a *AddButton) start() (fyne.Focusable, int) {
	if a.disabled {
		return nil, 0
	}
	return a, 6
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
