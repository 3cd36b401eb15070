package widgets_test

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
	"connectbackup/screens/widgets"
)

// TestLook draws everything into the folder that LOOK names, to be looked at.
func TestLook(t *testing.T) {
	dir := os.Getenv("LOOK")
	if dir == "" {
		t.Skip("set LOOK to a folder to get pictures")
	}
	for name, variant := range map[string]fyne.ThemeVariant{"light": theme.VariantLight, "dark": theme.VariantDark} {
		test.NewTempApp(t).Settings().SetTheme(widgets.NewFixedTheme(variant))
		for sheet, make := range sheets {
			for size, s := range map[string]fyne.Size{"phone": fyne.NewSize(360, 760), "wide": fyne.NewSize(760, 760)} {
				w := test.NewTempWindow(t, make())
				w.SetPadded(false)
				w.Resize(s)
				settle(w)
				if sheet == "modals" && size == "phone" {
					d := widgets.NewDateWindow("Create backup from", day(2026, 11, 20), day(2024, 11, 23), day(2026, 11, 23), nil)
					d.Today = day(2026, 11, 23)
					d.Open(w)
				}
				if sheet == "modals" && size == "wide" {
					widgets.Ask(w, widgets.Question{
						Title: "Download it again?", Text: "acme_year-end_2024-11-23_2026-11-23.zip is already in Downloads. Download it again?",
						Answers: []widgets.Answer{{Label: "No"}, {Label: "Keep both"}, {Label: "Yes", Strong: true}},
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
			all = append(all, widgets.NewIconButton(n, n, nil))
		}
		return widgets.Scroll(widgets.Flow(all...))
	},
	"list": func() fyne.CanvasObject {
		chips := func() fyne.CanvasObject {
			return widgets.Flow(
				widgets.NewChip("Completed", widgets.Good, widgets.IconTick),
				widgets.NewChip("Pending 42 %", widgets.Waiting, widgets.IconClock),
				widgets.NewChip("Partial", widgets.Good, widgets.IconPartial),
				widgets.NewChip("Failed", widgets.Bad, widgets.IconCross),
				widgets.NewChip("Expired", widgets.Neutral, widgets.IconNone),
				widgets.NewChip("On this device", widgets.Outline, widgets.IconComputer),
				widgets.NewChip("Verified", widgets.Info, widgets.IconVerified))
		}
		bar := widgets.NewSearchBar("Search title, module, date…", nil)
		filled := widgets.NewSearchBar("", nil)
		filled.SetText("invoices")
		demo := widgets.NewBanner("Demo data. Nothing here is real.", widgets.Waiting, widgets.IconDemo)
		demo.SetAction("Leave demo", func() {})
		off := widgets.NewBanner("Offline – list from 10:42", widgets.Neutral, widgets.IconOffline)
		card := widgets.NewTapCard("x", widgets.Column(
			widgets.Row(0, &widgets.Text{Text: "Year end 2026", Bold: true, Truncate: true}, widgets.NewChip("Completed", widgets.Good, widgets.IconTick)),
			widgets.NewCaption("23 Nov 2024 – 23 Nov 2026 · 12 modules"),
			widgets.NewCaption("Performed 2 hours ago · 18.4 MB")), func() {})
		sel := widgets.NewTapCard("x", widgets.NewText("A chosen one, with a title that is so long that it has to be put on a second line"), func() {})
		sel.SetSelected(true)
		host := widgets.NewToastHost(nil)
		host.Push(widgets.Toast{Text: "Backup started. It turns green here when it is ready.", Tone: widgets.Good})
		return container.NewStack(widgets.Frame(
			widgets.ColumnGap(0, demo, widgets.NewHeader("Backup", func() {}, widgets.NewIconButton(widgets.IconRefresh, "Refresh", nil)), off),
			widgets.Scroll(widgets.Inset(16, 8, widgets.Column(bar, filled, widgets.NewFilterChips([]string{"All", "Completed", "Pending", "On this device"}, nil), card, sel, chips(),
				container.NewHBox(widgets.NewAddButton("New backup", nil))))), nil), host)
	},
	"details": func() fyne.CanvasObject {
		p := widgets.NewProgressRow(nil, nil, nil)
		p.SetState(widgets.ProgressState{Title: "Downloading", Words: "7.1 of 18.4 MB · 6.2 MB/s · 2 s left", Fraction: 0.39, Pause: true, Cancel: true})
		q := widgets.NewProgressRow(nil, nil, nil)
		q.SetState(widgets.ProgressState{Title: "Checking the file", Words: "The connection was lost. It goes on by itself as soon as the server can be reached again.", Fraction: -1, Tone: widgets.Waiting, Resume: true, Cancel: true})
		b := widgets.NewPrimaryButton("Download Backup", widgets.IconDownload, nil)
		r := widgets.NewPrimaryButton("Create backup", "", nil)
		r.SetReason("You may not create backups. Ask an administrator.")
		field := widgets.NewField("Title", "")
		field.SetText("Backup 23 Nov 2024 – 23 Nov 2026")
		box := widgets.NewFieldBox("Title", field)
		box.SetProblem("Give it a title, of 80 characters at most.")
		return widgets.Page(
			widgets.NewHeader("Year end 2026 with a long name that does not fit", func() {}, widgets.NewChip("Completed", widgets.Good, widgets.IconTick)),
			widgets.Column(
				widgets.NewCard(widgets.NewFacts(
					widgets.Fact{Label: "Performed", Value: "23 Nov 2026 10:42, this device"},
					widgets.Fact{Label: "From", Value: "23 Nov 2024"},
					widgets.Fact{Label: "File", Value: "acme_year-end_2024-11-23_2026-11-23_and-a-very-long-name-without-spaces.zip", Extra: widgets.NewChip("Verified", widgets.Info, widgets.IconVerified)},
					widgets.Fact{Label: "Modules", Value: "Staff 41 rows · Invoices 18,233 rows · Visitors not subscribed · Attendance 12,000 rows"},
				)), widgets.NewCard(p), widgets.NewCard(q), box,
				widgets.NewCheckRow("Invoices", "18,233 rows", true, nil), widgets.NewCheckRow("Visitors", "not subscribed", false, nil),
				widgets.Flow(widgets.NewButton("Extract", widgets.IconExtract, nil), widgets.NewQuietButton("Share", widgets.IconShare, nil), widgets.NewDangerButton("Delete", widgets.IconDelete, nil)),
			), widgets.Column(r, b))
	},
	"date": func() fyne.CanvasObject {
		d := widgets.NewDateWindow("Create backup from", day(2025, 7, 1), day(2024, 11, 23), day(2026, 11, 23), nil)
		d.FirstWeekday = time.Monday
		d.Today = day(2026, 11, 23)
		return widgets.Column(widgets.Inset(16, 16, d))
	},
	"modals": func() fyne.CanvasObject {
		return widgets.NewPlaceholder(widgets.IconBackup, widgets.Info, "No backups yet", "")
	},
	"empty": func() fyne.CanvasObject {
		p := widgets.NewPlaceholder(widgets.IconBackup, widgets.Info, "No backups yet", "A backup keeps what the server deletes after two years. Make the first one now.")
		p.SetAction("New backup", func() {})
		return p
	},
}

func day(y int, m time.Month, d int) time.Time { return time.Date(y, m, d, 12, 0, 0, 0, time.UTC) }

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
