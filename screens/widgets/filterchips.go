package widgets

import (
	"image/color"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"connectbackup/screens/lang"
)

var (
	_ fyne.Widget     = (*FilterChips)(nil)
	_ fyne.Widget     = (*ChoiceChip)(nil)
	_ fyne.Accessible = (*ChoiceChip)(nil)
)

// FilterChips are pills of which one is chosen. They go on in a further line
// where the width ends.
type FilterChips struct {
	widget.BaseWidget
	Options  []string
	Selected int
	OnSelect func(index int)

	chips []*ChoiceChip
	flow  *fyne.Container
}

// NewFilterChips makes pills with the first one chosen.
func NewFilterChips(options []string, selected func(index int)) *FilterChips {
	f := &FilterChips{Options: options, OnSelect: selected}
	f.ExtendBaseWidget(f)
	return f
}

// Inside are the pills, as soon as they were drawn.
func (f *FilterChips) Inside() fyne.CanvasObject {
	if f.flow == nil {
		return nil
	}
	return f.flow
}

// SetSelected chooses a pill without calling OnSelect.
func (f *FilterChips) SetSelected(index int) {
	if f.Selected == index || index < 0 || index >= len(f.Options) {
		return
	}
	f.Selected = index
	for i, c := range f.chips {
		c.SetSelected(i == index)
	}
}

// MinSize implements fyne.CanvasObject.
func (f *FilterChips) MinSize() fyne.Size {
	f.ExtendBaseWidget(f)
	return f.BaseWidget.MinSize()
}

// CreateRenderer implements fyne.Widget.
func (f *FilterChips) CreateRenderer() fyne.WidgetRenderer {
	f.ExtendBaseWidget(f)
	f.flow = Pills()
	for i, option := range f.Options {
		c := NewChoiceChip(option, func() { f.choose(i) })
		c.Selected = i == f.Selected
		f.chips = append(f.chips, c)
		f.flow.Add(c)
	}
	return compose(f.flow, func() {})
}

func (f *FilterChips) choose(index int) {
	f.SetSelected(index)
	if f.OnSelect != nil {
		f.OnSelect(index)
	}
}

// ChoiceChip is a pill that can be tapped. It is 44 high to a finger; the pill
// in it is drawn lower.
type ChoiceChip struct {
	tapBase
	Text     string
	Selected bool
	Tick     bool // shows a tick while it is chosen: one of several that can be
	OnTapped func()

	pill, layer *canvas.Rectangle
	icon        *glyph
	words       *Text
	room        *atLeastLayout // of the words
}

// NewChoiceChip makes a pill that is not chosen.
func NewChoiceChip(text string, tapped func()) *ChoiceChip {
	c := &ChoiceChip{Text: text, OnTapped: tapped}
	c.ExtendBaseWidget(c)
	return c
}

// SetSelected draws the pill as chosen, or not.
func (c *ChoiceChip) SetSelected(on bool) {
	if c.Selected != on {
		c.Selected = on
		c.Refresh()
	}
}

// AccessibilityLabel implements fyne.Accessible. Fyne has no state for what is
// chosen yet, so the words say it.
func (c *ChoiceChip) AccessibilityLabel() string {
	if c.Selected {
		return lang.L("{{.Name}}, chosen", map[string]any{"Name": c.Text})
	}
	return c.Text
}

// MinSize implements fyne.CanvasObject.
func (c *ChoiceChip) MinSize() fyne.Size {
	c.ExtendBaseWidget(c)
	return c.BaseWidget.MinSize()
}

// CreateRenderer implements fyne.Widget.
func (c *ChoiceChip) CreateRenderer() fyne.WidgetRenderer {
	c.ExtendBaseWidget(c)
	c.tap = func() {
		if c.OnTapped != nil {
			c.OnTapped()
		}
	}
	c.pill, c.layer = surface(canvas.RadiusMaximum), surface(canvas.RadiusMaximum)
	c.words = &Text{SizeName: theme.SizeNameCaptionText, Fixed: true, Align: fyne.TextAlignCenter}
	c.room = &atLeastLayout{}
	content := fyne.CanvasObject(container.New(c.room, c.words))
	if c.Tick {
		c.icon = newGlyph(16)
		content = container.New(&rowLayout{gap: 4, stretch: 1}, c.icon, content)
	}
	body := container.NewStack(c.pill, c.layer, Inset(8, 7, content))
	return compose(AtLeast(Touch, Touch, Inset(0, 5, body)), c.update)
}

func (c *ChoiceChip) update() {
	fill, edge, text := color.Color(color.Transparent), paint(c, theme.ColorNameInputBorder), theme.ColorNameForeground
	if c.Selected {
		fill, edge, text = paint(c, fillOf(Info)), paint(c, theme.ColorNamePrimary), textOf(Info)
	}
	c.pill.FillColor, c.pill.StrokeColor, c.pill.StrokeWidth = fill, edge, 1
	c.pill.Refresh()
	c.words.Text, c.words.ColorName, c.words.Bold = c.Text, text, c.Selected
	// Bold words are wider: with room for them nothing moves when a pill is chosen.
	c.room.min.Width = fyne.MeasureText(c.Text, c.Theme().Size(theme.SizeNameCaptionText), fyne.TextStyle{Bold: true}).Width
	c.words.Refresh()
	if c.Tick {
		c.icon.show(map[bool]string{true: IconTick}[c.Selected], text)
	}
	c.touch(c.layer)
	c.layer.Refresh()
}
