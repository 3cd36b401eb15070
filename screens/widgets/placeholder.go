package widgets

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"
)

var (
	_ fyne.Widget     = (*Placeholder)(nil)
	_ fyne.Accessible = (*Placeholder)(nil)
)

// Placeholder stands where content would be: nothing there yet, nothing found,
// or it could not be had. It says which, and what to do next.
type Placeholder struct {
	widget.BaseWidget
	Icon        string // one of our icon names
	Tone        Tone
	Title       string
	Text        string
	ActionLabel string // no button when empty
	OnAction    func()

	disc        *canvas.Rectangle
	image       *glyph
	title, text *Text
	action      *Button
	holder      *fyne.Container
}

// NewPlaceholder makes a placeholder without a button.
func NewPlaceholder(icon string, tone Tone, title, text string) *Placeholder {
	p := &Placeholder{Icon: icon, Tone: tone, Title: title, Text: text}
	p.ExtendBaseWidget(p)
	return p
}

// NewLoading stands where content will be in a moment. It does not turn: what
// takes longer than a moment shows a ProgressRow.
func NewLoading(text string) *Placeholder { return NewPlaceholder(IconClock, Info, text, "") }

// Set shows other words.
func (p *Placeholder) Set(icon string, tone Tone, title, text string) {
	if p.Icon == icon && p.Tone == tone && p.Title == title && p.Text == text {
		return
	}
	p.Icon, p.Tone, p.Title, p.Text = icon, tone, title, text
	p.Refresh()
}

// SetAction offers a button; none when the label is empty.
func (p *Placeholder) SetAction(label string, do func()) {
	p.OnAction = do
	if p.ActionLabel != label {
		p.ActionLabel = label
		p.Refresh()
	}
}

// AccessibilityLabel implements fyne.Accessible.
func (p *Placeholder) AccessibilityLabel() string {
	if p.Text == "" {
		return p.Title
	}
	return p.Title + ". " + p.Text
}

// AccessibilityRole implements fyne.Accessible.
func (p *Placeholder) AccessibilityRole() fyne.AccessibleRole { return fyne.AccessibleRoleContainer }

// MinSize implements fyne.CanvasObject.
func (p *Placeholder) MinSize() fyne.Size {
	p.ExtendBaseWidget(p)
	return p.BaseWidget.MinSize()
}

// CreateRenderer implements fyne.Widget.
func (p *Placeholder) CreateRenderer() fyne.WidgetRenderer {
	p.ExtendBaseWidget(p)
	p.disc = surface(canvas.RadiusMaximum)
	p.image = newGlyph(32)
	p.title = &Text{SizeName: theme.SizeNameSubHeadingText, Bold: true, Align: fyne.TextAlignCenter}
	p.text = &Text{ColorName: ColorMuted, Align: fyne.TextAlignCenter}
	p.action = NewButton("", "", func() { call(p.OnAction) })
	badge := AtLeast(72, 72, container.NewStack(p.disc, container.NewCenter(p.image)))
	p.holder = container.NewCenter(p.action)
	column := ColumnGap(12, container.NewCenter(badge), p.title, p.text, p.holder)
	return compose(container.New(middleLayout{}, column), p.update)
}

func (p *Placeholder) update() {
	p.disc.FillColor = paint(p, fillOf(p.Tone))
	p.disc.Refresh()
	p.image.show(p.Icon, textOf(p.Tone))
	p.title.SetText(p.Title)
	p.text.Hidden = p.Text == ""
	p.text.SetText(p.Text)
	p.holder.Hidden = p.ActionLabel == ""
	p.action.SetText(p.ActionLabel)
}

// middleLayout puts a column of readable width into the middle, a little above
// the centre, where the eye looks for it.
type middleLayout struct{}

func (middleLayout) Layout(objects []fyne.CanvasObject, size fyne.Size) {
	for _, o := range objects {
		w := max(min(size.Width-4*Space, 420), 0)
		h := heightFor(o, w)
		o.Resize(fyne.NewSize(w, h))
		o.Move(fyne.NewPos((size.Width-w)/2, max((size.Height-h)*0.42, 0)))
	}
}

func (middleLayout) MinSize(objects []fyne.CanvasObject) fyne.Size {
	var size fyne.Size
	for _, o := range objects {
		size = size.Max(o.MinSize())
	}
	return size.AddWidthHeight(4*Space, 2*Space)
}
