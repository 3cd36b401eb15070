package widgets

import (
	"image/color"

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
// closes. It follows the window's size and scrolls where it is too tall, also
// by keys that what has the focus has no use for.
type Modal struct {
	widget.BaseWidget
	Content  fyne.CanvasObject
	Foot     fyne.CanvasObject // stays in view below the content; may be nil
	Width    float32           // at most
	OnEscape func()            // Esc, Android's back key; it should Close

	below   fyne.CanvasObject // it stands below this, as a menu does; nil: in the middle
	padding float32           // around the content
	canvas  fyne.Canvas
	had     fyne.Focusable // what had the focus below
	keys    func(*fyne.KeyEvent)
	closed  bool

	shade, back *canvas.Rectangle
	scroll      *container.Scroll
}

// OpenModal shows content over the window and gives first, which may be nil,
// the focus. It is closed by Close.
func OpenModal(w fyne.Window, content fyne.CanvasObject, width float32, first fyne.Focusable, escape func()) *Modal {
	m := newModal(w, content, width, escape)
	m.open(first)
	return m
}

func newModal(w fyne.Window, content fyne.CanvasObject, width float32, escape func()) *Modal {
	m := &Modal{Content: content, Width: width, OnEscape: escape, padding: 2 * Space, canvas: w.Canvas()}
	m.ExtendBaseWidget(m)
	return m
}

func (m *Modal) open(first fyne.Focusable) {
	m.keys = m.canvas.OnTypedKey()
	m.canvas.SetOnTypedKey(func(e *fyne.KeyEvent) {
		if e.Name == fyne.KeyEscape || e.Name == mobile.KeyBack {
			m.Escape()
			return
		}
		ScrollByKey(m, e.Name)
	})
	// Fyne lets what is below look as if it still had the focus.
	if m.had = m.canvas.Focused(); m.had != nil {
		m.had.FocusLost()
	}
	m.canvas.Overlays().Add(m)
	if first != nil {
		m.canvas.Focus(first)
	}
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
	if m.had != nil && m.canvas.Focused() == m.had {
		m.had.FocusGained()
	}
}

// reveal scrolls to where a part of the content is seen: its place in it, and
// height. Where nothing was painted yet, as at the beginning, bringIntoSight
// would not find it.
func (m *Modal) reveal(top, height float32) {
	s := m.scroll
	if s == nil || fyne.CurrentDevice().IsMobile() {
		return
	}
	if by := intoSight(m.padding+top-s.Offset.Y, height, s.Size().Height); by != 0 {
		s.ScrollToOffset(s.Offset.AddXY(0, by))
	}
}

// Inside is what scrolls in it, as soon as it was drawn.
func (m *Modal) Inside() fyne.CanvasObject {
	if m.scroll == nil {
		return nil
	}
	return m.scroll
}

// Tapped implements fyne.Tappable: a tap beside a menu closes it; beside a
// card it goes nowhere.
func (m *Modal) Tapped(*fyne.PointEvent) {
	if m.below != nil {
		m.Escape()
	}
}

// CreateRenderer implements fyne.Widget.
func (m *Modal) CreateRenderer() fyne.WidgetRenderer {
	m.ExtendBaseWidget(m)
	m.shade, m.back = canvas.NewRectangle(nil), surface(16)
	m.scroll = container.NewVScroll(Inset(m.padding, m.padding, m.Content))
	box := container.New(&modalLayout{m: m, inner: m.scroll.Content}, m.shade, m.back, m.scroll)
	if m.Foot != nil {
		foot := Inset(m.padding, m.padding, m.Foot)
		box.Layout.(*modalLayout).foot = foot
		box.Add(foot)
	}
	return compose(box, func() {
		m.shade.FillColor = paint(m, ColorShade)
		if m.below != nil { // a menu leaves the page as it is
			m.shade.FillColor = color.Transparent
			m.back.Shadow = canvas.Shadow{Color: paint(m, theme.ColorNameShadow), BlurRadius: 12, Offset: fyne.NewPos(0, 3)}
		}
		m.shade.Refresh()
		m.back.FillColor = paint(m, theme.ColorNameOverlayBackground)
		m.back.StrokeColor, m.back.StrokeWidth = paint(m, ColorEdge), 1
		m.back.Refresh()
	})
}

// belowIt is the place of a menu: below what opened it, their right edges in
// line, and within the window.
func (m *Modal) belowIt(card, window fyne.Size) fyne.Position {
	at := fyne.CurrentApp().Driver().AbsolutePositionForObject(m.below)
	return fyne.NewPos(
		min(max(at.X+m.below.Size().Width-card.Width, Space/2), window.Width-card.Width-Space/2),
		min(max(at.Y+m.below.Size().Height, Space/2), window.Height-card.Height-Space/2),
	)
}

type modalLayout struct {
	m     *Modal
	inner fyne.CanvasObject
	foot  fyne.CanvasObject // nil: none
	room  float32           // the height of what scrolls
}

func (l *modalLayout) Layout(objects []fyne.CanvasObject, size fyne.Size) {
	objects[0].Move(fyne.NewPos(0, 0))
	objects[0].Resize(size)
	// A margin that a small phone gives up for content that needs the width.
	w := min(l.m.Width, max(size.Width-4*Space, min(l.inner.MinSize().Width, size.Width-Space)))
	needs, foot := heightFor(l.inner, w), float32(0)
	if l.foot != nil {
		foot = heightFor(l.foot, w) - l.m.padding // one distance between the two
	}
	// What does not fit anyway leaves the margin above and below.
	h := min(needs+foot, size.Height-Space)
	if h < needs+foot {
		h = size.Height - 4*Space
	}
	at := fyne.NewPos((size.Width-w)/2, (size.Height-h)/2)
	if l.m.below != nil {
		at = l.m.belowIt(fyne.NewSize(w, h), size)
	}
	objects[1].Move(at)
	objects[1].Resize(fyne.NewSize(w, h))
	objects[2].Move(at)
	objects[2].Resize(fyne.NewSize(w, h-foot))
	objects[2].Refresh()
	if h-foot < l.room {
		keepInSight(l.m.scroll)
	}
	l.room = h - foot
	if l.foot != nil {
		l.foot.Move(at.AddXY(0, h-foot-l.m.padding))
		l.foot.Resize(fyne.NewSize(w, foot+l.m.padding))
	}
}

func (l *modalLayout) MinSize([]fyne.CanvasObject) fyne.Size { return fyne.Size{} }
