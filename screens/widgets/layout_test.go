package widgets

import (
	"strings"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
)

func TestColumnGivesWrappedTextItsHeightAtOnce(t *testing.T) {
	text := NewText(strings.Repeat("words that wrap ", 20))
	below := NewText("below")
	window(t, Column(text, below), 200, 600)
	if text.Size().Height < 100 {
		t.Errorf("the text is %v high", text.Size().Height)
	}
	if below.Position().Y < text.Size().Height {
		t.Error("what stands below is drawn over the text")
	}
}

func TestPageScrollsOnlyItsBody(t *testing.T) {
	body := NewText(strings.Repeat("words that wrap ", 400))
	button := NewPrimaryButton("Create backup", "", nil)
	page := Page(NewHeader("Title", nil), body, button)
	w := window(t, page, 360, 640)
	at := fyne.CurrentApp().Driver().AbsolutePositionForObject(button)
	if at.Y+button.Size().Height > 640 || at.Y < 500 {
		t.Errorf("the button stands at %v", at)
	}
	if button.Size().Width != 360-4*Space {
		t.Errorf("the button is %v wide on a phone", button.Size().Width)
	}
	w.Resize(fyne.NewSize(1100, 640))
	if button.Size().Width > ReadingWidth || body.Size().Width > ReadingWidth {
		t.Errorf("on a desk the button is %v wide and the text %v", button.Size().Width, body.Size().Width)
	}
}

func TestRowStretchesOneAndNeverLeavesItsWidth(t *testing.T) {
	name := &Line{Text: strings.Repeat("long ", 50)}
	chip := NewChip("Completed", Good, IconTick)
	row := Row(0, name, chip)
	window(t, row, 300, 44)
	if end := chip.Position().X + chip.Size().Width; end > 300.5 {
		t.Errorf("the chip ends at %v", end)
	}
	if name.Size().Width < 100 {
		t.Errorf("the name has only %v", name.Size().Width)
	}
}

// A file name that is longer than a line goes on after one of its parts, and no
// line begins with what a French space holds to the word before; what has no
// parts breaks as it did, and what fits stays as it is.
func TestTextBreaksWhereItMay(t *testing.T) {
	for name, c := range map[string]struct{ text, want string }{
		"a file":        {"acme_year-end-2026_2024-11-23_2026-11-23_7k2m.zip", "acme_year-end-2026_\n2024-11-23_2026-11-23_\n7k2m.zip"},
		"in a sentence": {"It is acme_year-end-2026_2024-11-23.zip, in Downloads.", "It is acme_year-end-2026_\n2024-11-23.zip, in Downloads."},
		"two lines":     {"short\nacme_year-end-2026_2024-11-23.zip", "short\nacme_year-end-2026_\n2024-11-23.zip"},
		"no parts":      {strings.Repeat("x", 60), strings.Repeat("x", 60)},
		"an end":        {strings.Repeat("x", 60) + ".", strings.Repeat("x", 60) + "."},
		"not UTF-8":     {"\xff\xfe_" + strings.Repeat("\xff", 60), "\xff\xfe_\n" + strings.Repeat("\xff", 60)},
		"short":         {"a-b.zip", "a-b.zip"},
		"French":        {"Appuyez sur «\u00a0Télécharger\u00a0» ici", "Appuyez sur\n«\u00a0Télécharger\u00a0» ici"},
		"French, a file": {
			"«\u202facme_year-end-2026_2024-11-23.zip\u202f» est là\u00a0!",
			"«\u202facme_year-end-2026_\n2024-11-23.zip\u202f» est là\u00a0!",
		},
	} {
		t.Run(name, func(t *testing.T) {
			text := NewText(c.text)
			below := NewText("below")
			w := window(t, Column(text, below), 190, 400)
			if text.seg.Text != c.want {
				t.Errorf("it is written\n%q, want\n%q", text.seg.Text, c.want)
			}
			if below.Position().Y < text.MinSize().Height {
				t.Errorf("what stands below begins at %v; the text is %v high", below.Position().Y, text.MinSize().Height)
			}
			w.Resize(fyne.NewSize(1200, 400))
			if text.seg.Text != c.text {
				t.Errorf("with room it is written\n%q", text.seg.Text)
			}
		})
	}
}

// A word is never broken for what stands at the end of its line: that goes
// below it, where it is still seen.
func TestEndedBreaksNoWord(t *testing.T) {
	name, rows := NewText("Appointments booked"), NewCaption("2,950 rows")
	rows.Fixed = true
	list := Column(Ended(name, rows), NewText("below"))
	w := window(t, list, 300, 200)
	if name.Position().Y != rows.Position().Y && rows.Position().X < name.Position().X+name.Size().Width {
		t.Errorf("with room %v and %v stand below each other", name.Position(), rows.Position())
	}
	for _, width := range []float32{name.narrowest() + rows.MinSize().Width + Space, name.narrowest() + 20} {
		w.Resize(fyne.NewSize(width, 200))
		if name.Size().Width < name.narrowest() {
			t.Errorf("of %v the name has %v; its longest word is %v wide", width, name.Size().Width, name.narrowest())
		}
		if end := rows.Position().X + rows.Size().Width; end > width+0.5 {
			t.Errorf("of %v the number of rows ends at %v", width, end)
		}
	}
	if rows.Position().Y < name.Position().Y+name.Size().Height || list.Objects[1].Position().Y < rows.Position().Y+rows.Size().Height {
		t.Errorf("they stand at %v, %v, %v", name.Position(), rows.Position(), list.Objects[1].Position())
	}
}

func TestFlowBreaksLines(t *testing.T) {
	boxes := make([]fyne.CanvasObject, 5)
	for i := range boxes {
		r := canvas.NewRectangle(nil)
		r.SetMinSize(fyne.NewSize(100, 20))
		boxes[i] = r
	}
	flow := Flow(boxes...)
	below := NewText("below")
	window(t, Column(flow, below), 330, 300)
	if flow.Size().Height != 20+Space+20 {
		t.Errorf("five of 100 in 330 are %v high, want two lines", flow.Size().Height)
	}
	if boxes[3].Position().X != 0 || boxes[3].Position().Y != 20+Space {
		t.Errorf("the fourth stands at %v", boxes[3].Position())
	}
}

// The details are a Page within a Frame that has no bottom of its own.
func TestBottomHeightFindsThePageWithinAFrame(t *testing.T) {
	button := NewPrimaryButton("Open with the default app", "", nil)
	frame := Frame(NewHeader("Title", nil), container.NewStack(Page(nil, NewText("body"), button)), nil)
	window(t, frame, 600, 640)
	if h := BottomHeight(frame); h != button.Size().Height+2*Space {
		t.Errorf("the bottom is %v high, its button %v", h, button.Size().Height)
	}
	button.Hide()
	frame.Refresh()
	if h := BottomHeight(frame); h != 0 {
		t.Errorf("a bottom with nothing in it is %v high", h)
	}
	button.Show()
	frame.Refresh()
	if h := BottomHeight(frame); h != button.Size().Height+2*Space {
		t.Errorf("the bottom is %v high once the button is back", h)
	}
}
