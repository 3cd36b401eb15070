package widgets

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"
)

var (
	_ fyne.Widget     = (*Chip)(nil)
	_ fyne.Accessible = (*Chip)(nil)
)

// Chip is a pill with a small icon and a word. Its colour comes from its tone
// and never stands alone (requirement B16).
type Chip struct {
	widget.BaseWidget
	Text string
	Tone Tone
	Icon string // one of our icon names; none when empty

	pill  *canvas.Rectangle
	icon  *glyph
	words *Text
}

// NewChip makes a chip.
func NewChip(text string, tone Tone, icon string) *Chip {
	c := &Chip{Text: text, Tone: tone, Icon: icon}
	c.ExtendBaseWidget(c)
	return c
}

// Set shows another word, tone and icon.
func (c *Chip) Set(text string, tone Tone, icon string) {
	if c.Text == text && c.Tone == tone && c.Icon == icon {
		return
	}
	c.Text, c.Tone, c.Icon = text, tone, icon
	c.Refresh()
}

// AccessibilityLabel implements fyne.Accessible.
func (c *Chip) AccessibilityLabel() string { return c.Text }

// AccessibilityRole implements fyne.Accessible.
func (c *Chip) AccessibilityRole() fyne.AccessibleRole { return fyne.AccessibleRoleText }

// MinSize implements fyne.CanvasObject.
func (c *Chip) MinSize() fyne.Size {
	c.ExtendBaseWidget(c)
	return c.BaseWidget.MinSize()
}

// CreateRenderer implements fyne.Widget.
func (c *Chip) CreateRenderer() fyne.WidgetRenderer {
	c.ExtendBaseWidget(c)
	c.pill = surface(canvas.RadiusMaximum)
	c.icon = newGlyph(16)
	c.words = &Text{SizeName: theme.SizeNameCaptionText, Bold: true, Fixed: true}
	row := container.New(&rowLayout{gap: 5, stretch: -1}, c.icon, c.words)
	return compose(container.New(hugLayout{}, container.NewStack(c.pill, Inset(10, 4, row))), c.update)
}

func (c *Chip) update() {
	text := textOf(c.Tone)
	c.pill.FillColor = paint(c, fillOf(c.Tone))
	c.pill.StrokeWidth = 0
	if c.Tone == Outline {
		c.pill.StrokeColor, c.pill.StrokeWidth = paint(c, theme.ColorNameInputBorder), 1
	}
	c.pill.Refresh()
	c.icon.show(c.Icon, text)
	c.words.Text, c.words.ColorName = c.Text, text
	c.words.Refresh()
}

// hugLayout keeps an object at its least size however much room there is.
type hugLayout struct{}

func (hugLayout) Layout(objects []fyne.CanvasObject, size fyne.Size) {
	for _, o := range objects {
		m := o.MinSize()
		o.Resize(m)
		o.Move(fyne.NewPos(0, (size.Height-m.Height)/2))
	}
}

func (hugLayout) MinSize(objects []fyne.CanvasObject) fyne.Size { return objects[0].MinSize() }
