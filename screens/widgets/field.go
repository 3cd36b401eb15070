package widgets

import (
	"slices"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/driver/mobile"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"
)

var (
	_ fyne.Widget     = (*Field)(nil)
	_ fyne.Accessible = (*Field)(nil)
	_ fyne.Accessible = (*FieldBox)(nil)
)

// Field is one line that can be typed into. Esc leaves it, so that a second
// Esc reaches the screen.
type Field struct {
	widget.Entry
	Label string // what a screen reader says

	focused bool
}

// NewField makes an empty field.
func NewField(label, placeholder string) *Field {
	f := &Field{Label: label}
	f.Wrapping = fyne.TextWrap(fyne.TextTruncateClip)
	f.PlaceHolder = placeholder
	f.ExtendBaseWidget(f)
	return f
}

// NewPasswordField makes a field that shows dots.
func NewPasswordField(label, placeholder string) *Field {
	f := &Field{Label: label}
	f.Wrapping = fyne.TextWrap(fyne.TextTruncateClip)
	f.Password = true
	f.PlaceHolder = placeholder
	f.ExtendBaseWidget(f)
	return f
}

// AccessibilityLabel implements fyne.Accessible.
func (f *Field) AccessibilityLabel() string { return f.Label }

// AccessibilityRole implements fyne.Accessible. Fyne has no role for a field
// of text yet; text is the nearest.
func (f *Field) AccessibilityRole() fyne.AccessibleRole { return fyne.AccessibleRoleText }

// FocusGained implements fyne.Focusable.
func (f *Field) FocusGained() {
	f.focused = true
	f.Entry.FocusGained()
	bringIntoSight(f)
}

// FocusLost implements fyne.Focusable.
func (f *Field) FocusLost() {
	f.focused = false
	f.Entry.FocusLost()
}

// CreateRenderer implements fyne.Widget.
func (f *Field) CreateRenderer() fyne.WidgetRenderer {
	f.ExtendBaseWidget(f)
	r := &fieldRenderer{WidgetRenderer: f.Entry.CreateRenderer(), f: f}
	r.ring = newRing(f.Theme().Size(theme.SizeNameInputRadius))
	return r
}

// fieldRenderer draws Fyne's entry, and over its thin border the ring.
type fieldRenderer struct {
	fyne.WidgetRenderer
	f    *Field
	ring *canvas.Rectangle
}

// Layout implements fyne.WidgetRenderer.
func (r *fieldRenderer) Layout(size fyne.Size) {
	r.WidgetRenderer.Layout(size)
	r.ring.Resize(size)
}

// Objects implements fyne.WidgetRenderer.
func (r *fieldRenderer) Objects() []fyne.CanvasObject {
	return append(slices.Clone(r.WidgetRenderer.Objects()), r.ring)
}

// Refresh implements fyne.WidgetRenderer.
func (r *fieldRenderer) Refresh() {
	r.WidgetRenderer.Refresh()
	showRing(r.f, r.ring, r.f.focused && !r.f.Disabled())
}

// TypedKey implements fyne.Focusable.
func (f *Field) TypedKey(e *fyne.KeyEvent) {
	switch e.Name {
	case fyne.KeyEscape:
		if c := fyne.CurrentApp().Driver().CanvasForObject(f); c != nil {
			c.Unfocus()
		}
	case fyne.KeyF5, mobile.KeyBack:
		bubble(f, e)
	default:
		f.Entry.TypedKey(e)
	}
}

// TypedShortcut implements fyne.Shortcutable. The window's own shortcuts work
// while the field has the focus.
func (f *Field) TypedShortcut(s fyne.Shortcut) {
	if _, ours := s.(*desktop.CustomShortcut); ours && !f.editing(s) {
		bubbleShortcut(f, s)
		return
	}
	f.Entry.TypedShortcut(s)
}

// editing reports whether the shortcut moves the cursor by words, which is the
// entry's own business.
func (f *Field) editing(s fyne.Shortcut) bool {
	c := s.(*desktop.CustomShortcut)
	return c.KeyName == fyne.KeyLeft || c.KeyName == fyne.KeyRight
}

// FieldBox is a label above something to fill in, and beside it the reason why
// what stands there cannot be used (requirement I8).
type FieldBox struct {
	widget.BaseWidget
	Label   string
	Content fyne.CanvasObject
	Problem string
	Hint    string // what helps to fill it in; hidden by a problem

	label, note *Text
}

// Inside is what is filled in.
func (b *FieldBox) Inside() fyne.CanvasObject { return b.Content }

// NewFieldBox makes the box.
func NewFieldBox(label string, content fyne.CanvasObject) *FieldBox {
	b := &FieldBox{Label: label, Content: content}
	b.ExtendBaseWidget(b)
	return b
}

// SetProblem shows why the content cannot be used; empty when it can.
func (b *FieldBox) SetProblem(problem string) {
	if b.Problem != problem {
		b.Problem = problem
		b.Refresh()
	}
}

// SetHint shows what helps to fill it in.
func (b *FieldBox) SetHint(hint string) {
	if b.Hint != hint {
		b.Hint = hint
		b.Refresh()
	}
}

// AccessibilityLabel implements fyne.Accessible.
func (b *FieldBox) AccessibilityLabel() string {
	if b.Problem != "" {
		return b.Label + ". " + b.Problem
	}
	return b.Label
}

// AccessibilityRole implements fyne.Accessible.
func (b *FieldBox) AccessibilityRole() fyne.AccessibleRole { return fyne.AccessibleRoleContainer }

// MinSize implements fyne.CanvasObject.
func (b *FieldBox) MinSize() fyne.Size {
	b.ExtendBaseWidget(b)
	return b.BaseWidget.MinSize()
}

// CreateRenderer implements fyne.Widget.
func (b *FieldBox) CreateRenderer() fyne.WidgetRenderer {
	b.ExtendBaseWidget(b)
	b.label, b.note = NewCaption(""), NewCaption("")
	b.label.Bold = true
	return compose(ColumnGap(5, b.label, b.Content, b.note), b.update)
}

func (b *FieldBox) update() {
	b.label.SetText(b.Label)
	b.label.Hidden = b.Label == ""
	words, c := b.Hint, ColorMuted
	if b.Problem != "" {
		words, c = b.Problem, textOf(Bad)
	}
	b.note.Hidden = words == ""
	b.note.SetColor(c)
	b.note.SetText(words)
}
