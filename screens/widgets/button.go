package widgets

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"
)

var (
	_ fyne.Widget     = (*Button)(nil)
	_ fyne.Accessible = (*Button)(nil)
	_ fyne.Widget     = (*PrimaryButton)(nil)
	_ fyne.Widget     = (*IconButton)(nil)
	_ fyne.Accessible = (*IconButton)(nil)
	_ fyne.Widget     = (*AddButton)(nil)
	_ fyne.Accessible = (*AddButton)(nil)
)

// Button is Fyne's button that Enter presses too, and whose words go on in a
// further line where it is narrower than they are.
type Button struct {
	widget.Button
	Spoken  string // what a screen reader says where the words alone do not tell; may be empty
	giving  bool   // asks for no more than its Narrowest width: it is stretched anyway
	focused bool
}

// NewButton makes a button of ordinary weight; icon is one of our icon names
// or empty.
func NewButton(label, icon string, tapped func()) *Button {
	b := &Button{Button: widget.Button{Text: label, Icon: iconOrNil(icon), OnTapped: tapped}}
	b.ExtendBaseWidget(b)
	return b
}

// NewQuietButton makes a button that is only words until it is pointed at.
func NewQuietButton(label, icon string, tapped func()) *Button {
	b := NewButton(label, icon, tapped)
	b.Importance = widget.LowImportance
	return b
}

// NewDangerButton makes a button for what cannot be undone.
func NewDangerButton(label, icon string, tapped func()) *Button {
	b := NewButton(label, icon, tapped)
	b.Importance = widget.DangerImportance
	return b
}

func iconOrNil(name string) fyne.Resource {
	if name == "" {
		return nil
	}
	return Icon(name)
}

// AccessibilityLabel implements fyne.Accessible.
func (b *Button) AccessibilityLabel() string {
	if b.Spoken != "" {
		return b.Spoken
	}
	return b.Button.AccessibilityLabel()
}

// MinSize implements fyne.CanvasObject. A short word such as OK gets a button
// that can be hit.
func (b *Button) MinSize() fyne.Size {
	b.ExtendBaseWidget(b)
	return b.Button.MinSize().Max(fyne.NewSize(72, Touch))
}

// FocusGained implements fyne.Focusable.
func (b *Button) FocusGained() {
	b.focused = true
	b.Button.FocusGained()
	bringIntoSight(b)
}

// FocusLost implements fyne.Focusable.
func (b *Button) FocusLost() {
	b.focused = false
	b.Button.FocusLost()
}

// TypedKey implements fyne.Focusable.
func (b *Button) TypedKey(e *fyne.KeyEvent) {
	switch e.Name {
	case fyne.KeyReturn, fyne.KeyEnter, fyne.KeySpace:
		b.press()
	default:
		bubble(b, e)
	}
}

// press is a tap by the keyboard. At a tap Fyne's button gives up the focus,
// and with it the place from which Tab goes on.
func (b *Button) press() {
	if b.OnTapped != nil && !b.Disabled() {
		b.OnTapped()
	}
}

// PrimaryButton is the one button of a screen, at its bottom, over the full
// width. Where it cannot be used it says why.
type PrimaryButton struct {
	widget.BaseWidget
	Text     string
	Icon     string // one of our icon names; none when empty
	Reason   string // why it cannot be used; empty when it can
	OnTapped func()

	off    bool
	reason *Text
	button *Button
}

// NewPrimaryButton makes the button.
func NewPrimaryButton(text, icon string, tapped func()) *PrimaryButton {
	p := &PrimaryButton{Text: text, Icon: icon, OnTapped: tapped}
	p.ExtendBaseWidget(p)
	return p
}

// SetText changes label and icon.
func (p *PrimaryButton) SetText(text, icon string) {
	if p.Text != text || p.Icon != icon {
		p.Text, p.Icon = text, icon
		p.Refresh()
	}
}

// SetReason disables the button and says why; an empty reason enables it.
func (p *PrimaryButton) SetReason(reason string) {
	if p.Reason != reason {
		p.Reason = reason
		p.Refresh()
	}
}

// Disable greys the button out for a moment, without a reason (while it works).
func (p *PrimaryButton) Disable() { p.setOff(true) }

// Enable ends Disable.
func (p *PrimaryButton) Enable() { p.setOff(false) }

// Disabled reports whether a tap does nothing.
func (p *PrimaryButton) Disabled() bool { return p.off || p.Reason != "" }

func (p *PrimaryButton) setOff(off bool) {
	if p.off != off {
		p.off = off
		p.Refresh()
	}
}

// Tapped presses the button.
func (p *PrimaryButton) Tapped(*fyne.PointEvent) {
	if p.OnTapped != nil && !p.Disabled() {
		p.OnTapped()
	}
}

// AccessibilityLabel implements fyne.Accessible.
func (p *PrimaryButton) AccessibilityLabel() string {
	if p.Reason != "" {
		return p.Text + ". " + p.Reason
	}
	return p.Text
}

// AccessibilityRole implements fyne.Accessible.
func (p *PrimaryButton) AccessibilityRole() fyne.AccessibleRole { return fyne.AccessibleRoleButton }

// Inside is the button itself, as soon as it was drawn.
func (p *PrimaryButton) Inside() fyne.CanvasObject {
	if p.button == nil {
		return nil
	}
	return p.button
}

// MinSize implements fyne.CanvasObject.
func (p *PrimaryButton) MinSize() fyne.Size {
	p.ExtendBaseWidget(p)
	return p.BaseWidget.MinSize()
}

// CreateRenderer implements fyne.Widget.
func (p *PrimaryButton) CreateRenderer() fyne.WidgetRenderer {
	p.ExtendBaseWidget(p)
	p.reason = NewCaption("")
	p.reason.Align = fyne.TextAlignCenter
	p.button = NewButton("", "", func() { p.Tapped(nil) })
	p.button.Importance, p.button.giving = widget.HighImportance, true
	return compose(ColumnGap(6, p.reason, AtLeast(0, 48, p.button)), p.update)
}

func (p *PrimaryButton) update() {
	p.reason.Hidden = p.Reason == ""
	p.reason.SetText(p.Reason)
	p.button.Text, p.button.Icon = p.Text, iconOrNil(p.Icon)
	if p.Disabled() {
		p.button.Disable()
	} else {
		p.button.Enable()
	}
	p.button.Refresh()
}

// IconButton is a round button that is only an icon; Label says what it does.
type IconButton struct {
	tapBase
	Icon     string
	Label    string
	OnTapped func()

	image *glyph
	layer *canvas.Rectangle
}

// NewIconButton makes the button.
func NewIconButton(icon, label string, tapped func()) *IconButton {
	b := &IconButton{Icon: icon, Label: label, OnTapped: tapped}
	b.ExtendBaseWidget(b)
	return b
}

// SetIcon changes icon and label.
func (b *IconButton) SetIcon(icon, label string) {
	if b.Icon != icon || b.Label != label {
		b.Icon, b.Label = icon, label
		b.Refresh()
	}
}

// AccessibilityLabel implements fyne.Accessible.
func (b *IconButton) AccessibilityLabel() string { return b.Label }

// MinSize implements fyne.CanvasObject.
func (b *IconButton) MinSize() fyne.Size {
	b.ExtendBaseWidget(b)
	return b.BaseWidget.MinSize()
}

// CreateRenderer implements fyne.Widget.
func (b *IconButton) CreateRenderer() fyne.WidgetRenderer {
	b.ExtendBaseWidget(b)
	b.tap = func() {
		if b.OnTapped != nil {
			b.OnTapped()
		}
	}
	b.image = newGlyph(22)
	b.layer = surface(canvas.RadiusMaximum)
	return compose(AtLeast(Touch, Touch, container.NewStack(b.layer, container.NewCenter(b.image))), b.update)
}

func (b *IconButton) update() {
	c := theme.ColorNameForeground
	if b.disabled {
		c = theme.ColorNameDisabled
	}
	b.image.show(b.Icon, c)
	b.touch(b.layer)
	b.layer.Refresh()
}

// AddButton is the round + at the bottom of a list.
type AddButton struct {
	tapBase
	Label    string // what a screen reader says
	OnTapped func()

	disc, layer, ring *canvas.Rectangle
	image             *glyph
}

// NewAddButton makes the button.
func NewAddButton(label string, tapped func()) *AddButton {
	b := &AddButton{Label: label, OnTapped: tapped}
	b.ExtendBaseWidget(b)
	return b
}

// AccessibilityLabel implements fyne.Accessible.
func (b *AddButton) AccessibilityLabel() string { return b.Label }

// MinSize implements fyne.CanvasObject.
func (b *AddButton) MinSize() fyne.Size {
	b.ExtendBaseWidget(b)
	return b.BaseWidget.MinSize()
}

// CreateRenderer implements fyne.Widget.
func (b *AddButton) CreateRenderer() fyne.WidgetRenderer {
	b.ExtendBaseWidget(b)
	b.tap = func() {
		if b.OnTapped != nil {
			b.OnTapped()
		}
	}
	b.disc, b.layer = surface(canvas.RadiusMaximum), surface(canvas.RadiusMaximum)
	b.ring = newRing(canvas.RadiusMaximum)
	b.image = newGlyph(26)
	disc := container.NewStack(b.disc, b.layer, container.NewCenter(b.image))
	return compose(AtLeast(56, 56, container.New(ringLayout{}, disc, b.ring)), b.update)
}

func (b *AddButton) update() {
	fill, on := theme.ColorNamePrimary, theme.ColorNameForegroundOnPrimary
	if b.disabled {
		fill, on = theme.ColorNameDisabledButton, theme.ColorNameDisabled
	}
	b.disc.FillColor = paint(b, fill)
	b.disc.Shadow = canvas.Shadow{Color: paint(b, theme.ColorNameShadow), BlurRadius: 8, Offset: fyne.NewPos(0, 2)}
	b.disc.Refresh()
	b.image.show(IconAdd, on)
	b.touch(b.layer)
	b.layer.StrokeWidth = 0 // the accent would not show on itself
	b.layer.Refresh()
	showRing(b, b.ring, b.focused && !b.disabled)
}
