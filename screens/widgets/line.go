package widgets

import (
	"sort"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"
)

var (
	_ fyne.Widget     = (*Line)(nil)
	_ fyne.Accessible = (*Line)(nil)
)

// Line is one line of words, ended with an ellipsis where it does not fit. It
// costs a fraction of a Text, for rows that are drawn by the thousand.
type Line struct {
	widget.BaseWidget
	Text      string
	SizeName  fyne.ThemeSizeName  // theme.SizeNameText when empty
	ColorName fyne.ThemeColorName // theme.ColorNameForeground when empty
	Bold      bool
	Align     fyne.TextAlign
	Fixed     bool // never shortened: its own width is its least width
}

// SetText shows other words.
func (l *Line) SetText(text string) {
	if l.Text != text {
		l.Text = text
		l.Refresh()
	}
}

// AccessibilityLabel implements fyne.Accessible.
func (l *Line) AccessibilityLabel() string { return l.Text }

// AccessibilityRole implements fyne.Accessible.
func (l *Line) AccessibilityRole() fyne.AccessibleRole { return fyne.AccessibleRoleText }

// Refresh implements fyne.CanvasObject.
func (l *Line) Refresh() {
	l.ExtendBaseWidget(l)
	l.BaseWidget.Refresh()
}

// Resize implements fyne.CanvasObject.
func (l *Line) Resize(size fyne.Size) {
	l.ExtendBaseWidget(l)
	l.BaseWidget.Resize(size)
}

// MinSize implements fyne.CanvasObject.
func (l *Line) MinSize() fyne.Size {
	l.ExtendBaseWidget(l)
	return l.BaseWidget.MinSize()
}

// CreateRenderer implements fyne.Widget.
func (l *Line) CreateRenderer() fyne.WidgetRenderer {
	l.ExtendBaseWidget(l)
	r := &lineRenderer{l: l}
	r.objects = []fyne.CanvasObject{&r.words}
	r.fill()
	return r
}

type lineRenderer struct {
	l       *Line
	words   canvas.Text
	full    fyne.Size // of all words on one line
	objects []fyne.CanvasObject
}

func (r *lineRenderer) fill() {
	l := r.l
	r.words.TextSize = l.Theme().Size(orSize(l.SizeName, theme.SizeNameText))
	r.words.TextStyle.Bold = l.Bold
	r.words.Alignment = l.Align
	r.words.Color = paint(l, orColor(l.ColorName, theme.ColorNameForeground))
	r.full = r.measure(l.Text)
}

func (r *lineRenderer) measure(text string) fyne.Size {
	return fyne.MeasureText(text, r.words.TextSize, r.words.TextStyle)
}

func (r *lineRenderer) Layout(size fyne.Size) {
	r.words.Text = r.fit(size.Width)
	r.words.Move(fyne.NewPos(0, 0))
	r.words.Resize(size)
}

// fit is as much of the words as the width has room for.
func (r *lineRenderer) fit(width float32) string {
	if r.l.Fixed || r.full.Width <= width+0.5 { // rounding must not cost a word
		return r.l.Text
	}
	const ellipsis = "…"
	runes := []rune(r.l.Text)
	fits := sort.Search(len(runes), func(n int) bool {
		return r.measure(string(runes[:n+1])+ellipsis).Width > width
	})
	return string(runes[:fits]) + ellipsis
}

func (r *lineRenderer) MinSize() fyne.Size {
	if r.l.Fixed {
		return r.full
	}
	return fyne.NewSize(min(r.full.Width, 16), r.full.Height) // gives way in a row; a layout decides its width
}

func (r *lineRenderer) Refresh() {
	r.fill()
	r.Layout(r.l.Size())
	r.words.Refresh()
}

func (r *lineRenderer) Objects() []fyne.CanvasObject { return r.objects }
func (r *lineRenderer) Destroy()                     {}
