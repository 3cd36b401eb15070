package widgets

import (
	"slices"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/test"
	"fyne.io/fyne/v2/theme"
)

// ringed are the rows of a list around which a ring is seen, by their words.
func ringed(t *testing.T, l *List, thick float32) (rows []string) {
	t.Helper()
	for _, o := range test.LaidOutObjects(l) {
		box, ok := o.(*fyne.Container)
		if !ok || len(box.Objects) != 2 {
			continue
		}
		text, isRow := box.Objects[0].(*Text)
		ring, isRing := box.Objects[1].(*canvas.Rectangle)
		if !isRow || !isRing || !ring.Visible() {
			continue
		}
		if ring.StrokeWidth < thick || ring.Size() != box.Size() || ring.StrokeColor != paint(l, theme.ColorNamePrimary) {
			t.Errorf("around %q the ring is %v thick, %v, and %v", text.Text, ring.StrokeWidth, ring.Size(), ring.StrokeColor)
		}
		rows = append(rows, text.Text)
	}
	return rows
}

// The row that the keyboard is at has the ring, and no other (WCAG 2.2, 2.4.7).
func TestRingStandsAroundTheRowOfTheKeyboard(t *testing.T) {
	words := []string{"one", "two", "three"}
	l := NewList(func() int { return len(words) }, func() fyne.CanvasObject { return NewText("") },
		func(i int, o fyne.CanvasObject) { o.(*Text).SetText(words[i]) })
	chosen := -1
	l.OnSelected = func(i int) { chosen = i }
	w := window(t, l, 300, 300)
	key := func(name fyne.KeyName) { l.TypedKey(&fyne.KeyEvent{Name: name}) }
	must := func(when string, want ...string) {
		t.Helper()
		if got := ringed(t, l, 2); !slices.Equal(got, want) {
			t.Errorf("%s the ring stands around %q, want %q", when, got, want)
		}
	}
	must("without the focus")
	w.Canvas().Focus(l)
	must("with the focus", "one")
	key(fyne.KeyDown)
	must("after Down", "two")
	key(fyne.KeyReturn)
	if chosen != 1 {
		t.Errorf("Enter chooses %d", chosen)
	}
	must("after Enter", "two")
	key(fyne.KeyUp)
	must("after Up", "one")
	w.Canvas().Unfocus()
	must("without the focus again")
	w.Canvas().Focus(l)
	must("with the focus again", "one")
}

// By the keyboard a button keeps the focus, or Tab would begin anew after it.
func TestPressedButtonKeepsTheFocus(t *testing.T) {
	pressed := 0
	b := NewButton("Save", "", func() { pressed++ })
	w := window(t, b, 300, 100)
	for i, name := range []fyne.KeyName{fyne.KeyReturn, fyne.KeyEnter, fyne.KeySpace} {
		w.Canvas().Focus(b)
		b.TypedKey(&fyne.KeyEvent{Name: name})
		if pressed != i+1 || w.Canvas().Focused() != fyne.Focusable(b) {
			t.Errorf("%s: pressed %d times, and the focus is on %v", name, pressed, w.Canvas().Focused())
		}
	}
	b.Disable()
	b.TypedKey(&fyne.KeyEvent{Name: fyne.KeyReturn})
	if pressed != 3 {
		t.Error("a button that is off can be pressed by Enter")
	}
}

func TestFirstFocus(t *testing.T) {
	loading := NewLoading("Loading")
	failed := NewPlaceholder(IconWarning, Bad, "It failed", "")
	failed.SetAction("Try again", nil)
	add := NewAddButton("New", nil)
	off := NewPrimaryButton("Open", "", nil)
	off.SetReason("It is not there.")
	hidden := NewPrimaryButton("Open", "", nil)
	hidden.Hide()
	button := NewPrimaryButton("Open", "", nil)
	list := NewList(func() int { return 1 }, func() fyne.CanvasObject { return NewText("row") }, func(int, fyne.CanvasObject) {})
	for name, c := range map[string]struct {
		objects []fyne.CanvasObject
		want    func() fyne.Focusable
	}{
		"nothing but words":        {[]fyne.CanvasObject{NewText("words")}, nil},
		"loading offers nothing":   {[]fyne.CanvasObject{loading}, nil},
		"what failed can be tried": {[]fyne.CanvasObject{failed}, func() fyne.Focusable { return failed.action }},
		"list before add":          {[]fyne.CanvasObject{add, list}, func() fyne.Focusable { return list }},
		"add alone":                {[]fyne.CanvasObject{add, loading}, func() fyne.Focusable { return add }},
		"primary before list":      {[]fyne.CanvasObject{list, button}, func() fyne.Focusable { return button.button }},
		"off or hidden":            {[]fyne.CanvasObject{off, hidden, list}, func() fyne.Focusable { return list }},
	} {
		t.Run(name, func(t *testing.T) {
			page := container.NewVBox(c.objects...)
			got := FirstFocus(page)
			if c.want == nil {
				if got != nil {
					t.Errorf("the focus goes to %v", got)
				}
				return
			}
			if got != c.want() {
				t.Fatalf("the focus goes to %v", got)
			}
			w := window(t, page, 300, 300)
			w.Canvas().Focus(got)
			if w.Canvas().Focused() != got {
				t.Error("Fyne does not give it the focus")
			}
		})
	}
}
