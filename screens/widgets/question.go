package widgets

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"
)

// Answer is one way to answer a Question.
type Answer struct {
	Label  string
	Danger bool   // for what cannot be undone
	Strong bool   // the answer most people want
	Do     func() // may be nil
}

// Question asks something over the window. The first answer is the careful
// one: it has the focus, and Esc gives it.
type Question struct {
	Title   string
	Text    string
	Items   []MenuItem // what can be done without answering, below each other
	More    string     // said below them; may be empty
	Answers []Answer
}

// Ask shows the question. Whatever the answer, the question closes first.
func Ask(w fyne.Window, q Question) *Modal {
	var m *Modal
	give := func(a Answer) func() {
		return func() {
			m.Close()
			call(a.Do)
		}
	}
	row := make([]fyne.CanvasObject, 0, len(q.Answers))
	var first *Button
	for i, a := range q.Answers {
		b := NewButton(a.Label, "", give(a))
		switch {
		case a.Danger:
			b.Importance = widget.DangerImportance
		case a.Strong:
			b.Importance = widget.HighImportance
		}
		if i == 0 {
			first = b
		}
		row = append(row, b)
	}
	title := &Text{Text: q.Title, SizeName: theme.SizeNameSubHeadingText, Bold: true}
	text := NewText(q.Text)
	text.Hidden = q.Text == ""
	m = newModal(w, ColumnGap(12, title, text, q.items()), 420, func() { m.Close() })
	if first == nil {
		m.open(nil)
		return m
	}
	m.Foot, m.OnEscape = Answers(row...), give(q.Answers[0])
	m.open(first)
	return m
}

// items are the lines of what can be done without answering.
func (q Question) items() fyne.CanvasObject {
	lines := ColumnGap(0)
	for _, item := range q.Items {
		lines.Add(newMenuRow(item, item.Do))
	}
	if q.More != "" {
		lines.Add(Inset(10, 8, NewCaption(q.More)))
	}
	lines.Hidden = len(lines.Objects) == 0
	return lines
}

// Answers puts the buttons of a dialog at its end, the last one outermost.
func Answers(buttons ...fyne.CanvasObject) *fyne.Container {
	return Inset(0, 4, container.New(&endLayout{gap: Space}, buttons...))
}

// endLayout puts buttons beside each other at the end of a line, or, where
// they do not fit, below each other over the full width.
type endLayout struct{ gap, width float32 }

func (l *endLayout) needs(objects []fyne.CanvasObject) (wide, tallest, sum float32) {
	for i, o := range objects {
		m := o.MinSize()
		wide += m.Width
		sum += m.Height
		tallest = max(tallest, m.Height)
		if i > 0 {
			wide += l.gap
			sum += l.gap
		}
	}
	return wide, tallest, sum
}

func (l *endLayout) Layout(objects []fyne.CanvasObject, size fyne.Size) {
	l.width = size.Width
	wide, _, _ := l.needs(objects)
	if wide > size.Width {
		y := float32(0)
		for _, o := range objects {
			h := heightFor(o, size.Width)
			o.Move(fyne.NewPos(0, y))
			o.Resize(fyne.NewSize(size.Width, h))
			y += h + l.gap
		}
		return
	}
	x := size.Width - wide
	for _, o := range objects {
		m := o.MinSize()
		o.Move(fyne.NewPos(x, 0))
		o.Resize(m)
		x += m.Width + l.gap
	}
}

func (l *endLayout) MinSize(objects []fyne.CanvasObject) fyne.Size {
	wide, tallest, sum := l.needs(objects)
	if l.width > 0 && wide > l.width {
		return fyne.NewSize(Touch, sum)
	}
	return fyne.NewSize(Touch, tallest)
}
