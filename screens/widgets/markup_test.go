package widgets

import (
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"
)

// TestMarkup holds every widget to how it was when somebody last looked at its
// picture. After a change: look (LOOK=folder go test -run Look), then take
// what testdata/failed holds over into testdata.
func TestMarkup(t *testing.T) {
	if fyne.CurrentDevice().IsMobile() {
		t.Skip("a phone's build draws fields a little differently")
	}
	running := NewProgressRow(nil, nil, nil)
	running.State = ProgressState{Title: "Downloading", Words: "7.1 of 18.4 MB", Fraction: 0.39, Pause: true, Cancel: true}
	paused := NewProgressRow(nil, nil, nil)
	paused.State = ProgressState{Title: "Paused", Words: "7.1 of 18.4 MB", Fraction: 0.39, Tone: Waiting, Resume: true, Cancel: true}
	refused := NewPrimaryButton("Create backup", "", nil)
	refused.Reason = "You may not create backups."
	searched := NewSearchBar("Search title…", nil)
	searched.SetText("invoices")
	demo := NewBanner("Demo data", Waiting, IconDemo)
	demo.SetAction("Leave the demo", nil)
	wrong := NewFieldBox("Title", NewField("Title", ""))
	wrong.Problem = "Give it a title."
	gone := NewPlaceholder(IconOffline, Bad, "No connection", "The server cannot be reached.")
	gone.SetAction("Try again", nil)
	chosen := NewTapCard("Year end", NewText("Year end"), nil)
	chosen.Selected = true
	date := NewDateWindow("Create backup from", dayAt(2025, 7, 1), dayAt(2024, 11, 23), dayAt(2026, 11, 23), nil)
	date.FirstWeekday, date.Today = time.Monday, dayAt(2025, 7, 15)
	toasts := NewToastHost(nil)
	toasts.Push(Toast{Text: "It failed.", Tone: Bad, Action: "Try again"})

	ticks := NewTickChips([]string{"90 days", "7 days", "1 day"}, nil)
	ticks.Ticked = []bool{true, false, true}
	hours := NewChoice("From", []string{"21:00", "22:00"}, nil)
	hours.Selected = "22:00"
	password := NewFieldBox("Password", NewPasswordField("Password", ""))
	password.Hint = "The one you sign in with elsewhere, too."
	loading := NewLoading("Loading backups")

	for name, c := range map[string]struct {
		object        fyne.CanvasObject
		width, height float32
	}{
		"chip_completed": {Column(NewChip("Completed", Good, IconTick)), 200, 40},
		"chip_outline":   {Column(NewChip("On this device", Outline, IconComputer)), 200, 40},
		"card_chosen":    {Column(chosen), 300, 60},
		"header":         {NewHeader("A title that is longer than there is room for", func() {}, NewIconButton(IconRefresh, "Refresh", nil)), 360, 56},
		"search_empty":   {NewSearchBar("Search title…", nil), 360, 52},
		"search_words":   {searched, 360, 52},
		"filters":        {Column(NewFilterChips([]string{"All", "Completed", "Pending", "On this device"}, nil)), 328, 60},
		"primary":        {Column(NewPrimaryButton("Download Backup", IconDownload, nil)), 360, 60},
		"primary_no":     {Column(refused), 360, 90},
		"add":            {Row(-1, NewAddButton("New backup", nil)), 80, 60},
		"progress_runs":  {Column(running), 360, 140},
		"progress_rests": {Column(paused), 360, 140},
		"banner":         {Column(demo), 360, 60},
		"field_wrong":    {Column(wrong), 360, 110},
		"placeholder":    {gone, 360, 400},
		"facts_phone":    {Column(NewFacts(Fact{Label: "File", Value: "acme_year-end_2024-11-23_2026-11-23-and-more.zip"})), 328, 100},
		"facts_desk":     {Column(NewFacts(Fact{Label: "File", Value: "acme_year-end_2024-11-23_2026-11-23-and-more.zip"})), 600, 100},
		"check":          {Column(NewCheckRow("Visitors", "not subscribed", true, nil)), 360, 50},
		"date":           {date, 340, 520},
		"toast":          {toasts, 360, 300},
		"line":           {Column(&Line{Text: "Year end 2026, for the auditor of the whole group", Bold: true}), 200, 30},
		"tick_chips":     {Column(ticks), 200, 100},
		"choice":         {Column(hours), 160, 50},
		"field_hint":     {Column(password), 360, 110},
		"loading":        {loading, 360, 300},
		"pills":          {Column(Pills(NewChoiceChip("Everything", nil), NewChoiceChip("Last month", nil))), 160, 100},
	} {
		t.Run(name, func(t *testing.T) {
			w := window(t, c.object, c.width, c.height)
			test.AssertRendersToMarkup(t, name+".xml", w.Canvas())
		})
	}
}

// TestMarkupOfWhatOpens is TestMarkup for what stands over the window.
func TestMarkupOfWhatOpens(t *testing.T) {
	if fyne.CurrentDevice().IsMobile() {
		t.Skip("a phone's build draws fields a little differently")
	}
	for name, open := range map[string]func(w fyne.Window, below fyne.CanvasObject){
		"menu": func(w fyne.Window, below fyne.CanvasObject) {
			OpenMenu(w, below, []MenuItem{
				{Label: "Rename", Icon: IconRename},
				{Label: "Delete from this device", Icon: IconComputer, Danger: true},
				{Label: "Delete from server", Icon: IconDelete, Reason: "You may not delete files."},
			})
		},
		"question": func(w fyne.Window, _ fyne.CanvasObject) {
			Ask(w, Question{
				Title: "Download it again?", Text: "acme.zip is already in Downloads.",
				Answers: []Answer{{Label: "No"}, {Label: "Keep both"}, {Label: "Yes", Strong: true}},
			})
		},
	} {
		t.Run(name, func(t *testing.T) {
			more := NewIconButton(IconMore, "More", nil)
			w := window(t, NewHeader("Year end", nil, more), 360, 400)
			open(w, more)
			test.AssertRendersToMarkup(t, name+".xml", w.Canvas())
		})
	}
}
