package widgets

import (
	"image/color"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/widget"
)

var (
	_ fyne.Widget     = (*Card)(nil)
	_ fyne.Widget     = (*TapCard)(nil)
	_ fyne.Accessible = (*TapCard)(nil)
)

// Card is a surface with round corners on the ground.
type Card struct {
	widget.BaseWidget
	Content fyne.CanvasObject
	Tone    Tone // Neutral: the plain surface; otherwise tinted
	Flush   bool // without padding

	back *canvas.Rectangle
}

// NewCard makes a card around content.
func NewCard(content fyne.CanvasObject) *Card {
	c := &Card{Content: content}
	c.ExtendBaseWidget(c)
	return c
}

// MinSize implements fyne.CanvasObject.
func (c *Card) MinSize() fyne.Size {
	c.ExtendBaseWidget(c)
	return c.BaseWidget.MinSize()
}

// CreateRenderer implements fyne.Widget.
func (c *Card) CreateRenderer() fyne.WidgetRenderer {
	c.ExtendBaseWidget(c)
	c.back = surface(RadiusCard)
	return compose(container.NewStack(c.back, padded(c.Content, c.Flush)), func() { paintCard(c, c.back, c.Tone) })
}

func padded(content fyne.CanvasObject, flush bool) fyne.CanvasObject {
	if flush {
		return content
	}
	return Inset(2*Space, 12, content)
}

func paintCard(w interface{ Theme() fyne.Theme }, back *canvas.Rectangle, tone Tone) {
	back.FillColor, back.StrokeColor, back.StrokeWidth = paint(w, ColorSurface), paint(w, ColorEdge), 1
	if tone != Neutral {
		back.FillColor, back.StrokeColor, back.StrokeWidth = paint(w, fillOf(tone)), color.Transparent, 0
	}
	back.Refresh()
}

// TapCard is a card that leads somewhere: it can be tapped, focused and
// pressed with Space or Enter.
type TapCard struct {
	tapBase
	Content  fyne.CanvasObject
	Label    string // what a screen reader says
	Selected bool   // drawn as the chosen one
	Flush    bool   // without padding
	OnTapped func()

	back, layer *canvas.Rectangle
}

// NewTapCard makes a card that calls tapped.
func NewTapCard(label string, content fyne.CanvasObject, tapped func()) *TapCard {
	c := &TapCard{Label: label, Content: content, OnTapped: tapped}
	c.ExtendBaseWidget(c)
	return c
}

// SetLabel changes what a screen reader says.
func (c *TapCard) SetLabel(label string) { c.Label = label }

// SetSelected draws the card as the chosen one, or not.
func (c *TapCard) SetSelected(on bool) {
	if c.Selected != on {
		c.Selected = on
		c.Refresh()
	}
}

// AccessibilityLabel implements fyne.Accessible.
func (c *TapCard) AccessibilityLabel() string { return c.Label }

// MinSize implements fyne.CanvasObject.
func (c *TapCard) MinSize() fyne.Size {
	c.ExtendBaseWidget(c)
	return c.BaseWidget.MinSize()
}

// CreateRenderer implements fyne.Widget.
func (c *TapCard) CreateRenderer() fyne.WidgetRenderer {
	c.ExtendBaseWidget(c)
	c.tap = func() {
		if c.OnTapped != nil {
			c.OnTapped()
		}
	}
	c.back, c.layer = surface(RadiusCard), surface(RadiusCard)
	return compose(container.NewStack(c.back, c.layer, padded(c.Content, c.Flush)), c.update)
}

func (c *TapCard) update() {
	paintCard(c, c.back, Neutral)
	if c.Selected {
		paintCard(c, c.back, Info)
	}
	c.touch(c.layer)
	c.layer.Refresh()
}
