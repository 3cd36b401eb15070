package widgets

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"
)

// ReadingWidth is as wide as text and forms grow; a wider window leaves ground
// on both sides.
const ReadingWidth = 680

// Reading keeps an object from growing wider than ReadingWidth, in the middle.
func Reading(o fyne.CanvasObject) *fyne.Container {
	return container.New(&readingLayout{}, o)
}

type readingLayout struct{}

func (readingLayout) Layout(objects []fyne.CanvasObject, size fyne.Size) {
	w := min(size.Width, ReadingWidth)
	for _, o := range objects {
		o.Move(fyne.NewPos((size.Width-w)/2, 0))
		o.Resize(fyne.NewSize(w, size.Height))
	}
}

func (readingLayout) MinSize(objects []fyne.CanvasObject) fyne.Size {
	var size fyne.Size
	for _, o := range objects {
		size = size.Max(o.MinSize())
	}
	return size
}

// Scroll lets what is too tall be moved up and down. The object is as wide as
// what is seen of it.
func Scroll(o fyne.CanvasObject) *fyne.Container {
	return container.New(&scrollLayout{}, container.NewVScroll(o))
}

// scrollLayout lays the scroller out twice: the height of wrapped text is
// known only after it was given its width.
type scrollLayout struct{ height float32 }

func (l *scrollLayout) Layout(objects []fyne.CanvasObject, size fyne.Size) {
	for _, o := range objects {
		o.Move(fyne.NewPos(0, 0))
		o.Resize(size)
		o.Refresh()
	}
	less := size.Height < l.height // such as when a phone's keyboard comes
	l.height = size.Height
	if less {
		keepInSight(objects[0].(*container.Scroll))
	}
}

func (*scrollLayout) MinSize([]fyne.CanvasObject) fyne.Size { return fyne.NewSize(Touch, Touch) }

// Page is the frame of a screen: top stays above, bottom below (either may be
// nil), and body moves between them, all no wider than ReadingWidth.
func Page(top, body, bottom fyne.CanvasObject) *fyne.Container {
	var t, b fyne.CanvasObject
	if top != nil {
		t = newGround(Reading(top))
	}
	if bottom != nil {
		b = newGround(Reading(Inset(2*Space, Space, bottom)))
	}
	return container.New(&pageLayout{top: t, bottom: b, within: bottom}, parts(t, Scroll(Reading(Inset(2*Space, Space, body))), b)...)
}

// ground draws the colour of the window behind an object, so that nothing that
// is scrolled away shines through.
type ground struct {
	widget.BaseWidget
	content fyne.CanvasObject
}

func newGround(content fyne.CanvasObject) *ground {
	g := &ground{content: content}
	g.ExtendBaseWidget(g)
	return g
}

// Inside is what stands on the ground.
func (g *ground) Inside() fyne.CanvasObject { return g.content }

// CreateRenderer implements fyne.Widget.
func (g *ground) CreateRenderer() fyne.WidgetRenderer {
	back := canvas.NewRectangle(nil)
	return compose(container.NewStack(back, g.content), func() {
		back.FillColor = paint(g, theme.ColorNameBackground)
		back.Refresh()
	})
}

// Frame is Page for a body that scrolls by itself, as a list does.
func Frame(top, body, bottom fyne.CanvasObject) *fyne.Container {
	return container.New(&pageLayout{top: top, bottom: bottom}, parts(top, body, bottom)...)
}

// BottomHeight is how high the bottoms of the Pages in o stand, the highest of
// those that are seen.
func BottomHeight(o fyne.CanvasObject) float32 {
	box, ok := o.(*fyne.Container)
	if !ok || !box.Visible() {
		return 0
	}
	if l, ok := box.Layout.(*pageLayout); ok && l.bottom != nil && l.bottom.Visible() {
		return l.bottom.Size().Height
	}
	h := float32(0)
	for _, child := range box.Objects {
		h = max(h, BottomHeight(child))
	}
	return h
}

func parts(top, body, bottom fyne.CanvasObject) []fyne.CanvasObject {
	var all []fyne.CanvasObject
	for _, o := range []fyne.CanvasObject{top, body, bottom} {
		if o != nil {
			all = append(all, o)
		}
	}
	return all
}

type pageLayout struct {
	top, bottom fyne.CanvasObject
	within      fyne.CanvasObject // what the bottom is there for; nil: itself
}

// update hides a bottom in which nothing is shown, which would take room.
func (l *pageLayout) update() {
	if l.within != nil {
		show(l.bottom, l.within.Visible())
	}
}

func (l *pageLayout) Layout(objects []fyne.CanvasObject, size fyne.Size) {
	l.update()
	var above, below float32
	if l.top != nil && l.top.Visible() {
		above = heightFor(l.top, size.Width)
		l.top.Move(fyne.NewPos(0, 0))
		l.top.Resize(fyne.NewSize(size.Width, above))
	}
	if l.bottom != nil && l.bottom.Visible() {
		below = heightFor(l.bottom, size.Width)
		l.bottom.Move(fyne.NewPos(0, size.Height-below))
		l.bottom.Resize(fyne.NewSize(size.Width, below))
	}
	for _, o := range objects {
		if o != l.top && o != l.bottom {
			o.Move(fyne.NewPos(0, above))
			o.Resize(fyne.NewSize(size.Width, max(size.Height-above-below, 0)))
		}
	}
}

func (l *pageLayout) MinSize(objects []fyne.CanvasObject) fyne.Size {
	l.update()
	var size fyne.Size
	for _, o := range objects {
		if !o.Visible() {
			continue
		}
		m := o.MinSize()
		size.Width = max(size.Width, m.Width)
		size.Height += m.Height
	}
	return size
}
