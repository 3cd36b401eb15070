package widgets

import (
	"os"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"
	"fyne.io/fyne/v2/theme"
)

// TestMain puts every test in our look. A widget that is made before there is
// an app, or in the look of another test, would be drawn in that one.
func TestMain(m *testing.M) {
	test.NewApp().Settings().SetTheme(NewFixedTheme(theme.VariantLight))
	os.Exit(m.Run())
}

// inLook starts an app in that look until the test ends.
func inLook(t *testing.T, variant fyne.ThemeVariant) {
	t.Helper()
	t.Cleanup(func() { test.NewApp().Settings().SetTheme(NewFixedTheme(theme.VariantLight)) })
	test.NewApp().Settings().SetTheme(NewFixedTheme(variant))
}

// window shows an object in our look.
func window(t *testing.T, o fyne.CanvasObject, w, h float32) fyne.Window {
	t.Helper()
	win := test.NewTempWindow(t, o)
	win.SetPadded(false)
	win.Resize(fyne.NewSize(w, h))
	return win
}

func press(o fyne.Focusable, keys ...fyne.KeyName) {
	for _, k := range keys {
		o.TypedKey(&fyne.KeyEvent{Name: k})
	}
}

// seen collects the visible objects of a type.
func seen[T any](root fyne.CanvasObject) []T {
	var found []T
	var walk func(o fyne.CanvasObject)
	walk = func(o fyne.CanvasObject) {
		if !o.Visible() {
			return
		}
		if x, ok := o.(T); ok {
			found = append(found, x)
		}
		switch o := o.(type) {
		case *fyne.Container:
			for _, child := range o.Objects {
				walk(child)
			}
		case fyne.Widget:
			for _, child := range test.WidgetRenderer(o).Objects() {
				walk(child)
			}
		}
	}
	walk(root)
	return found
}

func TestChipSaysItsWordAndHugsIt(t *testing.T) {
	c := NewChip("Pending", Waiting, IconClock)
	window(t, Column(c), 300, 100)
	if c.AccessibilityLabel() != "Pending" {
		t.Errorf("label is %q", c.AccessibilityLabel())
	}
	if c.pill.Size().Width >= 200 {
		t.Errorf("the pill is %v wide in a column of 300", c.pill.Size().Width)
	}
	c.Set("Completed", Good, IconTick)
	if c.words.Text != "Completed" || c.pill.FillColor != lightPalette[fillOf(Good)] {
		t.Errorf("the chip still shows %q", c.words.Text)
	}
	c.Set("Expired", Neutral, "")
	if c.icon.Visible() {
		t.Error("an icon without a name is drawn")
	}
}

func TestPrimaryButtonSaysWhyItCannotBeUsed(t *testing.T) {
	presses := 0
	p := NewPrimaryButton("Create backup", "", func() { presses++ })
	window(t, p, 360, 100)
	test.Tap(p.button)
	p.SetReason("You may not create backups.")
	test.Tap(p.button)
	press(p.button, fyne.KeyReturn)
	if presses != 1 {
		t.Fatalf("pressed %d times, want once", presses)
	}
	if !p.reason.Visible() || p.reason.Text != "You may not create backups." {
		t.Error("the reason is not shown")
	}
	p.SetReason("")
	press(p.button, fyne.KeyReturn, fyne.KeySpace)
	if presses != 3 || p.reason.Visible() {
		t.Errorf("pressed %d times, want 3; reason visible: %v", presses, p.reason.Visible())
	}
	p.Disable()
	test.Tap(p.button)
	if presses != 3 {
		t.Error("a disabled button can be pressed")
	}
}

func TestWhatIsTappedIsLargeEnoughAndNamed(t *testing.T) {
	controls := map[string]fyne.CanvasObject{
		"icon button": NewIconButton(IconRefresh, "Refresh", nil),
		"add button":  NewAddButton("New backup", nil),
		"button":      NewButton("OK", "", nil),
		"choice":      NewChoiceChip("All", nil),
		"check row":   NewCheckRow("Staff", "41 rows", true, nil),
		"field":       NewField("Title", ""),
		"banner link": newLinkButton(nil),
	}
	for name, o := range controls {
		m := o.MinSize()
		if _, entry := o.(*Field); !entry && name != "check row" && m.Width < Touch {
			t.Errorf("%s is %v wide, want %d", name, m.Width, Touch)
		}
		if m.Height < Touch {
			t.Errorf("%s is %v high, want %d", name, m.Height, Touch)
		}
		a, ok := o.(fyne.Accessible)
		if !ok {
			t.Errorf("%s says nothing to a screen reader", name)
		} else if name != "banner link" && a.AccessibilityLabel() == "" {
			t.Errorf("%s has no name", name)
		}
	}
}

func TestEscReachesTheWindowFromEveryControl(t *testing.T) {
	var got []fyne.KeyName
	list := NewList(func() int { return 1 }, func() fyne.CanvasObject { return NewText("row") }, func(int, fyne.CanvasObject) {})
	controls := []fyne.CanvasObject{
		NewIconButton(IconRefresh, "Refresh", nil), NewButton("Search", "", nil),
		NewChoiceChip("All", nil), NewCheckRow("Staff", "", true, nil), list, NewTapCard("card", NewText("card"), nil),
	}
	w := window(t, Column(controls...), 360, 640)
	w.Canvas().SetOnTypedKey(func(e *fyne.KeyEvent) { got = append(got, e.Name) })
	for _, o := range controls {
		f := o.(fyne.Focusable)
		w.Canvas().Focus(f)
		press(f, fyne.KeyEscape)
	}
	if len(got) != len(controls) {
		t.Errorf("Esc arrived %d times from %d controls", len(got), len(controls))
	}
}

func TestFieldLeavesOnEscAndPassesFunctionKeysOn(t *testing.T) {
	f := NewField("Title", "")
	w := window(t, f, 360, 100)
	refreshed := 0
	w.Canvas().SetOnTypedKey(func(e *fyne.KeyEvent) {
		if e.Name == fyne.KeyF5 {
			refreshed++
		}
	})
	w.Canvas().Focus(f)
	test.Type(f, "abc")
	press(f, fyne.KeyF5)
	if refreshed != 1 {
		t.Error("F5 is lost while a field has the focus")
	}
	press(f, fyne.KeyEscape)
	if w.Canvas().Focused() != nil || f.Text != "abc" {
		t.Errorf("after Esc the focus is on %v and the text is %q", w.Canvas().Focused(), f.Text)
	}
}

func TestSearchRunsOnButtonAndEnterAndClearingRestores(t *testing.T) {
	var asked []string
	s := NewSearchBar("Search title…", func(text string) { asked = append(asked, text) })
	w := window(t, s, 360, 60)
	s.Focus()
	if w.Canvas().Focused() != s.field {
		t.Fatal("the box has no focus")
	}
	test.Type(s.field, "staff")
	if len(asked) != 0 {
		t.Fatal("typing alone searched")
	}
	press(s.field, fyne.KeyReturn)
	test.Tap(seen[*Button](s)[0])
	if !s.clear.Visible() {
		t.Fatal("no way to clear the words")
	}
	test.Tap(s.clear)
	want := []string{"staff", "staff", ""}
	if len(asked) != 3 || asked[0] != want[0] || asked[1] != want[1] || asked[2] != want[2] {
		t.Errorf("searched for %q, want %q", asked, want)
	}
	if s.Text() != "" || s.clear.Visible() {
		t.Error("the box was not emptied")
	}
	test.Type(s.field, "one")
	s.Focus()
	test.Type(s.field, "two")
	if s.Text() != "two" {
		t.Errorf("typing after Focus gives %q, want the old words replaced", s.Text())
	}
}

func TestFilterChipsChooseOne(t *testing.T) {
	var chosen []int
	f := NewFilterChips([]string{"All", "Completed", "Pending", "On this device"}, func(i int) { chosen = append(chosen, i) })
	window(t, Column(f), 328, 200)
	test.Tap(f.chips[2])
	press(f.chips[3], fyne.KeySpace)
	f.SetSelected(1)
	if len(chosen) != 2 || chosen[0] != 2 || chosen[1] != 3 {
		t.Errorf("OnSelect got %v, want [2 3]", chosen)
	}
	for i, c := range f.chips {
		if c.Selected != (i == 1) {
			t.Errorf("pill %d: chosen is %v", i, c.Selected)
		}
	}
	if last := f.chips[3]; last.Position().Y != 0 || last.Position().X+last.Size().Width > 328 {
		t.Errorf("four pills do not fit a phone 360 wide: the last one is at %v, %v, after %v at %v", last.Position(), last.Size(), f.chips[2].Size(), f.chips[2].Position())
	}
}

func TestProgressRowOffersWhatTheStateSays(t *testing.T) {
	var did []string
	p := NewProgressRow(func() { did = append(did, "pause") }, func() { did = append(did, "resume") }, func() { did = append(did, "cancel") })
	window(t, Column(p), 360, 200)
	p.SetState(ProgressState{Title: "Downloading", Words: "7.1 of 18.4 MB", Fraction: 0.5, Pause: true, Cancel: true})
	if got := p.bar.fill.Size().Width / p.bar.Size().Width; got < 0.49 || got > 0.51 {
		t.Errorf("half of it fills %.2f of the bar", got)
	}
	if !p.pause.Visible() || p.resume.Visible() || !p.cancel.Visible() {
		t.Error("wrong buttons while it runs")
	}
	test.Tap(p.pause)
	p.SetState(ProgressState{Title: "Paused", Fraction: 0.5, Resume: true, Cancel: true})
	if p.pause.Visible() || !p.resume.Visible() || p.words.Visible() {
		t.Error("wrong parts while it is paused")
	}
	test.Tap(p.resume)
	test.Tap(p.cancel)
	if len(did) != 3 || did[0] != "pause" || did[1] != "resume" || did[2] != "cancel" {
		t.Errorf("did %v", did)
	}
	p.SetState(ProgressState{Title: "Checking", Fraction: 1})
	if p.buttons.Visible() {
		t.Error("an empty line of buttons takes room")
	}
}

func TestBarOfUnknownLengthMovesOnlyWithReports(t *testing.T) {
	b := NewBar()
	window(t, Column(b), 200, 50)
	at := func() float32 { return b.fill.Position().X }
	b.Set(-1, Neutral)
	first := at()
	b.Refresh()
	if at() != first {
		t.Error("it moved without a report")
	}
	b.Set(-1, Neutral)
	if at() == first {
		t.Error("it stood still though there was a report")
	}
	for range 50 {
		b.Set(-1, Neutral)
		if at() < 0 || at()+b.fill.Size().Width > b.Size().Width+0.01 {
			t.Fatalf("the piece left the bar: %v", at())
		}
	}
	b.Set(2, Neutral)
	if b.fill.Size().Width > b.Size().Width {
		t.Error("more than all of it leaves the bar")
	}
}

func TestHeaderShortensItsTitleNotItsActions(t *testing.T) {
	backs := 0
	chip := NewChip("Completed", Good, IconTick)
	h := NewHeader("A title that is very much longer than the window is wide", func() { backs++ }, chip)
	window(t, h, 360, 56)
	if end := chip.Position().X + chip.Size().Width; end > 360 || chip.Size().Width < chip.MinSize().Width {
		t.Errorf("the chip ends at %v", end)
	}
	test.Tap(h.back)
	h.SetBack(false)
	if h.back.Visible() || backs != 1 {
		t.Errorf("back visible: %v, pressed %d times", h.back.Visible(), backs)
	}
	if m := h.MinSize().Width; m > 360 {
		t.Errorf("a long title makes the window %v wide", m)
	}
}

func TestPlaceholderOffersTheNextStep(t *testing.T) {
	did := 0
	p := NewPlaceholder(IconOffline, Bad, "No connection", "The server cannot be reached.")
	window(t, p, 360, 400)
	if len(seen[*Button](p)) != 0 {
		t.Error("a button without a label is shown")
	}
	p.SetAction("Try again", func() { did++ })
	p.SetAction("Try again", func() { did += 10 })
	test.Tap(seen[*Button](p)[0])
	if did != 10 {
		t.Errorf("the newest action did not run: %d", did)
	}
}

func TestFactsWrapAndStandSideBySideWhereThereIsRoom(t *testing.T) {
	long := "acme_year-end_2024-11-23_2026-11-23-and-a-name-that-goes-on-and-on-without-a-single-space.zip"
	f := NewFacts(Fact{Label: "File", Value: long}, Fact{Label: "Performed on", Value: "23 Nov 2026 (inclusive)"})
	w := window(t, Column(f), 240, 300)
	parts := func(i int) (label, value fyne.CanvasObject) {
		row := f.box.Objects[i].(*fyne.Container)
		return row.Objects[0], row.Objects[1]
	}
	label, value := parts(0)
	if value.Position().Y <= label.Position().Y {
		t.Error("where it is too narrow the value does not stand below its label")
	}
	if value.Size().Height < 2*label.Size().Height {
		t.Errorf("a long name does not wrap: %v high", value.Size().Height)
	}
	narrow := f.Size().Height
	for _, width := range []float32{348, 680} { // a card on a phone, and on a desk
		w.Resize(fyne.NewSize(width, 300))
		first := value.Position().X
		label, value := parts(1)
		if value.Position().X != first || value.Position().Y != label.Position().Y {
			t.Errorf("%v wide: the values stand at %v and %v", width, first, value.Position())
		}
		if label.Size().Height > 24 || value.Size().Height > 24 {
			t.Errorf("%v wide: a short line wraps: %v, %v", width, label.Size(), value.Size())
		}
		if f.Size().Height >= narrow {
			t.Errorf("%v wide: it is still %v high", width, f.Size().Height)
		}
	}
	f.SetRows(Fact{Label: "File", Value: "short.zip"}, Fact{Label: "From", Value: "today"}, Fact{Label: "Till", Value: "today"})
	if len(f.box.Objects) != 3 {
		t.Error("the new lines are not shown")
	}
}

func TestCheckRowCanBeTappedAnywhereAndByKey(t *testing.T) {
	var got []bool
	c := NewCheckRow("Visitors", "not subscribed", true, func(on bool) { got = append(got, on) })
	w := window(t, c, 360, 44)
	test.TapCanvas(w.Canvas(), fyne.NewPos(340, 22))
	press(c, fyne.KeySpace)
	c.SetChecked(false)
	if len(got) != 2 || got[0] || !got[1] {
		t.Errorf("OnChanged got %v, want false, true", got)
	}
	if c.tick.Visible() {
		t.Error("a row that is not ticked shows a tick")
	}
	if c.AccessibilityLabel() != "Visitors, not subscribed" {
		t.Errorf("label is %q", c.AccessibilityLabel())
	}
}

func TestBannerWrapsAndActs(t *testing.T) {
	left := 0
	b := NewBanner("Demo data. Nothing here is real, and it may vanish at any time without notice.", Waiting, IconDemo)
	b.SetAction("Leave demo", func() { left++ })
	window(t, Column(b), 360, 200)
	test.Tap(b.action)
	if left != 1 {
		t.Error("the action did not run")
	}
	if b.Size().Height < 60 {
		t.Errorf("long words in a narrow banner are %v high: they do not wrap", b.Size().Height)
	}
	if end := b.action.Position().X + b.action.Size().Width; end > 360 {
		t.Errorf("the action ends at %v", end)
	}
}

func TestFieldBoxShowsTheProblemBesideTheField(t *testing.T) {
	b := NewFieldBox("Title", NewField("Title", ""))
	b.SetHint("1 to 80 characters")
	window(t, Column(b), 360, 200)
	b.SetProblem("Give it a title.")
	if b.note.Text != "Give it a title." || b.note.ColorName != textOf(Bad) {
		t.Errorf("shows %q", b.note.Text)
	}
	if b.AccessibilityLabel() != "Title. Give it a title." {
		t.Errorf("label is %q", b.AccessibilityLabel())
	}
	b.SetProblem("")
	if b.note.Text != "1 to 80 characters" {
		t.Errorf("the hint did not come back: %q", b.note.Text)
	}
}

func TestTapCardLetsItsButtonsWin(t *testing.T) {
	card, button := 0, 0
	inner := NewButton("Open", "", func() { button++ })
	c := NewTapCard("Year end", Column(NewText("Year end"), inner), func() { card++ })
	w := window(t, c, 300, 120)
	test.TapCanvas(w.Canvas(), fyne.NewPos(150, 20))
	test.TapCanvas(w.Canvas(), fyne.NewPos(150, 65))
	if card != 1 || button != 1 {
		t.Errorf("card tapped %d, button %d; want 1 and 1", card, button)
	}
	press(c, fyne.KeyReturn)
	if card != 2 {
		t.Error("Enter does not press the card")
	}
}
