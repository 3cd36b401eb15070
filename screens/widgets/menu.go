package widgets

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"
)

var (
	_ fyne.Widget     = (*menuRow)(nil)
	_ fyne.Focusable  = (*menuRow)(nil)
	_ fyne.Accessible = (*menuRow)(nil)
)

// MenuItem is one line of a menu, or of what a Question offers beside its answers.
type MenuItem struct {
	Label  string
	Note   string // a quieter line below it; may be empty
	Icon   string // one of our icon names
	Leads  string // an icon at its end that says where it leads; may be empty
	Danger bool   // for what cannot be undone
	Reason string // why it cannot be chosen, in place of the note; empty when it can
	Do     func()
}

const menuWidth = 280

// OpenMenu shows items below the object that opens them, at its right edge. A
// tap beside it and Esc close it; the arrows move between its lines.
func OpenMenu(w fyne.Window, below fyne.CanvasObject, items []MenuItem) *Modal {
	var m *Modal
	column := ColumnGap(0)
	var first fyne.Focusable
	for _, item := range items {
		row := newMenuRow(item, func() {
			m.Close()
			call(item.Do)
		})
		if first == nil && !row.Disabled() {
			first = row
		}
		column.Add(row)
	}
	m = newModal(w, column, menuWidth, func() { m.Close() })
	m.below, m.padding = below, 6
	m.open(first)
	return m
}

// menuRow draws a MenuItem.
type menuRow struct {
	tapBase
	item MenuItem

	layer       *canvas.Rectangle
	image, lead *glyph
	label, note *Text
}

func newMenuRow(item MenuItem, tapped func()) *menuRow {
	r := &menuRow{item: item}
	r.tap, r.disabled = tapped, item.Reason != ""
	r.ExtendBaseWidget(r)
	return r
}

// TypedKey implements fyne.Focusable.
func (r *menuRow) TypedKey(e *fyne.KeyEvent) {
	c := fyne.CurrentApp().Driver().CanvasForObject(r)
	switch {
	case e.Name == fyne.KeyDown && c != nil:
		c.FocusNext()
	case e.Name == fyne.KeyUp && c != nil:
		c.FocusPrevious()
	default:
		r.tapBase.TypedKey(e)
	}
}

// AccessibilityLabel implements fyne.Accessible.
func (r *menuRow) AccessibilityLabel() string {
	if note := r.item.note(); note != "" {
		return r.item.Label + ". " + note
	}
	return r.item.Label
}

// note is the line below the label.
func (i MenuItem) note() string {
	if i.Reason != "" {
		return i.Reason
	}
	return i.Note
}

// MinSize implements fyne.CanvasObject.
func (r *menuRow) MinSize() fyne.Size {
	r.ExtendBaseWidget(r)
	return r.BaseWidget.MinSize()
}

// CreateRenderer implements fyne.Widget.
func (r *menuRow) CreateRenderer() fyne.WidgetRenderer {
	r.ExtendBaseWidget(r)
	r.layer, r.image, r.lead = surface(8), newGlyph(20), newGlyph(16)
	r.label, r.note = NewText(r.item.Label), NewCaption(r.item.note())
	r.note.Hidden = r.item.note() == ""
	row := container.New(&rowLayout{gap: 12, stretch: 1}, r.image, ColumnGap(2, r.label, r.note), r.lead)
	return compose(AtLeast(0, Touch, container.NewStack(r.layer, Inset(10, 8, row))), r.update)
}

func (r *menuRow) update() {
	c := theme.ColorNameForeground
	switch {
	case r.disabled:
		c = theme.ColorNameDisabled
	case r.item.Danger:
		c = textOf(Bad)
	}
	r.image.show(r.item.Icon, c)
	r.lead.show(r.item.Leads, ColorMuted)
	r.label.SetColor(c)
	r.touch(r.layer)
	r.layer.Refresh()
}
