package widgets

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/driver/mobile"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"
)

var (
	_ fyne.Widget   = (*Modal)(nil)
	_ fyne.Tappable = (*Modal)(nil)
)

// Modal is a card over the window; what is below cannot be reached until it
// closes. It follows the window's size and scrolls where it is too tall.
type Modal struct {
	widget.BaseWidget
	Content  fyne.CanvasObject
	Width    float32 // at most
	OnEscape func()  // Esc, Android's back key; it should Close

	canvas fyne.Canvas
	keys   func(*fyne.KeyEvent)
	closed bool

	shade, back *canvas.Rectangle
}

// OpenModal shows content over the window and gives first, which may be nil,
// the focus. It is closed by Close.
func OpenModal(w fyne.Window, content fyne.CanvasObject, width float32, first fyne.Focusable, escape func()) *Modal {
	m := &Modal{Content: content, Width: width, OnEscape: escape, canvas: w.Canvas()}
	m.ExtendBaseWidget(m)
	m.keys = m.canvas.OnTypedKey()
	m.canvas.SetOnTypedKey(func(e *fyne.KeyEvent) {
		if e.Name == fyne.KeyEscape || e.Name == mobile.KeyBack {
			m.Escape()
		}
	})
	m.canvas.Overlays().Add(m)
	if first != nil {
		m.canvas.Focus(first)
	}
	return m
}

// Escape leaves the modal as Esc does.
func (m *Modal) Escape() {
	if m.OnEscape != nil && !m.closed {
		m.OnEscape()
	}
}

// Close takes the modal away. Closing twice does nothing.
func (m *Modal) Close() {
	if m.closed {
		return
	}
	m.closed = true
	m.canvas.Overlays().Remove(m)
	m.canvas.SetOnTypedKey(m.keys)
}

// Tapped implements fyne.Tappable: taps beside the card go nowhere.
func (m *Modal) Tapped(*fyne.PointEvent) {}

// CreateRenderer implements fyne.Widget.
func (m *Modal) CreateRenderer() fyne.WidgetRenderer {
	m.ExtendBaseWidget(m)
	m.shade, m.back = canvas.NewRectangle(nil), surface(16)
	scroll := container.NewVScroll(Inset(2*Space, 2*Space, m.Content))
	box := container.New(&modalLayout{m: m, inner: scroll.Content}, m.shade, m.back, scroll)
	return compose(box, func() {
		m.shade.FillColor = paint(m, ColorShade)
		m.shade.Refresh()
		m.back.FillColor = paint(m, theme.ColorNameOverlayBackground)
		m.back.StrokeColor, m.back.StrokeWidth = paint(m, ColorEdge), 1
		m.back.Refresh()
	})
}

type modalLayout struct {
	m     *Modal
	inner fyne.CanvasObject
}

func (l *modalLayout) Layout(objects []fyne.CanvasObject, size fyne.Size) {
	objects[0].Move(fyne.NewPos(0, 0))
	objects[0].Resize(size)
	// A margin that a small phone gives up for content that needs the width.
	w := min(l.m.Width, max(size.Width-4*Space, min(l.inner.MinSize().Width, size.Width-Space)))
	h := min(heightFor(l.inner, w), size.Height-Space)
	at := fyne.NewPos((size.Width-w)/2, (size.Height-h)/2)
	for _, o := range objects[1:] {
		o.Move(at)
		o.Resize(fyne.NewSize(w, h))
	}
	objects[2].Refresh()
}

func (l *modalLayout) MinSize([]fyne.CanvasObject) fyne.Size { return fyne.Size{} }
