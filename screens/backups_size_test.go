package screens

import (
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/theme"

	"connectbackup/device/download"
	"connectbackup/screens/widgets"
)

// Of 100,000 backups only those that are seen are made into rows, wherever the
// person scrolls to and however the window is resized.
func TestHugeListMakesOnlyWhatIsSeen(t *testing.T) {
	const count = 100_000
	s, screen := bigList(t, count)
	made := func(what string) {
		t.Helper()
		if n := len(screen.data.rows); n == 0 || n > 60 {
			t.Errorf("%s: %d rows were made", what, n)
		}
		screen.data.stale()
	}
	made("at first")
	for _, i := range []int{count - 1, count / 2, 0} {
		screen.list.ScrollTo(i)
		made("after scrolling")
		s.window.Resize(fyne.NewSize(phoneWidth+float32(i%7), phoneHeight))
		screen.list.Refresh()
		made("after resizing")
	}
	screen.list.ScrollToBottom()
	s.mustSee("Monthly backup 99999")
}

// Typing into the search asks nobody anything and draws no row anew, so it
// never waits.
func TestTypingWaitsForNothing(t *testing.T) {
	s, screen := bigList(t, 5000)
	asked := len(s.world.asked)
	screen.data.stale()
	s.fill(0, "invoices of november")
	if len(s.world.asked) != asked || len(screen.data.rows) != 0 || s.drain() {
		t.Errorf("%d questions, %d rows drawn", len(s.world.asked)-asked, len(screen.data.rows))
	}
}

// The filters fit every width that a window can have, and twice the text, and
// leave room for the list.
func TestFiltersFitEveryWidth(t *testing.T) {
	for _, large := range []bool{false, true} {
		for _, width := range []float32{320, 360, 412, 760, 1000, 1600} {
			look := widgets.NewFixedTheme(theme.VariantLight)
			if large {
				look = largeText{look}
			}
			s := newStageIn(t, look)
			s.world.items = sampleList()
			screen := NewBackups(s.world.needs(), s.nav).(*backups)
			s.put(screen, width, phoneHeight)
			s.Settle()
			place := fyne.CurrentApp().Driver().AbsolutePositionForObject
			chips := 0
			walk(s.front(), nil, func(o fyne.CanvasObject, path []fyne.CanvasObject) {
				c, ok := o.(*widgets.ChoiceChip)
				if !ok {
					return
				}
				chips++
				if from, end := place(c).X, place(c).X+max(c.Size().Width, c.MinSize().Width); from < 0 || end > width {
					t.Errorf("%v wide, large %v: %q reaches from %v to %v", width, large, c.Text, from, end)
				}
			})
			if chips != 4 {
				t.Errorf("%v wide, large %v: %d filters are seen", width, large, chips)
			}
			if h := screen.list.Size().Height; h < phoneHeight/3 {
				t.Errorf("%v wide, large %v: the list is %v high", width, large, h)
			}
		}
	}
}

// Home leads to what is on this device, whatever was searched for before.
func TestShowOnDevice(t *testing.T) {
	s, screen := showList(t, nil)
	s.fill(0, "october")
	s.press(fyne.KeyReturn)
	s.Settle()
	s.world.copies["year-end"] = copyOf(sample(), download.CopyPresent)
	screen.ShowOnDevice()
	s.Settle()
	if got := s.order(); len(got) != 1 || got[0] != "Year end 2026" || s.entry(0).Text != "" {
		t.Errorf("shown are %q", got)
	}
	fresh := NewBackups(s.world.needs(), s.nav)
	fresh.(OnDeviceShower).ShowOnDevice() // before it is seen
	s.show(fresh)
	if got := s.order(); len(got) != 1 {
		t.Errorf("shown are %q", got)
	}
}
