package widgets

import (
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"
)

func TestQuestionStartsAtTheCarefulAnswer(t *testing.T) { // S18, S19
	var answer string
	q := func(w fyne.Window) *Modal {
		say := func(s string) func() { return func() { answer = s } }
		return Ask(w, Question{Title: "Download it again?", Text: "It is already in Downloads.", Answers: []Answer{
			{Label: "No", Do: say("no")}, {Label: "Keep both", Do: say("both")}, {Label: "Yes", Strong: true, Do: say("yes")},
		}})
	}
	w := window(t, NewText("page"), 360, 640)
	keysBefore := 0
	w.Canvas().SetOnTypedKey(func(*fyne.KeyEvent) { keysBefore++ })

	q(w)
	if b, ok := w.Canvas().Focused().(*Button); !ok || b.Text != "No" {
		t.Fatalf("the focus is on %v", w.Canvas().Focused())
	}
	press(w.Canvas().Focused(), fyne.KeyReturn)
	if answer != "no" || w.Canvas().Overlays().Top() != nil {
		t.Errorf("Enter answers %q", answer)
	}
	answer = ""
	q(w)
	press(w.Canvas().Focused(), fyne.KeyEscape)
	if answer != "no" {
		t.Errorf("Esc answers %q", answer)
	}
	m := q(w)
	test.Tap(button(m, "Yes"))
	if answer != "yes" {
		t.Errorf("Yes answers %q", answer)
	}
	w.Canvas().OnTypedKey()(&fyne.KeyEvent{Name: fyne.KeyEscape})
	if keysBefore != 1 {
		t.Error("after the question the window's own keys do not work")
	}
	m.Close()
	if w.Canvas().Overlays().Top() != nil {
		t.Error("closing twice broke the overlays")
	}
}

func TestModalFitsASmallWindowAndBlocksWhatIsBelow(t *testing.T) {
	below := 0
	w := window(t, NewButton("below", "", func() { below++ }), 360, 300)
	long := ""
	for range 60 {
		long += "A sentence that goes on for a while. "
	}
	m := Ask(w, Question{Title: "T", Text: long, Answers: []Answer{{Label: "A rather long answer"}, {Label: "Another long answer"}, {Label: "And a third one"}}})
	if s, p := m.back.Size(), m.back.Position(); p.X < 0 || p.Y < 0 || p.X+s.Width > 360 || p.Y+s.Height > 300 {
		t.Errorf("the card leaves the window: %v %v", p, s)
	}
	for _, b := range seen[*Button](m) {
		if b.Size().Width > 360 {
			t.Errorf("%q is %v wide", b.Text, b.Size().Width)
		}
	}
	edge := m.back.Position().Y + m.back.Size().Height
	for _, b := range seen[*Button](m) { // also before anybody scrolled
		if end := fyne.CurrentApp().Driver().AbsolutePositionForObject(b).Y + b.Size().Height; end > edge {
			t.Errorf("%q ends at %v, the card at %v", b.Text, end, edge)
		}
	}
	test.TapCanvas(w.Canvas(), fyne.NewPos(2, 2))
	if below != 0 {
		t.Error("what is below was tapped")
	}
}
