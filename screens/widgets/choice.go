package widgets

import (
	"image/color"
	"slices"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"
)

var (
	_ fyne.Widget     = (*Choice)(nil)
	_ fyne.Accessible = (*Choice)(nil)
)

// Choice is a field that opens a list of which one thing is chosen. Enter
// opens it as Space does.
type Choice struct {
	widget.Select
	Label string // what a screen reader says

	focused bool
}

// NewChoice makes a field in which nothing is chosen.
func NewChoice(label string, options []string, changed func(option string)) *Choice {
	c := &Choice{Label: label}
	c.Options, c.OnChanged = options, changed
	c.ExtendBaseWidget(c)
	return c
}

// Choose chooses an option without calling OnChanged.
func (c *Choice) Choose(option string) {
	if c.Selected != option {
		c.Selected = option
		c.Refresh()
	}
}

// AccessibilityLabel implements fyne.Accessible.
func (c *Choice) AccessibilityLabel() string { return c.Label + ", " + c.Selected }

// AccessibilityRole implements fyne.Accessible.
func (c *Choice) AccessibilityRole() fyne.AccessibleRole { return fyne.AccessibleRoleButton }

// CreateRenderer implements fyne.Widget. It draws the edge that Fyne's own field
// lacks: on a card of the same colour it would not be seen.
func (c *Choice) CreateRenderer() fyne.WidgetRenderer {
	c.ExtendBaseWidget(c)
	r := &choiceRenderer{WidgetRenderer: c.Select.CreateRenderer(), c: c, edge: surface(0)}
	r.ring = newRing(c.Theme().Size(theme.SizeNameInputRadius))
	r.colour()
	return r
}

type choiceRenderer struct {
	fyne.WidgetRenderer
	c          *Choice
	edge, ring *canvas.Rectangle
}

func (r *choiceRenderer) colour() {
	r.edge.FillColor, r.edge.StrokeColor, r.edge.StrokeWidth = color.Transparent, paint(r.c, theme.ColorNameInputBorder), 1
	r.edge.CornerRadius = r.c.Theme().Size(theme.SizeNameInputRadius)
}

// Layout implements fyne.WidgetRenderer.
func (r *choiceRenderer) Layout(size fyne.Size) {
	r.edge.Resize(size)
	r.ring.Resize(size)
	r.WidgetRenderer.Layout(size)
}

// Refresh implements fyne.WidgetRenderer.
func (r *choiceRenderer) Refresh() {
	r.colour()
	r.edge.Refresh()
	r.WidgetRenderer.Refresh()
	showRing(r.c, r.ring, r.c.focused && !r.c.Disabled())
}

// Objects implements fyne.WidgetRenderer.
func (r *choiceRenderer) Objects() []fyne.CanvasObject {
	return append(slices.Clone(r.WidgetRenderer.Objects()), r.edge, r.ring)
}

// MinSize implements fyne.CanvasObject.
func (c *Choice) MinSize() fyne.Size {
	c.ExtendBaseWidget(c)
	return c.Select.MinSize().Max(fyne.NewSize(Touch, Touch))
}

// FocusGained implements fyne.Focusable.
func (c *Choice) FocusGained() {
	c.focused = true
	c.Select.FocusGained()
	bringIntoSight(c)
}

// FocusLost implements fyne.Focusable.
func (c *Choice) FocusLost() {
	c.focused = false
	c.Select.FocusLost()
}

// TypedKey implements fyne.Focusable.
func (c *Choice) TypedKey(e *fyne.KeyEvent) {
	switch e.Name {
	case fyne.KeyReturn, fyne.KeyEnter:
		c.Select.TypedKey(&fyne.KeyEvent{Name: fyne.KeySpace})
	case fyne.KeySpace, fyne.KeyUp, fyne.KeyDown:
		c.Select.TypedKey(e)
	default:
		bubble(c, e)
	}
}
