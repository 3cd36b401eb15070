package widgets

import (
	"iter"
	"slices"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"
)

// buttonRenderer draws Fyne's button with its words on as many lines as they
// need; Fyne's own stay on one line and leave a narrow button on both sides.
type buttonRenderer struct {
	fyne.WidgetRenderer
	b     *Button
	label *widget.RichText
	ring  *canvas.Rectangle // around it while it has the focus
}

// CreateRenderer implements fyne.Widget.
func (b *Button) CreateRenderer() fyne.WidgetRenderer {
	b.ExtendBaseWidget(b)
	r := &buttonRenderer{WidgetRenderer: b.Button.CreateRenderer(), b: b}
	r.ring = newRing(b.Theme().Size(theme.SizeNameInputRadius) + ringGap + ringWidth)
	for _, o := range r.Objects() {
		if label, ok := o.(*widget.RichText); ok {
			r.label = label
		}
	}
	return r
}

// Layout implements fyne.WidgetRenderer.
func (r *buttonRenderer) Layout(size fyne.Size) {
	r.fit(size.Width)
	r.WidgetRenderer.Layout(size)
	const out = ringGap + ringWidth
	r.ring.Move(fyne.NewPos(-out, -out))
	r.ring.Resize(size.AddWidthHeight(2*out, 2*out))
}

// Objects implements fyne.WidgetRenderer.
func (r *buttonRenderer) Objects() []fyne.CanvasObject {
	return append(slices.Clone(r.WidgetRenderer.Objects()), r.ring)
}

// Refresh implements fyne.WidgetRenderer.
func (r *buttonRenderer) Refresh() {
	r.WidgetRenderer.Refresh() // puts the words on one line
	showRing(r.b, r.ring, r.b.focused && !r.b.Disabled())
	if size := r.b.Size(); r.fit(size.Width) {
		r.WidgetRenderer.Layout(size)
	}
}

// MinSize implements fyne.WidgetRenderer. The width is that of the words on
// one line, the height that of their lines at the width last given.
func (r *buttonRenderer) MinSize() fyne.Size {
	size := r.WidgetRenderer.MinSize()
	if r.label == nil || r.b.Text == "" {
		return size
	}
	beside := size.Width - r.label.MinSize().Width
	size.Width = beside + r.b.measure(r.b.Text)
	if r.b.giving {
		size.Width = beside + r.b.longestWord()
	}
	return size
}

// fit breaks the words into lines and reports whether that changed them.
func (r *buttonRenderer) fit(width float32) bool {
	if r.label == nil || width <= 0 {
		return false
	}
	seg, ok := r.label.Segments[0].(*widget.TextSegment)
	if !ok {
		return false
	}
	room := width - (r.WidgetRenderer.MinSize().Width - r.label.MinSize().Width)
	lines := r.b.lines(room)
	if seg.Text == lines {
		return false
	}
	seg.Text = lines
	r.label.Refresh()
	return true
}

// lines is the button's words with as many on a line as fit into the room.
func (b *Button) lines(room float32) string {
	if b.measure(b.Text) <= room+0.5 { // rounding must not break a line
		return b.Text
	}
	var lines []string
	for word := range wordsOf(b.Text) {
		if n := len(lines); n > 0 && b.measure(lines[n-1]+" "+word) <= room+0.5 {
			lines[n-1] += " " + word
			continue
		}
		lines = append(lines, word)
	}
	return strings.Join(lines, "\n")
}

func (b *Button) longestWord() float32 { return longestWord(b.Text, b.measure) }

// longestWord is the width of the longest word.
func longestWord(words string, measure func(words string) float32) (width float32) {
	for word := range wordsOf(words) {
		width = max(width, measure(word))
	}
	return width
}

// wordsOf are what lines can be made of.
func wordsOf(text string) iter.Seq[string] {
	return strings.FieldsFuncSeq(text, func(r rune) bool { return r == ' ' || r == '\n' })
}

func (b *Button) measure(words string) float32 {
	return fyne.MeasureText(words, b.Theme().Size(theme.SizeNameText), fyne.TextStyle{Bold: true}).Width
}

// narrowest is the width of the longest word, with all that stands beside it.
func (b *Button) narrowest() float32 {
	if b.giving || b.Text == "" {
		return b.MinSize().Width
	}
	return max(b.MinSize().Width-b.measure(b.Text)+b.longestWord(), 72)
}
