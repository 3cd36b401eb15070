package widgets

import (
	"strings"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"
	"fyne.io/fyne/v2/theme"
)

// drawn is the words of a line as they are seen.
func drawn(l *Line) string { return test.WidgetRenderer(l).(*lineRenderer).words.Text }

// A line that does not fit ends with an ellipsis, within its width, and comes
// back whole where there is room.
func TestLineGivesWay(t *testing.T) {
	for _, text := range []string{"Staff and leave, for the auditor", "Übergrößenträger", "i", ""} {
		l := &Line{Text: text, Bold: true}
		whole := fyne.MeasureText(text, theme.Size(theme.SizeNameText), fyne.TextStyle{Bold: true})
		for width := float32(0); width < whole.Width; width += 7 {
			l.Resize(fyne.NewSize(width, whole.Height))
			seen := drawn(l)
			room := fyne.MeasureText(seen, theme.Size(theme.SizeNameText), fyne.TextStyle{Bold: true}).Width
			if !strings.HasSuffix(seen, "…") || !strings.HasPrefix(text, strings.TrimSuffix(seen, "…")) || room > width && seen != "…" {
				t.Fatalf("%v wide, %q is drawn as %q, %v wide", width, text, seen, room)
			}
		}
		l.Resize(whole)
		if drawn(l) != text {
			t.Errorf("with room, %q is drawn as %q", text, drawn(l))
		}
	}
	l := &Line{Text: "42 %", Fixed: true}
	l.Resize(fyne.NewSize(3, 20))
	if drawn(l) != "42 %" || l.MinSize().Width < 20 {
		t.Errorf("a fixed line is drawn as %q, at least %v", drawn(l), l.MinSize())
	}
	l.SetText("7 %")
	if drawn(l) != "7 %" {
		t.Errorf("other words are drawn as %q", drawn(l))
	}
}
