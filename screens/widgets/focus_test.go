package widgets

import (
	"slices"
	"strconv"
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

// Page Up and Page Down lead on by what is seen, Home and End to the first and
// last row. A line below the rows that says nothing gets no ring, but is shown.
func TestKeysOfAList(t *testing.T) {
	reach := 100
	l := NewList(func() int { return reach + 1 }, func() fyne.CanvasObject { return NewText("") },
		func(i int, o fyne.CanvasObject) { o.(*Text).SetText(strconv.Itoa(i)) })
	l.Reach = func() int { return reach }
	w := window(t, l, 300, 300)
	w.Canvas().Focus(l)
	must := func(when, want string) {
		t.Helper()
		if got := ringed(t, l, 2); len(got) != 1 || got[0] != want {
			t.Errorf("%s the ring stands around %q, want %q", when, got, want)
		}
	}
	press(l, fyne.KeyPageDown)
	first, err := strconv.Atoi(ringed(t, l, 2)[0])
	if err != nil || first < 5 || first > 12 {
		t.Fatalf("Page Down leads to row %d, %v", first, err)
	}
	press(l, fyne.KeyPageDown)
	must("after a second page", strconv.Itoa(2*first))
	press(l, fyne.KeyPageUp, fyne.KeyUp)
	must("a page and a line up", strconv.Itoa(first-1))
	press(l, fyne.KeyEnd)
	must("at the end", "99")
	below := slices.ContainsFunc(test.LaidOutObjects(l), func(o fyne.CanvasObject) bool {
		x, ok := o.(*Text)
		return ok && x.Text == "100"
	})
	if !below {
		t.Error("what stands below the last row is not seen")
	}
	press(l, fyne.KeyDown)
	must("below the end", "99")
	reach = 50 // a search found less
	press(l, fyne.KeyDown)
	must("with fewer rows", "49")
	press(l, fyne.KeyHome, fyne.KeyUp)
	must("at the beginning", "0")
	reach = 0
	press(l, fyne.KeyDown, fyne.KeyEnd)
	must("without any", "0")
}

// What is filled in shows as clearly as anything else that it has the focus
// (WCAG 2.2, 2.4.13).
func TestFieldsHaveARing(t *testing.T) {
	field, choice := NewField("Title", ""), NewChoice("From", []string{"22:00"}, nil)
	w := window(t, Column(NewText(""), field, choice), 300, 200)
	for name, f := range map[string]interface {
		fyne.Widget
		fyne.Focusable
		fyne.Disableable
		Theme() fyne.Theme
	}{"field": field, "choice": choice} {
		ring := func() *canvas.Rectangle {
			for _, r := range seen[*canvas.Rectangle](f) {
				if r.StrokeWidth >= ringWidth && r.StrokeColor == paint(f, theme.ColorNamePrimary) {
					return r
				}
			}
			return nil
		}
		if ring() != nil {
			t.Errorf("%s: without the focus it has a ring", name)
		}
		w.Canvas().Focus(f)
		if r := ring(); r == nil || r.Size() != f.Size() {
			t.Fatalf("%s: with the focus its ring is %v", name, r)
		}
		f.Disable()
		if ring() != nil {
			t.Errorf("%s: it cannot be used, and has a ring", name)
		}
		f.Enable()
		w.Canvas().Unfocus()
		if ring() != nil {
			t.Errorf("%s: the ring stays", name)
		}
	}
}

// What is filled with the accent has its ring around it, with a gap: one drawn
// on it would hardly be seen.
func TestRingStandsOffWhatIsFilled(t *testing.T) {
	add := NewAddButton("New", nil)
	d := NewDateWindow("From", dayAt(2026, 3, 31), dayAt(2024, 11, 23), dayAt(2026, 11, 23), nil)
	w := window(t, container.NewStack(d, container.NewVBox(container.NewCenter(add))), 340, 520)
	for name, c := range map[string]struct {
		focus  fyne.Focusable
		within fyne.CanvasObject
		filled func() *canvas.Rectangle
	}{
		"a day":          {d.grid, d.grid, func() *canvas.Rectangle { return cell(d, dayAt(2026, 3, 31)).back }},
		"the add button": {add, add, func() *canvas.Rectangle { return add.disc }},
	} {
		ring := func() *canvas.Rectangle {
			for _, r := range seen[*canvas.Rectangle](c.within) {
				if r.StrokeWidth == ringWidth && r.StrokeColor == paint(d, theme.ColorNamePrimary) {
					return r
				}
			}
			return nil
		}
		if ring() != nil {
			t.Errorf("%s has a ring without the focus", name)
		}
		w.Canvas().Focus(c.focus)
		r := ring()
		if r == nil {
			t.Fatalf("%s has no ring", name)
		}
		place := fyne.CurrentApp().Driver().AbsolutePositionForObject
		inner, outer := c.filled(), r
		want := fyne.NewPos(ringWidth+ringGap, ringWidth+ringGap)
		if off := place(inner).Subtract(place(outer)); off != want || outer.Size().Subtract(inner.Size()) != fyne.NewSquareSize(2*want.X) {
			t.Errorf("%s: from the ring, %v large, it is %v to what is filled, %v large", name, outer.Size(), off, inner.Size())
		}
		w.Canvas().Unfocus()
	}
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
