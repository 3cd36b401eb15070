package widgets

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/test"
	"fyne.io/fyne/v2/theme"
)

func dateWindow(t *testing.T, selected time.Time) (*DateWindow, *[]time.Time) {
	t.Helper()
	var picked []time.Time
	d := NewDateWindow("Create backup from", selected, dayAt(2024, 11, 23), dayAt(2026, 11, 23), func(day time.Time) { picked = append(picked, day) })
	d.FirstWeekday = time.Monday
	window(t, d, 340, 520)
	return d, &picked
}

// cell is the cell of that day, when it is seen.
func cell(d *DateWindow, day time.Time) *dayCell {
	for _, c := range d.grid.cells {
		if c.Visible() && c.day.Equal(day) {
			return c
		}
	}
	return nil
}

func TestDateWindowReachesAnotherYearInOneTap(t *testing.T) { // S30 to S33
	d, picked := dateWindow(t, dayAt(2026, 11, 23))
	var labels []string
	for _, y := range d.years {
		labels = append(labels, y.Text)
	}
	if len(labels) != 3 || labels[0] != "2026" || labels[2] != "2024" {
		t.Fatalf("years are %v, want newest first and only those of the window", labels)
	}
	test.Tap(d.years[1])
	for range 4 {
		test.Tap(d.previous)
	}
	test.Tap(cell(d, dayAt(2025, 7, 1)))
	if len(*picked) != 0 {
		t.Fatal("a tap on a day set it without OK")
	}
	if d.chosen.Text != "Tuesday, 1 July 2025" {
		t.Errorf("the chosen day reads %q", d.chosen.Text)
	}
	test.Tap(button(d, "OK"))
	if len(*picked) != 1 || !(*picked)[0].Equal(dayAt(2025, 7, 1)) {
		t.Errorf("picked %v, want 1 July 2025", *picked)
	}
}

func button(o fyne.CanvasObject, label string) *Button {
	for _, b := range seen[*Button](o) {
		if b.Text == label {
			return b
		}
	}
	return nil
}

func TestDateWindowKeepsToItsBounds(t *testing.T) { // S29, S34
	d, _ := dateWindow(t, dayAt(2026, 11, 20))
	test.Tap(cell(d, dayAt(2026, 11, 24)))
	if !d.Selected.Equal(dayAt(2026, 11, 20)) {
		t.Errorf("tomorrow was chosen: %v", d.Selected)
	}
	test.Tap(d.further)
	if d.view.Month() != time.November {
		t.Error("it turned to a month without any day to choose")
	}
	d.SelectYear(2024)
	if !d.Selected.Equal(dayAt(2024, 11, 23)) {
		t.Errorf("the same day two years ago lies outside; chosen is %v, want the first day", d.Selected)
	}
	test.Tap(cell(d, dayAt(2024, 11, 22)))
	test.Tap(d.previous)
	if !d.Selected.Equal(dayAt(2024, 11, 23)) || d.view.Month() != time.November {
		t.Error("it went behind the first day")
	}
	far := NewDateWindow("", dayAt(2030, 1, 1), dayAt(2024, 11, 23), dayAt(2026, 11, 23), nil)
	far.prepare()
	if !far.Selected.Equal(dayAt(2026, 11, 23)) {
		t.Errorf("a chosen day outside stays %v", far.Selected)
	}
}

func TestDateWindowByKeyboard(t *testing.T) {
	d, picked := dateWindow(t, dayAt(2026, 3, 31))
	press(d.grid, fyne.KeyPageUp) // February is shorter
	if !d.Selected.Equal(dayAt(2026, 2, 28)) {
		t.Fatalf("a month before 31 March is %v", d.Selected)
	}
	press(d.grid, fyne.KeyRight, fyne.KeyDown, fyne.KeyLeft, fyne.KeyUp, fyne.KeyDown)
	if !d.Selected.Equal(dayAt(2026, 3, 7)) || d.month.Text != "March 2026" {
		t.Fatalf("the keys led to %v, shown is %q", d.Selected, d.month.Text)
	}
	press(d.grid, fyne.KeyHome)
	if !d.Selected.Equal(dayAt(2026, 3, 1)) {
		t.Errorf("Home leads to %v", d.Selected)
	}
	press(d.grid, fyne.KeyEnd, fyne.KeyReturn)
	if len(*picked) != 1 || !(*picked)[0].Equal(dayAt(2026, 3, 31)) {
		t.Errorf("Enter picked %v", *picked)
	}
	for range 30 {
		press(d.grid, fyne.KeyPageDown)
	}
	if !d.Selected.Equal(dayAt(2026, 11, 23)) {
		t.Errorf("the keys led past the last day: %v", d.Selected)
	}
}

func TestDateWindowOpensOverTheWindowAndCancelChangesNothing(t *testing.T) {
	page := NewText("page")
	w := window(t, page, 360, 640)
	for name, leave := range map[string]func(d *DateWindow){
		"Cancel":          func(d *DateWindow) { test.Tap(button(d, "Cancel")) },
		"Esc on the days": func(d *DateWindow) { press(d.grid, fyne.KeyEscape) },
		"Esc on a year":   func(d *DateWindow) { press(d.years[0], fyne.KeyEscape) },
		"Esc on nothing":  func(*DateWindow) { w.Canvas().OnTypedKey()(&fyne.KeyEvent{Name: fyne.KeyEscape}) },
	} {
		pickedDays, cancelled := 0, 0
		d := NewDateWindow("From", dayAt(2026, 3, 31), dayAt(2024, 11, 23), dayAt(2026, 11, 23), func(time.Time) { pickedDays++ })
		d.OnCancel = func() { cancelled++ }
		d.Open(w)
		if w.Canvas().Focused() != d.grid {
			t.Errorf("%s: the focus is on %v", name, w.Canvas().Focused())
		}
		right := fyne.CurrentApp().Driver().AbsolutePositionForObject(d.grid).X + d.grid.Size().Width
		if right > 360 || d.grid.Size().Width < 7*dayLeast {
			t.Errorf("%s: on a phone 360 wide the days reach to %v and are %v wide", name, right, d.grid.Size().Width)
		}
		press(d.grid, fyne.KeyRight)
		leave(d)
		if pickedDays != 0 || cancelled != 1 || w.Canvas().Overlays().Top() != nil {
			t.Errorf("%s: picked %d, cancelled %d, still open %v", name, pickedDays, cancelled, w.Canvas().Overlays().Top() != nil)
		}
	}
	d := NewDateWindow("From", dayAt(2026, 3, 31), dayAt(2024, 11, 23), dayAt(2026, 11, 23), nil)
	d.Open(w)
	press(d.grid, fyne.KeyReturn)
	if w.Canvas().Overlays().Top() != nil {
		t.Error("OK leaves the window open")
	}
}

// largeText is the app's look for somebody who set the text to twice its size.
type largeText struct{ fyne.Theme }

func (l largeText) Size(name fyne.ThemeSizeName) float32 {
	size := l.Theme.Size(name)
	switch name {
	case theme.SizeNameText, theme.SizeNameCaptionText, theme.SizeNameHeadingText, theme.SizeNameSubHeadingText:
		return 2 * size
	}
	return size
}

func TestDateWindowFitsANarrowPhoneAndLargeText(t *testing.T) {
	for _, large := range []bool{false, true} {
		for _, width := range []float32{320, 360, 412} {
			t.Run(fmt.Sprintf("%v wide, large text %v", width, large), func(t *testing.T) {
				look := NewFixedTheme(theme.VariantLight)
				if large {
					look = largeText{look}
				}
				settings := fyne.CurrentApp().Settings()
				before := settings.Theme()
				settings.SetTheme(look)
				defer settings.SetTheme(before)
				w := window(t, NewText("page"), width, 560)
				d := NewDateWindow("Create backup from", dayAt(2026, 9, 30), dayAt(2024, 11, 23), dayAt(2026, 11, 23), nil)
				m := d.Open(w)
				shown := m.back.Position()
				card := fyne.NewSize(shown.X+m.back.Size().Width, shown.Y+m.back.Size().Height)
				if shown.X < 0 || card.Width > width || shown.Y < 0 || card.Height > 560 {
					t.Fatalf("the card reaches from %v to %v", shown, card)
				}
				place := fyne.CurrentApp().Driver().AbsolutePositionForObject
				for _, o := range seen[*canvas.Text](m) {
					at := place(o)
					if at.X < shown.X || at.X+o.MinSize().Width > card.Width {
						t.Errorf("%q reaches from %v to %v, the card from %v to %v", o.Text, at.X, at.X+o.MinSize().Width, shown.X, card.Width)
					}
					if strings.Contains(o.Text, "…") {
						t.Errorf("%q is cut off", o.Text)
					}
				}
				if end := place(d.grid).X + d.grid.Size().Width; end > card.Width-Space {
					t.Errorf("the days end at %v, the card at %v", end, card.Width)
				}
				days := seen[*dayCell](m)
				for _, c := range days {
					if c.Size().Height < Touch || c.Size().Width < dayLeast {
						t.Errorf("a day is %v to a finger", c.Size())
					}
					if words := c.words.MinSize(); words.Width > c.Size().Width || words.Height > c.Size().Height {
						t.Errorf("%s needs %v, has %v", c.words.Text, words, c.Size())
					}
				}
				ok := button(d, "OK")
				scroll := seen[*container.Scroll](m)[0]
				scroll.ScrollToBottom()
				if end := place(ok).Y + ok.Size().Height; end > card.Height {
					t.Errorf("OK ends at %v, below the card's %v", end, card.Height)
				}
				test.Tap(ok)
				if w.Canvas().Overlays().Top() != nil {
					t.Error("OK does not close the window")
				}
			})
		}
	}
}

// What the colours tell is also said: which day is chosen, and which cannot be.
func TestDaysSayWhetherTheyCanBeChosen(t *testing.T) { // B16
	d := NewDateWindow("Create backup from", dayAt(2024, 11, 25), dayAt(2024, 11, 23), dayAt(2026, 11, 23), nil)
	window(t, d, 340, 520)
	said := map[int]string{}
	for _, c := range seen[*dayCell](d) {
		said[c.day.Day()] = c.AccessibilityLabel()
	}
	for day, want := range map[int]string{
		22: "Friday, 22 November 2024, cannot be chosen",
		23: "Saturday, 23 November 2024",
		25: "Monday, 25 November 2024, chosen",
	} {
		if said[day] != want {
			t.Errorf("%d: %q, want %q", day, said[day], want)
		}
	}
}

// A pill takes the same room whether it is chosen or not, so that none beside
// it moves.
func TestChosenPillIsAsWideAsBefore(t *testing.T) {
	for _, tick := range []bool{false, true} {
		c := NewChoiceChip("Everything", nil)
		c.Tick = tick
		window(t, Pills(c), 300, 60)
		before := c.words.Size().Width
		c.SetSelected(true)
		if need := c.words.MinSize().Width; need > before {
			t.Errorf("ticks %v: bold words need %v, have %v", tick, need, before)
		}
	}
}

func TestCalendarPutsDaysUnderTheirWeekday(t *testing.T) {
	for first, want := range map[time.Weekday]int{time.Monday: 2, time.Sunday: 3, time.Saturday: 4} {
		d, _ := dateWindow(t, dayAt(2026, 7, 1)) // a Wednesday
		d.FirstWeekday = first
		d.Refresh()
		if c := d.grid.cells[want]; !c.Visible() || c.day.Day() != 1 {
			t.Errorf("week from %v: 1 July 2026 is not in column %d", first, want)
		}
		if d.grid.heads[0].Text != first.String()[:2] {
			t.Errorf("week from %v begins with %q", first, d.grid.heads[0].Text)
		}
	}
}

func TestFirstWeekdayByLocale(t *testing.T) {
	for locale, want := range map[string]time.Weekday{
		"en-US": time.Sunday, "de-DE": time.Monday, "en": time.Monday, "ar-EG": time.Saturday,
		"pt_BR.UTF-8": time.Sunday, "zh-Hans-CN": time.Monday, "": time.Monday, "C": time.Monday,
	} {
		if got := FirstWeekday(locale); got != want {
			t.Errorf("%q: %v, want %v", locale, got, want)
		}
	}
}
