package widgets

import (
	"image"
	"image/png"
	"os"
	"path/filepath"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/test"
	"fyne.io/fyne/v2/theme"

	"connectbackup/assets"
)

// TestLook draws everything into the folder that LOOK names, to be looked at.
func TestLook(t *testing.T) {
	dir := os.Getenv("LOOK")
	if dir == "" {
		t.Skip("set LOOK to a folder to get pictures")
	}
	for name, variant := range map[string]fyne.ThemeVariant{"light": theme.VariantLight, "dark": theme.VariantDark} {
		inLook(t, variant)
		for sheet, make := range sheets {
			for size, s := range map[string]fyne.Size{"phone": fyne.NewSize(360, 760), "wide": fyne.NewSize(760, 760)} {
				w := test.NewTempWindow(t, make())
				w.SetPadded(false)
				w.Resize(s)
				settle(w)
				if sheet == "menu" {
					OpenMenu(w, seen[*IconButton](w.Content())[1], []MenuItem{
						{Label: "Rename", Icon: IconRename},
						{Label: "Delete from this device", Icon: IconComputer, Danger: true},
						{Label: "Delete from server", Icon: IconDelete, Reason: "You may not delete files on the server."},
					})
				}
				if sheet == "modals" && size == "phone" {
					d := NewDateWindow("Create backup from", dayAt(2026, 11, 20), dayAt(2024, 11, 23), dayAt(2026, 11, 23), nil)
					d.Today = dayAt(2026, 11, 23)
					d.Open(w)
				}
				if sheet == "modals" && size == "wide" {
					Ask(w, Question{
						Title: "Download it again?", Text: "acme_year-end_2024-11-23_2026-11-23.zip is already in Downloads. Download it again?",
						Answers: []Answer{{Label: "No"}, {Label: "Keep both"}, {Label: "Yes", Strong: true}},
					})
				}
				save(t, w.Canvas().Capture(), filepath.Join(dir, sheet+"-"+size+"-"+name+".png"))
			}
		}
	}
}

var sheets = map[string]func() fyne.CanvasObject{
	"icons": func() fyne.CanvasObject {
		var all []fyne.CanvasObject
		for _, n := range assets.Icons() {
			all = append(all, NewIconButton(n, n, nil))
		}
		return Scroll(Flow(all...))
	},
	"list": func() fyne.CanvasObject {
		chips := func() fyne.CanvasObject {
			return Flow(
				NewChip("Completed", Good, IconTick),
				NewChip("Pending 42%", Waiting, IconClock),
				NewChip("Partial", Good, IconPartial),
				NewChip("Failed", Bad, IconCross),
				NewChip("Expired", Neutral, IconNone),
				NewChip("On this device", Outline, IconComputer),
				NewChip("Verified", Info, IconVerified))
		}
		bar := NewSearchBar("Search title, module, date…", nil)
		filled := NewSearchBar("", nil)
		filled.SetText("invoices")
		demo := NewBanner("Demo data. Nothing here is real.", Waiting, IconDemo)
		demo.SetAction("Leave demo", func() {})
		off := NewBanner("Offline – list from 10:42", Neutral, IconOffline)
		card := NewTapCard("x", Column(
			Row(0, &Line{Text: "Year end 2026", Bold: true}, NewChip("Completed", Good, IconTick)),
			NewCaption("23 Nov 2024 – 23 Nov 2026 · 12 modules"),
			NewCaption("Performed 2 hours ago · 18.4 MB")), func() {})
		sel := NewTapCard("x", NewText("A chosen one, with a title that is so long that it has to be put on a second line"), func() {})
		sel.SetSelected(true)
		host := NewToastHost(nil)
		host.Push(Toast{Text: "Backup started. It turns green here when it is ready.", Tone: Good})
		return container.NewStack(Frame(
			ColumnGap(0, demo, NewHeader("Backup", func() {}, NewIconButton(IconRefresh, "Refresh", nil)), off),
			Scroll(Inset(16, 8, Column(bar, filled, NewFilterChips([]string{"All", "Completed", "Pending", "On this device"}, nil), card, sel, chips(),
				container.NewHBox(NewAddButton("New backup", nil))))), nil), host)
	},
	"details": func() fyne.CanvasObject {
		p := NewProgressRow(nil, nil, nil)
		p.SetState(ProgressState{Title: "Downloading", Words: "7.1 of 18.4 MB · 6.2 MB/s · 2 s left", Fraction: 0.39, Pause: true, Cancel: true})
		q := NewProgressRow(nil, nil, nil)
		q.SetState(ProgressState{Title: "Checking the file", Words: "The connection was lost. It goes on by itself as soon as the server can be reached again.", Fraction: -1, Tone: Waiting, Resume: true, Cancel: true})
		b := NewPrimaryButton("Download Backup", IconDownload, nil)
		r := NewPrimaryButton("Create backup", "", nil)
		r.SetReason("You may not create backups. Ask an administrator.")
		field := NewField("Title", "")
		field.SetText("Backup 23 Nov 2024 – 23 Nov 2026")
		box := NewFieldBox("Title", field)
		box.SetProblem("Give it a title, of 80 characters at most.")
		return Page(
			NewHeader("Year end 2026 with a long name that does not fit", func() {}, NewChip("Completed", Good, IconTick)),
			Column(
				NewCard(NewFacts(
					Fact{Label: "Performed", Value: "23 Nov 2026 10:42, this device"},
					Fact{Label: "From", Value: "23 Nov 2024"},
					Fact{Label: "File", Value: "acme_year-end_2024-11-23_2026-11-23_and-a-very-long-name-without-spaces.zip", Extra: NewChip("Verified", Info, IconVerified)},
					Fact{Label: "Modules", Value: "Staff 41 rows · Invoices 18,233 rows · Visitors not subscribed · Attendance 12,000 rows"},
				)), NewCard(p), NewCard(q), box,
				NewCheckRow("Invoices", "18,233 rows", true, nil), NewCheckRow("Visitors", "not subscribed", false, nil),
				Flow(NewButton("Extract", IconExtract, nil), NewQuietButton("Share", IconShare, nil), NewDangerButton("Delete", IconDelete, nil)),
			), Column(r, b))
	},
	"date": func() fyne.CanvasObject {
		d := NewDateWindow("Create backup from", dayAt(2025, 7, 1), dayAt(2024, 11, 23), dayAt(2026, 11, 23), nil)
		d.FirstWeekday = time.Monday
		d.Today = dayAt(2026, 11, 23)
		return Column(Inset(16, 16, d))
	},
	"choices": func() fyne.CanvasObject {
		ticks := NewTickChips([]string{"90 days", "60 days", "30 days", "14 days", "7 days", "3 days", "1 day"}, nil)
		ticks.Ticked = []bool{true, false, true, false, true, true, false}
		from, till := NewChoice("From", []string{"22:00"}, nil), NewChoice("Till", []string{"08:00"}, nil)
		from.Selected, till.Selected = "22:00", "08:00"
		password := NewFieldBox("Password", NewPasswordField("Password", ""))
		password.Hint = "The one you sign in with elsewhere, too."
		return Scroll(Inset(16, 16, Column(
			&Line{Text: "One line that is longer than the window is wide, for the auditor of the whole group", Bold: true},
			ticks, Row(-1, from, till), password, NewCheckRow("Quiet hours without notifications", "", true, nil),
		)))
	},
	"menu": func() fyne.CanvasObject {
		return Column(NewHeader("Year end 2026", func() {}, NewIconButton(IconMore, "More", nil)))
	},
	"modals": func() fyne.CanvasObject {
		return NewPlaceholder(IconBackup, Info, "No backups yet", "")
	},
	"empty": func() fyne.CanvasObject {
		p := NewPlaceholder(IconBackup, Info, "No backups yet", "A backup keeps what the server deletes after two years. Make the first one now.")
		p.SetAction("New backup", func() {})
		return p
	},
}

// settle lays out again, as the real window does when the least size of
// something in it changed.
func settle(w fyne.Window) {
	size := w.Canvas().Size()
	for range 2 {
		w.Resize(size.AddWidthHeight(1, 1))
		w.Resize(size)
	}
}

func save(t *testing.T, img image.Image, path string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := png.Encode(f, img); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
}
