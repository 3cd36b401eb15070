package widgets

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"
)

// bubble hands a key that a focused control has no use for to its window, as
// if nothing were focused. Fyne drops such keys, and Esc would do nothing after
// a button was tapped.
func bubble(o fyne.CanvasObject, e *fyne.KeyEvent) {
	if c := fyne.CurrentApp().Driver().CanvasForObject(o); c != nil && c.OnTypedKey() != nil {
		c.OnTypedKey()(e)
	}
}

// bubbleShortcut hands a shortcut to the window of o.
func bubbleShortcut(o fyne.CanvasObject, s fyne.Shortcut) {
	if c, ok := fyne.CurrentApp().Driver().CanvasForObject(o).(fyne.Shortcutable); ok {
		c.TypedShortcut(s)
	}
}

// List is Fyne's list that passes Esc and function keys on to the window, and
// draws a ring around the row that the keyboard is at.
type List struct {
	widget.List
	pressed bool // a row is just being chosen by the keyboard
	focused bool
	at      int // the row that the keyboard is at, as Fyne's list has it
}

// NewList makes a list of rows that are all as tall as the one create makes.
func NewList(length func() int, create func() fyne.CanvasObject, update func(int, fyne.CanvasObject)) *List {
	l := &List{List: widget.List{Length: length, HideSeparators: true}}
	l.CreateItem = func() fyne.CanvasObject {
		return container.NewStack(create(), newRing(l.Theme().Size(theme.SizeNameSelectionRadius)))
	}
	l.UpdateItem = func(i int, o fyne.CanvasObject) {
		parts := o.(*fyne.Container).Objects
		update(i, parts[0])
		showRing(l, parts[1].(*canvas.Rectangle), l.focused && i == l.at)
	}
	l.ExtendBaseWidget(l)
	return l
}

// ScrollToTop shows the first row, also of a list that was not seen yet: Fyne's
// own takes for granted that it was.
func (l *List) ScrollToTop() {
	if !l.Size().IsZero() {
		l.List.ScrollToTop()
	}
}

// CreateRenderer implements fyne.Widget.
func (l *List) CreateRenderer() fyne.WidgetRenderer {
	l.ExtendBaseWidget(l)
	chosen := l.OnSelected
	l.OnSelected = func(i int) {
		l.moveTo(i)
		if chosen != nil {
			chosen(i)
		}
	}
	return l.List.CreateRenderer()
}

// Pressed reports whether a row is just being chosen by the keyboard, not by
// the pointer.
func (l *List) Pressed() bool { return l.pressed }

// moveTo draws the ring around another row.
func (l *List) moveTo(i int) {
	if before := l.at; before != i {
		l.at = i
		l.RefreshItem(before)
		l.RefreshItem(i)
	}
}

// FocusGained implements fyne.Focusable.
func (l *List) FocusGained() {
	l.focused = true
	l.List.FocusGained()
	l.RefreshItem(l.at)
}

// FocusLost implements fyne.Focusable.
func (l *List) FocusLost() {
	l.focused = false
	l.List.FocusLost()
	l.RefreshItem(l.at)
}

// TypedKey implements fyne.Focusable.
func (l *List) TypedKey(e *fyne.KeyEvent) {
	switch e.Name {
	case fyne.KeyUp, fyne.KeyDown, fyne.KeyLeft, fyne.KeyRight:
		highlighted := l.OnHighlighted // of the pointer, too; here it is the key's
		l.OnHighlighted = l.moveTo
		l.List.TypedKey(e)
		l.OnHighlighted = highlighted
	case fyne.KeyReturn, fyne.KeyEnter, fyne.KeySpace:
		l.pressed = true
		l.List.TypedKey(&fyne.KeyEvent{Name: fyne.KeySpace})
		l.pressed = false
	default:
		bubble(l, e)
	}
}
