package widgets

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"
)

var (
	_ fyne.Widget     = (*Banner)(nil)
	_ fyne.Accessible = (*Banner)(nil)
)

// Banner is a bar over the full width that says something about everything
// below it: that the list is an older copy, that the data is made up.
type Banner struct {
	widget.BaseWidget
	Text        string
	Tone        Tone
	Icon        string // one of our icon names; none when empty
	ActionLabel string // no button when empty
	OnAction    func()
	Round       bool // as a card, for a banner within a page

	back   *canvas.Rectangle
	icon   *glyph
	words  *Text
	action *linkButton
}

// Inside is its button, as soon as it was drawn.
func (b *Banner) Inside() fyne.CanvasObject {
	if b.action == nil {
		return nil
	}
	return b.action
}

// NewBanner makes a banner.
func NewBanner(text string, tone Tone, icon string) *Banner {
	b := &Banner{Text: text, Tone: tone, Icon: icon}
	b.ExtendBaseWidget(b)
	return b
}

// SetText shows other words.
func (b *Banner) SetText(text string) {
	if b.Text != text {
		b.Text = text
		b.Refresh()
	}
}

// SetAction offers a button; none when the label is empty.
func (b *Banner) SetAction(label string, do func()) {
	b.OnAction = do
	if b.ActionLabel != label {
		b.ActionLabel = label
		b.Refresh()
	}
}

// AccessibilityLabel implements fyne.Accessible.
func (b *Banner) AccessibilityLabel() string { return b.Text }

// AccessibilityRole implements fyne.Accessible.
func (b *Banner) AccessibilityRole() fyne.AccessibleRole { return fyne.AccessibleRoleContainer }

// MinSize implements fyne.CanvasObject.
func (b *Banner) MinSize() fyne.Size {
	b.ExtendBaseWidget(b)
	return b.BaseWidget.MinSize()
}

// CreateRenderer implements fyne.Widget.
func (b *Banner) CreateRenderer() fyne.WidgetRenderer {
	b.ExtendBaseWidget(b)
	b.back = surface(0)
	b.icon = newGlyph(20)
	b.words = &Text{}
	b.action = newLinkButton(func() { call(b.OnAction) })
	row := container.New(&rowLayout{gap: 10, stretch: 1, yields: true}, b.icon, b.words, b.action)
	return compose(AtLeast(0, Touch, container.NewStack(b.back, Inset(2*Space, 6, row))), b.update)
}

func (b *Banner) update() {
	text := textOf(b.Tone)
	b.back.FillColor, b.back.CornerRadius = paint(b, fillOf(b.Tone)), 0
	if b.Round {
		b.back.CornerRadius = RadiusCard
	}
	b.back.Refresh()
	b.icon.show(b.Icon, text)
	b.words.SizeName, b.words.ColorName, b.words.Text = theme.SizeNameCaptionText, text, b.Text
	b.words.Refresh()
	b.action.Hidden = b.ActionLabel == ""
	b.action.set(b.ActionLabel, text)
}

// linkButton is a button of words in the colour of what it stands on.
type linkButton struct {
	tapBase
	text  string
	color fyne.ThemeColorName

	words *Text
	layer *canvas.Rectangle
}

var _ fyne.Accessible = (*linkButton)(nil)

func newLinkButton(tapped func()) *linkButton {
	l := &linkButton{}
	l.tap = tapped
	l.ExtendBaseWidget(l)
	return l
}

func (l *linkButton) set(text string, c fyne.ThemeColorName) {
	if l.text != text || l.color != c {
		l.text, l.color = text, c
	}
	l.Refresh()
}

// AccessibilityLabel implements fyne.Accessible.
func (l *linkButton) AccessibilityLabel() string { return l.text }

// CreateRenderer implements fyne.Widget.
func (l *linkButton) CreateRenderer() fyne.WidgetRenderer {
	l.words = &Text{Bold: true, Fixed: true, SizeName: theme.SizeNameCaptionText, Align: fyne.TextAlignCenter}
	l.layer = surface(8)
	row := container.New(&rowLayout{stretch: 0}, l.words)
	return compose(AtLeast(Touch, Touch, container.NewStack(l.layer, Inset(10, 0, row))), func() {
		l.words.Text, l.words.ColorName = l.text, l.color
		l.words.Refresh()
		l.touch(l.layer)
		if l.focused {
			l.layer.StrokeColor = paint(l, orColor(l.color, theme.ColorNameForeground))
		}
		l.layer.Refresh()
	})
}
