package widgets

import (
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"
)

var (
	_ fyne.Widget     = (*Text)(nil)
	_ fyne.Accessible = (*Text)(nil)
)

// Text is words without the padding that a Fyne label puts around itself, so
// that distances on a screen are those of its layout. It wraps at words, and never
// grows wider than it is given; one line that ends with an ellipsis is a Line.
type Text struct {
	widget.BaseWidget
	Text      string
	SizeName  fyne.ThemeSizeName  // theme.SizeNameText when empty
	ColorName fyne.ThemeColorName // theme.ColorNameForeground when empty
	Bold      bool
	Mono      bool
	Align     fyne.TextAlign
	Fixed     bool // one line, never shortened: its own width is its least width

	rich *widget.RichText
	seg  *widget.TextSegment
}

// NewText is ordinary text that wraps.
func NewText(text string) *Text { return &Text{Text: text} }

// NewHeading is a title within a screen.
func NewHeading(text string) *Text {
	return &Text{Text: text, SizeName: theme.SizeNameSubHeadingText, Bold: true}
}

// NewMuted is text of lesser weight, that wraps.
func NewMuted(text string) *Text { return &Text{Text: text, ColorName: ColorMuted} }

// NewCaption is small text of lesser weight, that wraps.
func NewCaption(text string) *Text {
	return &Text{Text: text, SizeName: theme.SizeNameCaptionText, ColorName: ColorMuted}
}

// SetText shows other words.
func (t *Text) SetText(text string) {
	if t.Text == text {
		return
	}
	t.Text = text
	t.Refresh()
}

// SetColor shows the words in another colour of the theme.
func (t *Text) SetColor(name fyne.ThemeColorName) {
	if t.ColorName == name {
		return
	}
	t.ColorName = name
	t.Refresh()
}

// AccessibilityLabel implements fyne.Accessible.
func (t *Text) AccessibilityLabel() string { return t.Text }

// AccessibilityRole implements fyne.Accessible.
func (t *Text) AccessibilityRole() fyne.AccessibleRole { return fyne.AccessibleRoleText }

// Refresh implements fyne.CanvasObject.
func (t *Text) Refresh() {
	t.ExtendBaseWidget(t)
	t.BaseWidget.Refresh()
}

// Resize implements fyne.CanvasObject.
func (t *Text) Resize(size fyne.Size) {
	t.ExtendBaseWidget(t)
	t.BaseWidget.Resize(size)
}

// MinSize implements fyne.CanvasObject. The height is that of the lines at the
// width the text was last given.
func (t *Text) MinSize() fyne.Size {
	t.ExtendBaseWidget(t)
	return t.BaseWidget.MinSize()
}

// narrowest is the width of the longest word.
func (t *Text) narrowest() float32 {
	if t.Fixed {
		return t.MinSize().Width
	}
	return longestWord(t.Text, t.measure)
}

func (t *Text) measure(words string) float32 {
	size, style := t.Theme().Size(orSize(t.SizeName, theme.SizeNameText)), fyne.TextStyle{Bold: t.Bold, Monospace: t.Mono}
	return fyne.MeasureText(words, size, style).Width
}

// breakable are the characters after which a word that is longer than a line
// goes on in the next one: those between the parts of file names and addresses.
const breakable = `_-./\@`

// lines are the words, with breaks in what is longer than a line. Fyne breaks
// between words; within one it does so anywhere.
func (t *Text) lines(width float32) string {
	if t.Fixed || width <= 0 || t.measure(t.Text) <= width {
		return t.Text
	}
	lines := strings.Split(t.Text, "\n")
	for i, line := range lines {
		lines[i] = t.line(line, width)
	}
	return strings.Join(lines, "\n")
}

// unbreakable are the spaces that keep what is around them on one line, as in a
// French « quotation ». Fyne breaks there as well.
const unbreakable = "\u00a0\u202f"

// line breaks what has to be broken in a line of the text; the rest Fyne does.
func (t *Text) line(line string, width float32) string {
	words := strings.Split(line, " ")
	for i, word := range words {
		words[i] = strings.Join(t.pieces(word, width), "\n")
	}
	if !strings.ContainsAny(line, unbreakable) {
		return strings.Join(words, " ")
	}
	var broken strings.Builder
	row := ""
	for i, word := range words {
		begin, _, _ := strings.Cut(word, "\n")
		switch {
		case i == 0:
			row = word
		case t.measure(row+" "+begin) <= width:
			broken.WriteByte(' ')
			row += " " + word
		default:
			broken.WriteByte('\n')
			row = word
		}
		broken.WriteString(word)
		row = row[strings.LastIndexByte(row, '\n')+1:]
	}
	return broken.String()
}

// pieces are a word in as few parts as fit on a line each, as far as there are
// places to break it.
func (t *Text) pieces(word string, width float32) (pieces []string) {
	for t.measure(word) > width {
		end := 0
		for next := 1; next < len(word); next++ {
			if strings.IndexByte(breakable, word[next-1]) < 0 {
				continue
			}
			if t.measure(word[:next]) > width {
				break
			}
			end = next
		}
		if end == 0 {
			break
		}
		pieces, word = append(pieces, word[:end]), word[end:]
	}
	return append(pieces, word)
}

// CreateRenderer implements fyne.Widget.
func (t *Text) CreateRenderer() fyne.WidgetRenderer {
	t.ExtendBaseWidget(t)
	t.seg = &widget.TextSegment{}
	t.rich = widget.NewRichText(t.seg)
	t.apply()
	return &textRenderer{t: t, objects: []fyne.CanvasObject{t.rich}}
}

func (t *Text) apply() {
	t.seg.Text = t.lines(t.Size().Width)
	t.seg.Style = widget.RichTextStyle{
		Alignment: t.Align,
		ColorName: orColor(t.ColorName, theme.ColorNameForeground),
		SizeName:  orSize(t.SizeName, theme.SizeNameText),
		TextStyle: fyne.TextStyle{Bold: t.Bold, Monospace: t.Mono},
	}
	t.rich.Wrapping = fyne.TextWrapWord
	if t.Fixed {
		t.rich.Wrapping = fyne.TextWrapOff
	}
}

type textRenderer struct {
	t       *Text
	objects []fyne.CanvasObject
}

func (r *textRenderer) pad() float32 { return r.t.Theme().Size(theme.SizeNameInnerPadding) }

func (r *textRenderer) Layout(size fyne.Size) {
	p := r.pad()
	if lines := r.t.lines(size.Width); r.t.seg.Text != lines {
		r.t.seg.Text = lines
		r.t.rich.Refresh()
	}
	r.t.rich.Move(fyne.NewPos(-p, -p))
	r.t.rich.Resize(size.AddWidthHeight(2*p, 2*p))
}

func (r *textRenderer) MinSize() fyne.Size {
	p := r.pad()
	size := r.t.rich.MinSize().SubtractWidthHeight(2*p, 2*p)
	if !r.t.Fixed {
		size.Width = min(size.Width, 16) // gives way in a row; a layout decides its width
	}
	return fyne.NewSize(max(size.Width, 0), max(size.Height, 0))
}

func (r *textRenderer) Refresh() {
	r.t.apply()
	r.t.rich.Refresh()
	r.Layout(r.t.Size())
}

func (r *textRenderer) Objects() []fyne.CanvasObject { return r.objects }
func (r *textRenderer) Destroy()                     {}

func orColor(name, other fyne.ThemeColorName) fyne.ThemeColorName {
	if name == "" {
		return other
	}
	return name
}

func orSize(name, other fyne.ThemeSizeName) fyne.ThemeSizeName {
	if name == "" {
		return other
	}
	return name
}
