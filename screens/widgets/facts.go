package widgets

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"
)

var (
	_ fyne.Widget     = (*Facts)(nil)
	_ fyne.Widget     = (*CheckRow)(nil)
	_ fyne.Accessible = (*CheckRow)(nil)
)

// Fact is one line of Facts.
type Fact struct {
	Label string
	Value string
	Extra fyne.CanvasObject // stands below the value; may be nil
}

// Facts are labels with values: side by side where there is room, the label
// above its value where it is narrow. Long values wrap.
type Facts struct {
	widget.BaseWidget
	Rows []Fact

	box *fyne.Container
}

// NewFacts makes the lines.
func NewFacts(rows ...Fact) *Facts {
	f := &Facts{Rows: rows}
	f.ExtendBaseWidget(f)
	return f
}

// SetRows shows other lines.
func (f *Facts) SetRows(rows ...Fact) {
	if sameFacts(f.Rows, rows) {
		return
	}
	f.Rows = rows
	f.Refresh()
}

func sameFacts(a, b []Fact) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if a[i] != b[i] {
			return false
		}
	}
	return true
}

// MinSize implements fyne.CanvasObject.
func (f *Facts) MinSize() fyne.Size {
	f.ExtendBaseWidget(f)
	return f.BaseWidget.MinSize()
}

// CreateRenderer implements fyne.Widget.
func (f *Facts) CreateRenderer() fyne.WidgetRenderer {
	f.ExtendBaseWidget(f)
	f.box = ColumnGap(10)
	return compose(f.box, f.update)
}

func (f *Facts) update() {
	f.box.Objects = nil
	column := factColumn{text: f.Theme().Size(theme.SizeNameText)}
	for _, row := range f.Rows {
		column.label = max(column.label, fyne.MeasureText(row.Label, column.text, fyne.TextStyle{}).Width)
		column.word = max(column.word, NewText(row.Value).narrowest())
	}
	for _, row := range f.Rows {
		value := NewText(row.Value)
		right := ColumnGap(6, value)
		if row.Extra != nil {
			right.Add(row.Extra)
		}
		value.Hidden = row.Value == ""
		f.box.Objects = append(f.box.Objects, container.New(&factLayout{column: column}, NewMuted(row.Label), right))
	}
	f.box.Refresh()
}

// factColumn is what all lines have in common, so that their values begin
// below each other.
type factColumn struct {
	label, word float32 // widths of the widest label, and of the values' longest word
	text        float32 // size of the text
}

// The labels' column, so that several Facts on a screen agree with each other.
const (
	factsDesk   = 420 // from this width on it is a desk's
	labelOnDesk = 132
	labelLeast  = 100
)

// beside gives the width of the labels' column when the whole is width wide;
// 0 where a label has to stand above its value, since a value such as a day
// with a remark would not fit beside it, or a word would break that fits below.
func (c factColumn) beside(width float32) float32 {
	label := max(c.label+1, labelLeast) // measured and drawn widths differ by a hair
	if width >= factsDesk {
		label = max(label, labelOnDesk)
	}
	room := width - label - 2*Space
	if room < 12*c.text || c.word > room && c.word <= width {
		return 0
	}
	return label
}

// factLayout puts a label beside its value or above it.
type factLayout struct {
	column factColumn
	width  float32
}

func (l *factLayout) Layout(objects []fyne.CanvasObject, size fyne.Size) {
	l.width = size.Width
	label, value := objects[0], objects[1]
	label.Move(fyne.NewPos(0, 0))
	if column := l.column.beside(size.Width); column > 0 {
		label.Resize(fyne.NewSize(column, heightFor(label, column)))
		value.Move(fyne.NewPos(column+2*Space, 0))
		w := size.Width - column - 2*Space
		value.Resize(fyne.NewSize(w, heightFor(value, w)))
		return
	}
	h := heightFor(label, size.Width)
	label.Resize(fyne.NewSize(size.Width, h))
	value.Move(fyne.NewPos(0, h+2))
	value.Resize(fyne.NewSize(size.Width, heightFor(value, size.Width)))
}

func (l *factLayout) MinSize(objects []fyne.CanvasObject) fyne.Size {
	a, b := objects[0].MinSize(), objects[1].MinSize()
	if l.column.beside(l.width) > 0 {
		return fyne.NewSize(max(a.Width, b.Width), max(a.Height, b.Height))
	}
	return fyne.NewSize(max(a.Width, b.Width), a.Height+2+b.Height)
}

// CheckRow is one thing to take or leave: a tick, its name, and a note at the
// end. The whole row can be tapped.
type CheckRow struct {
	tapBase
	Text      string
	Note      string
	Checked   bool
	OnChanged func(on bool)

	layer      *canvas.Rectangle
	box        *canvas.Rectangle
	tick       *glyph
	name, note *Text
}

// NewCheckRow makes a row.
func NewCheckRow(text, note string, checked bool, changed func(on bool)) *CheckRow {
	c := &CheckRow{Text: text, Note: note, Checked: checked, OnChanged: changed}
	c.ExtendBaseWidget(c)
	return c
}

// SetChecked ticks the row, or not, without calling OnChanged.
func (c *CheckRow) SetChecked(on bool) {
	if c.Checked != on {
		c.Checked = on
		c.Refresh()
	}
}

// SetNote changes the note.
func (c *CheckRow) SetNote(note string) {
	if c.Note != note {
		c.Note = note
		c.Refresh()
	}
}

// AccessibilityLabel implements fyne.Accessible.
func (c *CheckRow) AccessibilityLabel() string {
	if c.Note == "" {
		return c.Text
	}
	return c.Text + ", " + c.Note
}

// MinSize implements fyne.CanvasObject.
func (c *CheckRow) MinSize() fyne.Size {
	c.ExtendBaseWidget(c)
	return c.BaseWidget.MinSize()
}

// CreateRenderer implements fyne.Widget.
func (c *CheckRow) CreateRenderer() fyne.WidgetRenderer {
	c.ExtendBaseWidget(c)
	c.tap = func() {
		c.SetChecked(!c.Checked)
		if c.OnChanged != nil {
			c.OnChanged(c.Checked)
		}
	}
	c.layer, c.box = surface(8), surface(5)
	c.tick = newGlyph(16)
	c.name, c.note = NewText(""), NewCaption("")
	c.note.Fixed = true
	box := AtLeast(22, 22, container.NewStack(c.box, container.NewCenter(c.tick)))
	row := container.New(&rowLayout{gap: 12, stretch: 1, yields: true}, box, c.name, c.note)
	return compose(AtLeast(0, Touch, container.NewStack(Inset(-Space, 0, c.layer), row)), c.update)
}

func (c *CheckRow) update() {
	fill, edge := paint(c, theme.ColorNameInputBackground), paint(c, theme.ColorNameInputBorder)
	icon := ""
	if c.Checked {
		fill, edge, icon = paint(c, theme.ColorNamePrimary), paint(c, theme.ColorNamePrimary), IconTick
	}
	c.box.FillColor, c.box.StrokeColor, c.box.StrokeWidth = fill, edge, 1.5
	c.box.Refresh()
	c.tick.show(icon, theme.ColorNameForegroundOnPrimary)
	c.name.SetText(c.Text)
	c.note.SetText(c.Note)
	c.note.Hidden = c.Note == ""
	c.touch(c.layer)
	c.layer.Refresh()
}
