package widgets

import (
	"fmt"
	"strconv"
	"strings"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"
)

// Tab never leads to where nobody sees it (WCAG 2.2, 2.4.11).
func TestWhatHasTheFocusIsInSight(t *testing.T) {
	if fyne.CurrentDevice().IsMobile() {
		t.Skip("a phone has no Tab")
	}
	var rows []fyne.CanvasObject
	for i := range 30 {
		rows = append(rows, NewCheckRow("row "+strconv.Itoa(i), "", false, nil))
	}
	rows = append(rows, NewFieldBox("Name", NewField("Name", "")), NewChoice("From", []string{"22:00"}, nil), NewButton("More", "", nil), NewPrimaryButton("Sign in", "", nil))
	row := NewProgressRow(nil, nil, nil)
	row.SetState(ProgressState{Pause: true})
	rows = append(rows, row)
	below := NewPrimaryButton("Save", "", nil)
	page := Page(NewHeader("Title", nil), Column(rows...), below)
	w := window(t, page, 400, 400)
	driver := fyne.CurrentApp().Driver()
	lower := w.Canvas().Size().Height - BottomHeight(page)
	seen := map[fyne.Focusable]bool{}
	for range 42 {
		w.Canvas().FocusNext()
		f := w.Canvas().Focused()
		o := f.(fyne.CanvasObject)
		seen[f] = true
		top := driver.AbsolutePositionForObject(o).Y
		if f != fyne.Focusable(below.button) && (top < 56 || top+o.Size().Height > lower) {
			t.Fatalf("%T stands at %v to %v, and what is seen ends at %v", o, top, top+o.Size().Height, lower)
		}
	}
	if len(seen) != 36 {
		t.Errorf("Tab leads to %d controls", len(seen))
	}
}

// A phone's keyboard takes the lower half of the window: the field that it came
// for is still seen, on a page and in a dialog.
func TestTheKeyboardLeavesTheFieldInSight(t *testing.T) {
	fields := func() (all []fyne.CanvasObject, last *Field) {
		for i := range 8 {
			last = NewField("Field "+strconv.Itoa(i), "")
			all = append(all, NewFieldBox(last.Label, last))
		}
		return all, last
	}
	seen := func(w fyne.Window, f *Field) {
		t.Helper()
		top := fyne.CurrentApp().Driver().AbsolutePositionForObject(f).Y
		if end := w.Canvas().Size().Height; top < 0 || top+f.Size().Height > end {
			t.Errorf("the field stands at %v to %v, and the window ends at %v", top, top+f.Size().Height, end)
		}
	}
	boxes, last := fields()
	w := window(t, Page(NewHeader("Title", nil), Column(boxes...), nil), 412, 892)
	w.Canvas().Focus(last)
	w.Resize(fyne.NewSize(412, 400))
	seen(w, last)
	w.Resize(fyne.NewSize(412, 892))

	boxes, last = fields()
	defer OpenModal(w, Column(boxes...), 380, last, nil).Close()
	w.Resize(fyne.NewSize(412, 400))
	seen(w, last)
}

func TestIntoSight(t *testing.T) {
	for name, c := range map[string]struct{ top, height, room, want float32 }{
		"seen":           {100, 44, 400, 0},
		"above":          {-50, 44, 400, -50 - sightMargin},
		"below":          {500, 44, 400, 144 + sightMargin},
		"cut":            {380, 44, 400, 24 + sightMargin},
		"higher than it": {50, 500, 400, 50 - sightMargin},
	} {
		if got := intoSight(c.top, c.height, c.room); got != c.want {
			t.Errorf("%s: scrolls by %v, want %v", name, got, c.want)
		}
	}
}

func TestScrolledBy(t *testing.T) {
	const room, height = 400, 1000
	for name, c := range map[string]struct {
		key      fyne.KeyName
		at, want float32
	}{
		"a line down":        {fyne.KeyDown, 100, 100 + lineStep},
		"a line up":          {fyne.KeyUp, 100, 100 - lineStep},
		"not above the top":  {fyne.KeyUp, 10, 0},
		"not below the end":  {fyne.KeyDown, 590, 600},
		"a page down":        {fyne.KeyPageDown, 0, 400 - lineStep},
		"a page up":          {fyne.KeyPageUp, 600, 200 + lineStep},
		"the beginning":      {fyne.KeyHome, 333, 0},
		"the end":            {fyne.KeyEnd, 333, 600},
		"at the end already": {fyne.KeyPageDown, 600, 600},
	} {
		if got, ok := scrolledBy(c.key, c.at, room, height); got != c.want || !ok {
			t.Errorf("%s: to %v, %v, want %v", name, got, ok, c.want)
		}
	}
	if to, _ := scrolledBy(fyne.KeyPageDown, 0, lineStep/2, height); to <= 0 {
		t.Error("in a room lower than a line a page leads nowhere")
	}
	for _, key := range []fyne.KeyName{fyne.KeyLeft, fyne.KeySpace, fyne.KeyTab, fyne.KeyF5} {
		if _, ok := scrolledBy(key, 0, room, height); ok {
			t.Errorf("%s scrolls", key)
		}
	}
}

// What is longer than the window, a licence for instance, can be read to its
// end by keyboard (WCAG 2.2, 2.1.1).
func TestKeysScrollADialog(t *testing.T) {
	w := window(t, NewText("page"), 360, 400)
	m := Ask(w, Question{Title: "MIT", Text: strings.Repeat("A sentence that goes on for a while.\n", 80), Answers: []Answer{{Label: "Close"}}})
	key := func(name fyne.KeyName) float32 {
		press(w.Canvas().Focused(), name)
		return m.scroll.Offset.Y
	}
	end := m.scroll.Content.Size().Height - m.scroll.Size().Height
	if end < 500 {
		t.Fatalf("all but %v of the text is seen", end)
	}
	line := key(fyne.KeyDown)
	page := key(fyne.KeyPageDown)
	if line <= 0 || page < line+m.scroll.Size().Height/2 {
		t.Errorf("Down leads to %v, Page Down to %v", line, page)
	}
	if last := key(fyne.KeyEnd); last != end {
		t.Errorf("End leads to %v, the end is at %v", last, end)
	}
	if up, up2 := key(fyne.KeyUp), key(fyne.KeyPageUp); up >= end || up2 >= up {
		t.Errorf("Up leads to %v, Page Up to %v", up, up2)
	}
	if top := key(fyne.KeyHome); top != 0 {
		t.Errorf("Home leads to %v", top)
	}
	w.Canvas().Unfocus()
	w.Canvas().OnTypedKey()(&fyne.KeyEvent{Name: fyne.KeyEnd})
	if m.scroll.Offset.Y != end {
		t.Error("without the focus on anything, End does nothing")
	}
}

func TestKeysLeaveWhatIsSeenWhole(t *testing.T) {
	short := Page(NewHeader("Short", nil), NewText("words"), nil)
	window(t, short, 360, 400)
	if ScrollByKey(short, fyne.KeyDown) {
		t.Error("what is seen whole was scrolled")
	}
	long := Page(NewHeader("Long", nil), NewText(strings.Repeat("words\n", 80)), nil)
	window(t, container.NewStack(short, long), 360, 400)
	if !ScrollByKey(container.NewStack(short, long), fyne.KeyDown) {
		t.Error("what is not seen whole was not scrolled")
	}
	long.Hide()
	if ScrollByKey(long, fyne.KeyDown) {
		t.Error("what is hidden was scrolled")
	}
}

// Where the date window does not fit, a phone held sideways or large text, the
// keyboard is always where it can be seen.
func TestDateWindowFollowsTheKeyboard(t *testing.T) {
	if fyne.CurrentDevice().IsMobile() {
		t.Skip("a phone has no Tab")
	}
	for _, c := range []struct {
		width, height float32
		large         bool
	}{{412, 892, true}, {892, 412, false}, {892, 412, true}, {320, 420, true}} {
		t.Run(fmt.Sprintf("%v by %v, large text %v", c.width, c.height, c.large), func(t *testing.T) {
			if c.large {
				settings := fyne.CurrentApp().Settings()
				before := settings.Theme()
				settings.SetTheme(largeText{NewFixedTheme(theme.VariantLight)})
				defer settings.SetTheme(before)
			}
			w := window(t, NewText("page"), c.width, c.height)
			d := NewDateWindow("Create backup from", dayAt(2026, 9, 30), dayAt(2024, 11, 23), dayAt(2026, 11, 23), nil)
			m := d.Open(w)
			place := fyne.CurrentApp().Driver().AbsolutePositionForObject
			mustSee := func(when string, o fyne.CanvasObject) {
				t.Helper()
				top, room := place(o).Y-place(m.scroll).Y, m.scroll.Size().Height
				if top < 0 || top+o.Size().Height > room {
					t.Errorf("%s: %T stands from %v to %v of %v", when, o, top, top+o.Size().Height, room)
				}
			}
			mustSee("at the beginning", cell(d, dayAt(2026, 9, 30)))
			press(d.grid, fyne.KeyHome)
			mustSee("after Home", cell(d, dayAt(2026, 9, 1)))
			press(d.grid, fyne.KeyPageUp, fyne.KeyEnd)
			mustSee("at the end of August", cell(d, dayAt(2026, 8, 31)))
			for range 9 {
				w.Canvas().FocusNext()
				f := w.Canvas().Focused().(fyne.CanvasObject)
				if f == fyne.CanvasObject(d.grid) {
					f = cell(d, d.Selected)
				}
				mustSee("after Tab", f)
			}
		})
	}
}

// Only one thing has a ring: while a dialog is open, nothing below it.
func TestDialogTakesTheRing(t *testing.T) {
	below := NewButton("Save", "", nil)
	w := window(t, below, 360, 400)
	ring := func() bool {
		for _, r := range seen[*canvas.Rectangle](below) {
			if r.StrokeWidth == ringWidth {
				return true
			}
		}
		return false
	}
	w.Canvas().Focus(below)
	if !ring() {
		t.Fatal("what has the focus has no ring")
	}
	m := Ask(w, Question{Title: "Sure?", Answers: []Answer{{Label: "No"}}})
	if ring() {
		t.Error("below the dialog a ring is seen")
	}
	m.Close()
	if !ring() || w.Canvas().Focused() != fyne.Focusable(below) {
		t.Error("after the dialog the focus is not where it was")
	}
}
