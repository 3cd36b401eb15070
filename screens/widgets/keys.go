package widgets

import (
	"fyne.io/fyne/v2"
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

// List is Fyne's list that passes Esc and function keys on to the window.
type List struct{ widget.List }

// NewList makes a list of rows that are all as tall as the one create makes.
func NewList(length func() int, create func() fyne.CanvasObject, update func(int, fyne.CanvasObject)) *List {
	l := &List{widget.List{Length: length, CreateItem: create, UpdateItem: update, HideSeparators: true}}
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

// TypedKey implements fyne.Focusable.
func (l *List) TypedKey(e *fyne.KeyEvent) {
	switch e.Name {
	case fyne.KeyUp, fyne.KeyDown, fyne.KeyLeft, fyne.KeyRight, fyne.KeySpace:
		l.List.TypedKey(e)
	case fyne.KeyReturn, fyne.KeyEnter:
		l.List.TypedKey(&fyne.KeyEvent{Name: fyne.KeySpace})
	default:
		bubble(l, e)
	}
}
