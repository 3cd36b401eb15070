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

// List is Fyne's list that passes Esc and function keys on to the window, draws
// a ring around the row that the keyboard is at, and knows more keys: Enter,
// Page Up and Page Down, Home and End.
type List struct {
	widget.List
	Reach   func() int // so many rows the keyboard goes to; nil: all
	pressed bool       // a row is just being chosen by the keyboard
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

// goTo brings the keyboard to another row, or to the nearest one there is. From
// the last one it shows all that is below, too.
func (l *List) goTo(i int) {
	reach := l.Length()
	if l.Reach != nil {
		reach = min(reach, l.Reach())
	}
	if reach == 0 {
		return
	}
	i = min(max(i, 0), reach-1)
	highlighted := l.OnHighlighted // of the pointer, too; here it is the key's
	l.OnHighlighted = l.moveTo
	l.Highlight(i)
	l.OnHighlighted = highlighted
	if i == reach-1 {
		l.ScrollToBottom()
	}
}

// page is how many rows a page leads on: as many as are seen whole, less one.
func (l *List) page() int {
	row := l.CreateItem().MinSize().Height + l.Theme().Size(theme.SizeNamePadding)
	return max(int(l.Size().Height/row)-1, 1)
}

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
	case fyne.KeyUp:
		l.goTo(l.at - 1)
	case fyne.KeyDown:
		l.goTo(l.at + 1)
	case fyne.KeyPageUp:
		l.goTo(l.at - l.page())
	case fyne.KeyPageDown:
		l.goTo(l.at + l.page())
	case fyne.KeyHome:
		l.goTo(0)
	case fyne.KeyEnd:
		l.goTo(l.Length())
	case fyne.KeyReturn, fyne.KeyEnter, fyne.KeySpace:
		l.pressed = true
		l.List.TypedKey(&fyne.KeyEvent{Name: fyne.KeySpace})
		l.pressed = false
	default:
		bubble(l, e)
	}
}
