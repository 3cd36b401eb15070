package widgets

import (
	"strconv"
	"testing"

	"fyne.io/fyne/v2"
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
	rows = append(rows, NewFieldBox("Name", NewField("Name", "")), NewButton("Last", "", nil))
	below := NewPrimaryButton("Save", "", nil)
	page := Page(NewHeader("Title", nil), Column(rows...), below)
	w := window(t, page, 400, 400)
	driver := fyne.CurrentApp().Driver()
	lower := w.Canvas().Size().Height - BottomHeight(page)
	seen := map[fyne.Focusable]bool{}
	for range 40 {
		w.Canvas().FocusNext()
		f := w.Canvas().Focused()
		o := f.(fyne.CanvasObject)
		seen[f] = true
		top := driver.AbsolutePositionForObject(o).Y
		if f != fyne.Focusable(below.button) && (top < 56 || top+o.Size().Height > lower) {
			t.Fatalf("%T stands at %v to %v, and what is seen ends at %v", o, top, top+o.Size().Height, lower)
		}
	}
	if len(seen) != 33 {
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
