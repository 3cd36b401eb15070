package widgets

import (
	"image/color"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"
)

// composite draws a widget that is made of other objects. update brings them
// in line with the widget's fields and the theme.
type composite struct {
	object fyne.CanvasObject
	update func()
}

func compose(object fyne.CanvasObject, update func()) fyne.WidgetRenderer {
	update()
	return &composite{object: object, update: update}
}

func (c *composite) Layout(size fyne.Size) {
	c.object.Move(fyne.NewPos(0, 0))
	c.object.Resize(size)
}

func (c *composite) MinSize() fyne.Size { return c.object.MinSize() }

func (c *composite) Refresh() {
	c.update()
	if box, ok := c.object.(*fyne.Container); ok && box.Layout != nil {
		box.Layout.Layout(box.Objects, box.Size())
	}
	canvas.Refresh(c.object)
}

func (c *composite) Objects() []fyne.CanvasObject { return []fyne.CanvasObject{c.object} }
func (c *composite) Destroy()                     {}

// tapBase is what our own controls have in common: pointer, keyboard focus,
// Space and Enter.
type tapBase struct {
	widget.BaseWidget
	hovered, focused bool
	disabled         bool
	tap              func()
	self             fyne.CanvasObject
}

// ExtendBaseWidget remembers the control itself, to find its window by.
func (b *tapBase) ExtendBaseWidget(w fyne.Widget) {
	b.self = w
	b.BaseWidget.ExtendBaseWidget(w)
}

var (
	_ fyne.Tappable      = (*tapBase)(nil)
	_ fyne.Focusable     = (*tapBase)(nil)
	_ fyne.Disableable   = (*tapBase)(nil)
	_ desktop.Hoverable  = (*tapBase)(nil)
	_ desktop.Cursorable = (*tapBase)(nil)
)

// Tapped implements fyne.Tappable.
func (b *tapBase) Tapped(*fyne.PointEvent) { b.do() }

func (b *tapBase) do() {
	if b.tap != nil && !b.disabled {
		b.tap()
	}
}

// MouseIn implements desktop.Hoverable.
func (b *tapBase) MouseIn(*desktop.MouseEvent) {
	b.hovered = true
	b.Refresh()
}

// MouseMoved implements desktop.Hoverable.
func (b *tapBase) MouseMoved(*desktop.MouseEvent) {}

// MouseOut implements desktop.Hoverable.
func (b *tapBase) MouseOut() {
	b.hovered = false
	b.Refresh()
}

// Cursor implements desktop.Cursorable.
func (b *tapBase) Cursor() desktop.Cursor {
	if b.disabled {
		return desktop.DefaultCursor
	}
	return desktop.PointerCursor
}

// FocusGained implements fyne.Focusable.
func (b *tapBase) FocusGained() {
	b.focused = true
	b.Refresh()
	bringIntoSight(b.self)
}

// FocusLost implements fyne.Focusable.
func (b *tapBase) FocusLost() {
	b.focused = false
	b.Refresh()
}

// TypedRune implements fyne.Focusable.
func (b *tapBase) TypedRune(rune) {}

// TypedKey implements fyne.Focusable.
func (b *tapBase) TypedKey(e *fyne.KeyEvent) {
	switch e.Name {
	case fyne.KeySpace, fyne.KeyReturn, fyne.KeyEnter:
		b.do()
	default:
		bubble(b.self, e)
	}
}

// Disable implements fyne.Disableable.
func (b *tapBase) Disable() { b.setDisabled(true) }

// Enable implements fyne.Disableable.
func (b *tapBase) Enable() { b.setDisabled(false) }

// Disabled implements fyne.Disableable.
func (b *tapBase) Disabled() bool { return b.disabled }

func (b *tapBase) setDisabled(off bool) {
	if b.disabled != off {
		b.disabled = off
		b.Refresh()
	}
}

// AccessibilityRole implements fyne.Accessible.
func (b *tapBase) AccessibilityRole() fyne.AccessibleRole { return fyne.AccessibleRoleButton }

// touch is the layer over a control that shows pointer and focus.
func (b *tapBase) touch(layer *canvas.Rectangle) {
	layer.FillColor, layer.StrokeColor, layer.StrokeWidth = color.Transparent, color.Transparent, 0
	if b.disabled {
		return
	}
	if b.hovered {
		layer.FillColor = paint(b, theme.ColorNameHover)
	}
	if b.focused {
		layer.StrokeColor, layer.StrokeWidth = paint(b, theme.ColorNamePrimary), 2
	}
}
