package app

import (
	"archive/zip"
	"bytes"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"

	"connectbackup/api"
	"connectbackup/api/calendar"
	"connectbackup/device"
	"connectbackup/screens/widgets"
)

// journey is what one person does, with what they remember between two steps.
type journey struct {
	*person
	earlier api.Backup // the one that is looked for
	zip     string     // path of the file in Downloads
	from    string     // in the field, before another day is chosen
}

// step is one sentence of what people were promised: done, and looked at.
type step struct {
	number, promise string
	do              func(*journey)
}

// steps are the sentences S5 to S45, in the order of the help video.
var steps = []step{
	{"S5", "the home screen shows modules, and Backup leads on", (*journey).home},
	{"S6", "the backup screen lists every earlier backup", (*journey).list},
	{"S7", "the search runs when its button is pressed", (*journey).search},
	{"S8", "choosing a found backup opens its details", (*journey).choose},
	{"S9", "the details show when it was performed, from and till", (*journey).days},
	{"S10", "the details show the modules in it", (*journey).modules},
	{"S11", "Download Backup stands at the bottom", (*journey).downloadButton},
	{"S12", "it downloads to this device", (*journey).download},
	{"S13", "what arrives is one zip file", (*journey).oneZip},
	{"S14", "the file's name is shown", (*journey).fileName},
	{"S15", "deleted from Downloads, it can be downloaded again at the bottom", (*journey).deleted},
	{"S16", "the server keeps the file for two years from its creation", (*journey).kept},
	{"S17", "until then it can be downloaded as often as one likes", (*journey).anotherTime},
	{"S18", "a file that is already there is asked about", (*journey).asked},
	{"S19", "Yes downloads it once more", (*journey).yes},
	{"S20", "the system shows a notification", (*journey).notified},
	{"S21", "choosing the notification opens the zip", (*journey).notification},
	{"S22", "any ordinary extractor opens the zip", (*journey).ordinaryZip},
	{"S23", "it can be extracted", (*journey).extract},
	{"S24", "the CSV files are sheets for Excel", (*journey).sheets},
	{"S25", "Back leads to the backup screen", (*journey).back},
	{"S26", "an add button stands at the bottom of the list", (*journey).add},
	{"S27", "the form has a box for a title", (*journey).title},
	{"S28", "it starts with the two years until today", (*journey).range24},
	{"S29", "it never reaches back further", (*journey).noFurther},
	{"S30", "choosing the field from opens a window with dates", (*journey).fromWindow},
	{"S31", "in it date and year are chosen", (*journey).dateAndYear},
	{"S32", "another year takes a tap", (*journey).yearInATap},
	{"S33", "OK sets the date, Cancel does not", (*journey).okAndCancel},
	{"S34", "till is today and can be set to an earlier day", (*journey).till},
	{"S35", "all modules are ticked", (*journey).allTicked},
	{"S36", "any can be unticked, also one that is not subscribed to", (*journey).untick},
	{"S37", "Create backup stands at the bottom", (*journey).createButton},
	{"S38", "the server does the work", (*journey).create},
	{"S39", "a green message at the bottom confirms it", (*journey).confirmed},
	{"S40", "the new backup is in the list with a yellow Pending tag", (*journey).yellow},
	{"S41", "the tag turns green by itself", (*journey).green},
	{"S42", "a green one can be chosen", (*journey).chooseGreen},
	{"S43", "its screen opens", (*journey).opened},
	{"S44", "it is downloaded with the button at the bottom", (*journey).downloadNew},
	{"S45", "it is extracted as above", (*journey).extractNew},
}

// TestJourney is the whole job as a person does it, by tapping and typing, one
// step for each sentence that people were promised (S5 to S45).
func TestJourney(t *testing.T) {
	server := demoServer(t)
	for name, size := range map[string]fyne.Size{"phone": fyne.NewSize(412, 892), "desk": fyne.NewSize(1000, 720)} {
		t.Run(name, func(t *testing.T) {
			j := &journey{person: newPerson(t, size, server)}
			j.tap("Try the demo")
			for _, s := range steps {
				whole := j.T
				if !t.Run(s.number+" "+s.promise, func(t *testing.T) {
					j.T = t
					s.do(j)
				}) {
					return // what comes next stands on this
				}
				j.T = whole
			}
			j.leave()
		})
	}
}

func (p *journey) home() {
	p.waitToSee("Acme Trading") // S2: the organisation
	if !p.frame.shell.demo.Visible() {
		p.Error("nothing says that this is a demo")
	}
	p.tap("Backup")
	p.waitToSee("Performed")
}

// backups is every backup that the server has.
func (p *journey) backups() []api.Backup {
	p.Helper()
	page, err := p.core.Backups().List(p.Context(), api.ListQuery{Limit: 100})
	if err != nil || page.Err != nil || page.Value.NextCursor != "" {
		p.Fatalf("%v, %v, further page %q", err, page.Err, page.Value.NextCursor)
	}
	return page.Value.Items
}

func (p *journey) list() {
	all := p.backups()
	if len(all) < 5 {
		p.Fatalf("the demo has only %d earlier backups", len(all))
	}
	seen := map[string]bool{}
	var list *widgets.List
	p.walk(func(o fyne.CanvasObject, _ []fyne.CanvasObject) {
		if l, ok := o.(*widgets.List); ok {
			list = l
		}
	})
	for i := range all {
		list.ScrollTo(i)
		p.drain()
		for _, b := range all {
			seen[b.ID] = seen[b.ID] || strings.Contains(p.sees(), b.Title)
		}
	}
	for _, b := range all {
		if !seen[b.ID] {
			p.Errorf("%q is not in the list", b.Title)
		}
	}
	list.ScrollToTop()
	i := slices.IndexFunc(all, func(b api.Backup) bool { return b.Downloadable() && b.CreatedOn.ID != p.core.Settings().DeviceID() })
	if i < 0 {
		p.Fatal("no earlier backup can be downloaded")
	}
	p.earlier = all[i]
}

func (p *journey) search() {
	other := slices.IndexFunc(p.backups(), func(b api.Backup) bool { return b.Title != p.earlier.Title })
	title := p.backups()[other].Title
	p.waitToSee(title)
	p.fill("Search", strings.ToUpper(p.earlier.Title)) // case does not matter
	p.drain()
	if !strings.Contains(p.sees(), title) {
		p.Error("the search ran before its button was pressed")
	}
	p.walk(func(o fyne.CanvasObject, _ []fyne.CanvasObject) {
		if b, ok := o.(*widgets.Button); ok && b.Text == "Search" { // the box has that name too
			test.Tap(b)
		}
	})
	p.until("only what was looked for", func() bool {
		return strings.Contains(p.sees(), p.earlier.Title) && !strings.Contains(p.sees(), title)
	})
}

func (p *journey) choose() {
	p.tap(p.earlier.Title)
	p.waitToSee("Performed on")
	if !strings.HasPrefix(p.window.Title(), p.earlier.Title) {
		p.Errorf("the window is called %q", p.window.Title())
	}
}

// shortDay is a day as British English writes it.
func shortDay(d calendar.Day) string {
	return fmt.Sprintf("%d %s %d", d.Date, d.Month.String()[:3], d.Year)
}

func (p *journey) days() {
	p.waitToSee(shortDay(calendar.DayOf(p.earlier.PerformedAt, time.Local)))
	p.waitToSee(shortDay(p.earlier.From))
	p.waitToSee(shortDay(p.earlier.Till) + " (inclusive)")
}

func (p *journey) modules() {
	for _, m := range p.earlier.Modules {
		p.waitToSee(m.Name)
	}
}

// atBottom finds what those words press, which must stand at the lower edge.
func (p *journey) atBottom(words string) {
	p.Helper()
	p.until(words+" at the bottom", func() bool {
		o := p.control(words)
		if o == nil {
			return false
		}
		lower := fyne.CurrentApp().Driver().AbsolutePositionForObject(o).Y + o.Size().Height
		return lower > p.window.Canvas().Size().Height-64
	})
}

func (p *journey) downloadButton() {
	if strings.Contains(p.sees(), p.core.Downloads().FileName(p.earlier)) {
		p.Error("a file is named that was never here, of a backup from elsewhere")
	}
	p.atBottom("Download Backup")
}

func (p *journey) download() {
	p.tap("Download Backup")
	p.waitToSee("This file holds personal data") // I18
	p.tap("Download")
	p.waitToSee("Verified")
	p.zip = p.only("*")
}

func (p *journey) oneZip() {
	if p.only("*.zip") != p.zip || !strings.HasPrefix(filepath.Base(p.zip), "demo-") {
		p.Errorf("the file is %s", p.zip)
	}
	info, err := os.Stat(p.zip)
	if err != nil || info.Size() != p.earlier.Archive.Size {
		p.Errorf("%v bytes of %d, %v", info.Size(), p.earlier.Archive.Size, err)
	}
}

func (p *journey) fileName() { p.waitToSee(filepath.Base(p.zip)) }

func (p *journey) deleted() {
	if err := os.Remove(p.zip); err != nil {
		p.Fatal(err)
	}
	p.frame.nav.Refresh()
	p.waitToSee("Deleted from this device")
	p.waitToSee(filepath.Base(p.zip))
	p.atBottom("Download again")
	p.tap("Download again") // nothing is in the way: nothing is asked
	p.waitToSee("Verified")
	if p.only("*.zip") != p.zip {
		p.Errorf("another name: %s", p.only("*.zip"))
	}
}

func (p *journey) kept() {
	zone, err := time.LoadLocation(p.earlier.Timezone)
	if err != nil {
		p.Fatal(err)
	}
	until := calendar.DayOf(calendar.AddMonths(*p.earlier.CompletedAt, 24, zone), zone)
	p.waitToSee("until " + shortDay(until))
}

func (p *journey) anotherTime() {
	p.again("Keep both")
	all := p.zips()
	if len(all) != 2 {
		p.Fatalf("in Downloads are %v", all)
	}
	first, err := os.ReadFile(all[0])
	if err != nil {
		p.Fatal(err)
	}
	second, err := os.ReadFile(all[1])
	if err != nil || !bytes.Equal(first, second) {
		p.Errorf("the second time other bytes came, %v", err)
	}
	if err := os.Remove(p.zip); err != nil {
		p.Fatal(err)
	}
	p.zip = p.only("*.zip")
	p.waitToSee(filepath.Base(p.zip))
}

// again downloads once more, answers the question, and waits for the end.
func (p *journey) again(answer string) {
	p.Helper()
	before := p.toldDownloads()
	p.tap("Download again")
	p.waitToSee("Download it again?")
	p.tap(answer)
	p.until("the end of another download", func() bool {
		return p.toldDownloads() > before && !p.core.Downloads().Active()
	})
	p.waitToSee("Verified")
}

func (p *journey) asked() {
	if err := os.Rename(p.zip, filepath.Join(p.downloads, p.core.Downloads().FileName(p.earlier))); err != nil {
		p.Fatal(err)
	}
	p.zip = p.only("*.zip")
	before := p.toldDownloads()
	p.tap("Download again")
	p.waitToSee("Download it again?")
	p.waitToSee(filepath.Base(p.zip) + " is already in")
	p.tap("No")
	p.drain()
	if p.core.Downloads().Active() || p.toldDownloads() != before {
		p.Error("No downloads it all the same")
	}
}

func (p *journey) yes() {
	before, err := os.Stat(p.zip)
	if err != nil {
		p.Fatal(err)
	}
	p.again("Yes")
	after, err := os.Stat(p.only("*.zip"))
	if err != nil || os.SameFile(before, after) {
		p.Errorf("the file was not replaced, %v", err)
	}
}

// toldDownloads counts the notifications of finished downloads.
func (p *journey) toldDownloads() (n int) {
	for _, title := range p.told.titles() {
		if title == "Backup downloaded" {
			n++
		}
	}
	return n
}

// zips are the zip files in Downloads.
func (p *journey) zips() []string {
	p.Helper()
	files, err := filepath.Glob(filepath.Join(p.downloads, "*.zip"))
	if err != nil {
		p.Fatal(err)
	}
	return files
}

// lastNotification is the newest one of that title.
func (p *journey) lastNotification(title string) (n device.Notification) {
	p.told.mu.Lock()
	defer p.told.mu.Unlock()
	for _, x := range p.told.all {
		if x.Title == title {
			n = x
		}
	}
	return n
}

func (p *journey) notified() {
	if n := p.lastNotification("Backup downloaded"); !strings.Contains(n.Body, filepath.Base(p.zip)) {
		p.Errorf("the notification says %q", n.Body)
	}
}

// notification looks at what a click on it leads to; that the extractor opens
// is seen on a real desktop (TestWindow).
func (p *journey) notification() {
	if n := p.lastNotification("Backup downloaded"); n.Action == "" || n.OnAction == nil {
		p.Errorf("the notification leads nowhere: %+v", n)
	}
}

func (p *journey) ordinaryZip() {
	z, err := zip.OpenReader(p.zip)
	if err != nil {
		p.Fatal(err)
	}
	defer func() { _ = z.Close() }()
	for _, f := range z.File {
		r, err := f.Open()
		if err == nil {
			_, err = io.Copy(io.Discard, r) // compares the checksum at the end
		}
		if err != nil {
			p.Errorf("%s: %v", f.Name, err)
		}
	}
}

func (p *journey) folder() string { return strings.TrimSuffix(p.zip, ".zip") }

func (p *journey) extract() {
	p.tap("Extract")
	p.waitToSee("Extracted")
	p.waitToSee(p.folder())
	p.tap("Close")
}

func (p *journey) sheets() {
	all, err := filepath.Glob(filepath.Join(p.folder(), "*.csv"))
	if err != nil || len(all) == 0 {
		p.Fatalf("%v, %v", all, err)
	}
	for _, sheet := range all {
		b, err := os.ReadFile(sheet)
		if err != nil {
			p.Fatal(err)
		}
		// What makes Excel read UTF-8 and split the columns of this locale.
		header, _, _ := bytes.Cut(b, []byte("\r\n"))
		if !bytes.HasPrefix(b, []byte("\xEF\xBB\xBF")) || !bytes.ContainsAny(header, ",;") {
			p.Errorf("%s begins with %q", filepath.Base(sheet), header)
		}
	}
	if len(all) != len(p.earlier.Modules) {
		p.Errorf("%d sheets of %d modules", len(all), len(p.earlier.Modules))
	}
}

func (p *journey) back() {
	if !p.frame.nav.Wide() { // on a desk the list stands beside it
		p.tap("Back")
	}
	p.waitToSee(p.earlier.Title)
	p.tap("Clear search")
	p.waitToSee(p.backups()[0].Title)
	if p.control("New backup") == nil {
		p.Error("that is not the backup screen")
	}
}

func (p *journey) add() {
	p.atBottom("New backup")
	p.tap("New backup")
	p.waitToSee("Create backup from")
	p.waitToSee("Staff")
}

func (p *journey) title() { p.fill("Title", "Journey") }

// dayField is the button of a field for a day.
func (p *journey) dayField(label string) *widgets.Button {
	p.Helper()
	var found *widgets.Button
	p.walk(func(o fyne.CanvasObject, _ []fyne.CanvasObject) {
		if b, ok := o.(*widgets.FieldBox); ok && b.Label == label {
			found, _ = b.Content.(*widgets.Button)
		}
	})
	if found == nil {
		p.Fatalf("no field %q in:\n%s", label, p.sees())
	}
	return found
}

const fromField, tillField = "Create backup from", "Create backup till"

func (p *journey) range24() {
	today := p.core.Today()
	if from, till := p.dayField(fromField).Text, p.dayField(tillField).Text; from != shortDay(today.AddMonths(-24)) || till != shortDay(today) {
		p.Errorf("from %s till %s on %s", from, till, today)
	}
}

// openDay opens the window of a day.
func (p *journey) openDay(label string) {
	p.Helper()
	test.Tap(p.dayField(label))
	p.until("the window of a day", func() bool { return p.control("Cancel") != nil })
}

func (p *journey) noFurther() {
	p.openDay(fromField)
	oldest := p.core.Today().AddMonths(-24)
	p.waitToSee(fmt.Sprint(oldest.Year))
	if older := fmt.Sprint(oldest.Year - 1); strings.Contains(p.sees(), older) {
		p.Errorf("the year %s can be chosen", older)
	}
	if b, ok := p.control("Previous month").(fyne.Disableable); !ok || !b.Disabled() {
		p.Error("it can be turned back beyond the two years")
	}
	p.tap("Cancel")
}

func (p *journey) fromWindow() {
	p.from = p.dayField(fromField).Text
	p.openDay(fromField)
	p.waitToSee(fromField)
}

func (p *journey) dateAndYear() {
	for year := p.core.Today().Year; year >= p.core.Today().AddMonths(-24).Year; year-- {
		p.waitToSee(fmt.Sprint(year))
	}
	if p.control("Next month") == nil {
		p.Error("no other month can be chosen")
	}
}

func (p *journey) yearInATap() {
	p.tap(fmt.Sprint(p.core.Today().Year - 1)) // in one tap
}

func (p *journey) okAndCancel() {
	p.tap("Cancel")
	if now := p.dayField(fromField).Text; now != p.from {
		p.Errorf("Cancel set %s", now)
	}
	p.openDay(fromField)
	p.yearInATap()
	p.tap("OK")
	if now := p.dayField(fromField).Text; now == p.from || !strings.HasSuffix(now, fmt.Sprint(p.core.Today().Year-1)) {
		p.Errorf("OK set %s", now)
	}
}

func (p *journey) till() {
	today := p.core.Today()
	if till := p.dayField(tillField).Text; till != shortDay(today) {
		p.Fatalf("till is %s", till)
	}
	day := today.AddDays(-1)
	p.openDay(tillField)
	if day.Month != today.Month {
		p.tap("Previous month")
	}
	p.tap(fmt.Sprint(day.Date))
	p.tap("OK")
	if till := p.dayField(tillField).Text; till != shortDay(day) {
		p.Errorf("till is %s, want %s", till, shortDay(day))
	}
}

func (p *journey) allTicked() { p.waitToSee("13 of 13") }

func (p *journey) untick() {
	p.until("an end of the toasts, which float over what is tapped next", func() bool {
		_, ok := p.frame.shell.toasts.Current()
		return !ok
	})
	p.tap("Visitors") // not subscribed to
	p.waitToSee("12 of 13")
}

func (p *journey) createButton() { p.atBottom("Create backup") }

// newest is the backup that was just asked for, on the server.
func (p *journey) newest() api.Backup { return p.backups()[0] }

func (p *journey) create() {
	p.holding.Store(true)
	p.tap("Create backup")
	p.until("a job on the server", func() bool {
		b := p.newest()
		return b.Title == "Journey" && b.Status == api.StatusPending && len(b.Modules) == 12
	})
}

func (p *journey) confirmed() {
	p.until("the green toast", func() bool {
		toast, ok := p.frame.shell.toasts.Current()
		return ok && toast.Tone == widgets.Good && strings.HasPrefix(toast.Text, "Backup started")
	})
}

func (p *journey) yellow() {
	p.waitToSee("Journey")
	p.until("the yellow tag", func() bool {
		for words, tone := range p.chips() {
			if strings.HasPrefix(words, "Pending") && tone == widgets.Waiting {
				return true
			}
		}
		return false
	})
}

func (p *journey) green() {
	p.holding.Store(false)
	close(p.release)
	p.until("the tag to turn green by itself", func() bool {
		chips := p.chips()
		for words := range chips {
			if strings.HasPrefix(words, "Pending") {
				return false
			}
		}
		return strings.Contains(p.sees(), "Journey") && chips["Completed"] == widgets.Good
	})
}

func (p *journey) chooseGreen() {
	p.frame.shell.toasts.Dismiss() // on a phone it floats over what is tapped next
	p.tap("Journey")
}

func (p *journey) opened() {
	p.waitToSee("Performed on")
	if !strings.HasPrefix(p.window.Title(), "Journey") {
		p.Errorf("the window is called %q", p.window.Title())
	}
	p.waitToSee(p.core.Downloads().FileName(p.newest())) // S14: performed on this device
}

func (p *journey) downloadNew() {
	p.atBottom("Download Backup")
	p.tap("Download Backup") // what lies in a file was told once
	p.waitToSee("Verified")
	for _, z := range p.zips() {
		if filepath.Base(z) == p.core.Downloads().FileName(p.newest()) {
			p.zip = z
		}
	}
	p.waitToSee(filepath.Base(p.zip))
}

func (p *journey) extractNew() {
	p.earlier = p.newest()
	p.extract()
	p.sheets()
}

// leave signs out of the demo: the files stay.
func (p *journey) leave() {
	for range 3 {
		p.frame.nav.Back()
	}
	p.waitToSee("Acme Trading")
	p.tap("Leave the demo")
	p.waitToSee("Sign in to your organisation")
	if len(p.zips()) != 2 {
		p.Errorf("signing out left %v", p.zips())
	}
}
