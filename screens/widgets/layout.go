package widgets

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
)

// Column puts objects below each other, each as wide as the column. Unlike
// Fyne's VBox it gives every object its width first and asks for its height
// then, so that wrapped text has its final height at once.
func Column(objects ...fyne.CanvasObject) *fyne.Container {
	return container.New(&columnLayout{gap: Space}, objects...)
}

// ColumnGap is a Column with another distance between its objects.
func ColumnGap(gap float32, objects ...fyne.CanvasObject) *fyne.Container {
	return container.New(&columnLayout{gap: gap}, objects...)
}

type columnLayout struct{ gap float32 }

func (l *columnLayout) Layout(objects []fyne.CanvasObject, size fyne.Size) {
	y := float32(0)
	for _, o := range objects {
		if !o.Visible() {
			continue
		}
		h := heightFor(o, size.Width)
		o.Move(fyne.NewPos(0, y))
		o.Resize(fyne.NewSize(size.Width, h))
		y += h + l.gap
	}
}

func (l *columnLayout) MinSize(objects []fyne.CanvasObject) fyne.Size {
	var size fyne.Size
	shown := 0
	for _, o := range objects {
		if !o.Visible() {
			continue
		}
		shown++
		m := o.MinSize()
		size.Width = max(size.Width, m.Width)
		size.Height += m.Height
	}
	if shown > 1 {
		size.Height += l.gap * float32(shown-1)
	}
	return size
}

// heightFor is the least height of o when it is width wide. It resizes o.
func heightFor(o fyne.CanvasObject, width float32) float32 {
	h := o.MinSize().Height
	for range 3 { // text in a card in a column settles in as many steps
		o.Resize(fyne.NewSize(width, h))
		next := o.MinSize().Height
		if next == h {
			break
		}
		h = next
	}
	return h
}

// Narrowest is the least width in which o can still show all of its words, on
// several lines where it can.
func Narrowest(o fyne.CanvasObject) float32 {
	if b, ok := o.(interface{ narrowest() float32 }); ok {
		return b.narrowest()
	}
	return o.MinSize().Width
}

// Row puts objects beside each other, centred in height; the one named by
// stretch (its index; -1 for none) takes the width that is left.
func Row(stretch int, objects ...fyne.CanvasObject) *fyne.Container {
	return container.New(&rowLayout{gap: Space, stretch: stretch}, objects...)
}

// Ended puts words and what stands at their end beside each other; or below each
// other, where beside each other a word would break.
func Ended(words, end fyne.CanvasObject) *fyne.Container {
	return container.New(&rowLayout{gap: Space, yields: true}, words, end)
}

type rowLayout struct {
	gap     float32
	stretch int
	// yields has the last object go below the stretched one, where that would
	// break a word otherwise.
	yields bool
	width  float32 // of the last Layout, for MinSize
}

func (l *rowLayout) Layout(objects []fyne.CanvasObject, size fyne.Size) {
	l.width = size.Width
	if n := len(objects) - 1; l.breaks(objects) {
		l.row(objects[:n], size)
		words, end := objects[l.stretch], objects[n]
		end.Resize(end.MinSize())
		up := (end.Size().Height + l.gap/2) / 2
		words.Move(words.Position().SubtractXY(0, up))
		end.Move(fyne.NewPos(words.Position().X, words.Position().Y+words.Size().Height+l.gap/2))
		return
	}
	l.row(objects, size)
}

// breaks reports whether the last object has to go below the stretched one.
func (l *rowLayout) breaks(objects []fyne.CanvasObject) bool {
	if n := len(objects) - 1; !l.yields || l.width <= 0 || !objects[n].Visible() {
		return false
	}
	words := objects[l.stretch]
	return Narrowest(words) > words.MinSize().Width+l.width-l.widthOf(objects, -1)+0.5
}

func (l *rowLayout) row(objects []fyne.CanvasObject, size fyne.Size) {
	rest := size.Width - l.widthOf(objects, -1)
	x := float32(0)
	for i, o := range objects {
		if !o.Visible() {
			continue
		}
		w := o.MinSize().Width
		if i == l.stretch {
			w += max(rest, 0)
		}
		h := min(heightFor(o, w), max(size.Height, 0))
		o.Resize(fyne.NewSize(w, h))
		o.Move(fyne.NewPos(x, (size.Height-h)/2))
		x += w + l.gap
	}
}

func (l *rowLayout) widthOf(objects []fyne.CanvasObject, without int) float32 {
	w, shown := float32(0), 0
	for i, o := range objects {
		if !o.Visible() || i == without {
			continue
		}
		shown++
		w += o.MinSize().Width
	}
	return w + l.gap*float32(max(shown-1, 0))
}

func (l *rowLayout) MinSize(objects []fyne.CanvasObject) fyne.Size {
	width, end := l.widthOf(objects, -1), float32(0)
	if n := len(objects) - 1; l.breaks(objects) {
		end = objects[n].MinSize().Height + l.gap/2
		objects = objects[:n]
	}
	h := float32(0)
	for i, o := range objects {
		switch {
		case !o.Visible():
		case i == l.stretch:
			h = max(h, o.MinSize().Height+end)
		default:
			h = max(h, o.MinSize().Height)
		}
	}
	return fyne.NewSize(width, h)
}

// Flow puts objects beside each other and goes on in a further line where the
// width ends.
func Flow(objects ...fyne.CanvasObject) *fyne.Container {
	return container.New(&flowLayout{gap: Space, across: Space}, objects...)
}

// Pills puts pills beside each other. Each is as high as a finger, so their
// lines need no distance.
func Pills(pills ...fyne.CanvasObject) *fyne.Container {
	return container.New(&flowLayout{gap: 0, across: 6}, pills...)
}

type flowLayout struct {
	gap, across float32 // between lines, and between objects of a line
	width       float32 // of the last Layout, for MinSize
}

func (l *flowLayout) Layout(objects []fyne.CanvasObject, size fyne.Size) {
	l.width = size.Width
	l.place(objects, size.Width, true)
}

func (l *flowLayout) place(objects []fyne.CanvasObject, width float32, move bool) (height float32) {
	x, y, line := float32(0), float32(0), float32(0)
	for _, o := range objects {
		if !o.Visible() {
			continue
		}
		m := o.MinSize()
		w, h := min(m.Width, max(width, 1)), m.Height
		if x > 0 && x+w > width {
			x, y, line = 0, y+line+l.gap, 0
		}
		if move {
			h = heightFor(o, w)
			o.Resize(fyne.NewSize(w, h))
			o.Move(fyne.NewPos(x, y))
		}
		x += w + l.across
		line = max(line, h)
	}
	return y + line
}

func (l *flowLayout) MinSize(objects []fyne.CanvasObject) fyne.Size {
	widest := float32(0)
	for _, o := range objects {
		if o.Visible() {
			widest = max(widest, Narrowest(o))
		}
	}
	if l.width == 0 { // never laid out: one line
		return fyne.NewSize(widest, l.place(objects, 1e6, false))
	}
	return fyne.NewSize(widest, l.place(objects, l.width, false))
}

// Inset puts space around an object.
func Inset(horizontal, vertical float32, o fyne.CanvasObject) *fyne.Container {
	return container.New(&insetLayout{h: horizontal, v: vertical}, o)
}

type insetLayout struct{ h, v float32 }

func (l *insetLayout) Layout(objects []fyne.CanvasObject, size fyne.Size) {
	for _, o := range objects {
		o.Move(fyne.NewPos(l.h, l.v))
		o.Resize(size.SubtractWidthHeight(2*l.h, 2*l.v))
	}
}

func (l *insetLayout) MinSize(objects []fyne.CanvasObject) fyne.Size {
	var size fyne.Size
	for _, o := range objects {
		size = size.Max(o.MinSize())
	}
	return size.AddWidthHeight(2*l.h, 2*l.v)
}

// AtLeast gives an object at least that size, in which it is stretched.
func AtLeast(width, height float32, o fyne.CanvasObject) *fyne.Container {
	return container.New(&atLeastLayout{min: fyne.NewSize(width, height)}, o)
}

type atLeastLayout struct{ min fyne.Size }

func (l *atLeastLayout) Layout(objects []fyne.CanvasObject, size fyne.Size) {
	for _, o := range objects {
		o.Move(fyne.NewPos(0, 0))
		o.Resize(size)
	}
}

func (l *atLeastLayout) MinSize(objects []fyne.CanvasObject) fyne.Size {
	size := l.min
	for _, o := range objects {
		size = size.Max(o.MinSize())
	}
	return size
}
