package screens

import (
	"context"
	"errors"
	"slices"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/dialog"

	"connectbackup/api"
	"connectbackup/api/calendar"
	"connectbackup/device/download"
	"connectbackup/screens/lang"
	"connectbackup/screens/widgets"
)

// details shows one backup and what can be done with it (S8 to S19, S43 to S45).
type details struct {
	base
	id     string
	object *fyne.Container
	detailsParts

	backup       api.Backup
	known        bool // backup holds something
	fresh        bool // the server was asked in vain or not; no older copy counts any more
	copy         download.Copy
	state        download.State
	name         string // of the archive on this device
	shownModules []fact
	shownCopies  []fact
	folder       string // short name of the Downloads folder
	reading      line   // the server
	looking      line   // this device
	doing        line   // what a button started
	unpack       line   // an extraction
	check        line   // a file that is read: verified, looked for, picked
	asking       line   // who holds the file
	holders      holders
	picker       *dialog.FileDialog
}

// NewDetails makes the screen of one backup.
func NewDetails(n Needs, nav Nav, id string) Screen {
	s := &details{base: newBase(n, nav), id: id}
	s.makeParts()
	s.object = s.arrange()
	return s
}

// Title implements Screen.
func (s *details) Title() string { return s.header.Title }

// Object implements Screen.
func (s *details) Object() fyne.CanvasObject { return s.object }

// Shown implements Screen.
func (s *details) Shown() {
	s.header.SetBack(!s.nav.Wide())
	if !s.work.begin() {
		return
	}
	s.fresh = false
	s.work.until(s.n.Backups.Subscribe(later(&s.work, s.onChanged)))
	s.work.until(s.n.Downloads.Subscribe(later(&s.work, s.onTransfer)))
	s.load()
	s.draw()
}

// Hidden implements Screen.
func (s *details) Hidden() {
	s.leave()
	if s.picker != nil {
		s.picker.Hide()
		s.picker = nil
	}
}

// Refresh implements Refresher.
func (s *details) Refresh() { s.load() }

// FirstFocus implements Focuser: what stands first at the bottom. Where nothing
// opens the file, that is Extract.
func (s *details) FirstFocus() fyne.Focusable {
	f := widgets.FirstFocus(s.object)
	if f == nil && s.known && s.extract.Visible() {
		return s.extract
	}
	return f
}

// found is a backup together with what this device holds of it.
type found struct {
	backup api.Snapshot[api.Backup]
	copy   download.Copy
	state  download.State
	name   string
}

// look finds out what this device holds of a backup. It runs off the UI
// goroutine.
func (s *details) look(b api.Snapshot[api.Backup]) found {
	d := s.n.Downloads
	return found{backup: b, copy: d.Copy(b.Value), state: d.State(b.Value.ID), name: d.FileName(b.Value)}
}

// load asks the server; until it answers, the copy is shown.
func (s *details) load() {
	id, n := s.id, s.n
	early := later(&s.work, s.onCopied)
	ask(&s.work, &s.reading, func(ctx context.Context) (found, error) {
		if copied, ok := n.Backups.CachedBackup(id); ok {
			early(s.look(copied))
		}
		b, err := n.Backups.Get(ctx, id)
		if err != nil {
			return found{}, err
		}
		return s.look(b), nil
	}, s.onRead)
}

func (s *details) onCopied(f found) {
	if !s.fresh {
		s.take(f)
		s.draw()
	}
}

func (s *details) onRead(f found, err error) {
	s.fresh = true
	if err != nil {
		s.showFailure(err)
		return
	}
	s.take(f)
	s.showAge(f.backup)
	s.draw()
	s.askHolders()
}

// askHolders asks which devices hold the file (requirement B10). Without an
// answer what was known stays.
func (s *details) askHolders() {
	if !hadFile(s.backup) {
		return
	}
	id, n := s.id, s.n
	ask(&s.work, &s.asking, func(ctx context.Context) ([]api.DownloadRecord, error) { return n.Backups.Holders(ctx, id) },
		func(records []api.DownloadRecord, err error) {
			if err == nil {
				s.holders = holders{records, true}
				s.draw()
			}
		})
}

func (s *details) take(f found) {
	s.backup, s.known = f.backup.Value, true
	s.copy, s.name = f.copy, f.name
	s.state = f.state
}

// lookAgain asks this device again, after something here has changed.
func (s *details) lookAgain() {
	b := api.Snapshot[api.Backup]{Value: s.backup}
	ask(&s.work, &s.looking, func(context.Context) (found, error) { return s.look(b), nil },
		func(f found, _ error) {
			s.copy, s.name, s.state = f.copy, f.name, f.state
			s.draw()
		})
}

// onChanged takes in what the server did to this backup (S41).
func (s *details) onChanged(b api.Backup) {
	if b.ID != s.id {
		return
	}
	was := s.backup.Status
	s.backup, s.known, s.fresh = b, true, true
	s.age.Hide()
	if was != b.Status {
		s.lookAgain()
		s.askHolders()
	}
	s.draw()
}

// showAge says that what is seen is a copy, and how old it is.
func (s *details) showAge(b api.Snapshot[api.Backup]) {
	if b.Err == nil {
		s.age.Hide()
		return
	}
	s.age.SetText(s.ageText(b.At, b.Err))
	s.age.SetAction(s.wayOn(b.Err, s.load))
	s.age.Show()
}

func (s *details) ageText(at time.Time, err error) string {
	if errors.Is(err, api.ErrSignedOut) {
		return s.offlineText(at, err)
	}
	what, _ := s.say(err)
	return twoSentences(lang.L("Offline – as of {{.Time}}.",
		blanks{"Time": asOfText(s.now(), at, s.zone())}), what)
}

// showFailure says that the backup could not be had. What is already seen
// stays.
func (s *details) showFailure(err error) {
	what, next := s.say(err)
	if s.known {
		s.age.SetText(twoSentences(what, next))
		s.age.SetAction(s.wayOut(err, s.load))
		s.age.Show()
		s.draw()
		return
	}
	s.empty.Set(widgets.IconWarning, widgets.Bad, what, next)
	if api.IsCode(err, api.CodeNotFound) { // asking again would not help
		s.empty.SetAction(lang.L("Show all backups"), s.nav.ShowBackups)
	} else {
		s.empty.SetAction(s.wayOut(err, s.load))
	}
	s.object.Refresh()
}

func (s *details) situation() situation {
	return situation{Backup: s.backup, Copy: s.copy, State: s.state, User: s.user(), Can: s.n.Device.Can}
}

// draw brings everything in line with what is known.
func (s *details) draw() {
	show(s.page, s.known)
	show(s.bottom, s.known)
	show(s.empty, !s.known)
	if s.known {
		s.header.SetTitle(s.backup.Title)
		s.drawFacts()
		s.drawPending()
		o := offersFor(s.situation())
		s.drawFile(o)
		s.drawCopies()
		s.drawButtons(o)
	}
	s.object.Refresh()
}

func (s *details) drawFacts() {
	m := statusMark(s.backup)
	s.chip.Set(m.Text, m.Tone, m.Icon)
	show(s.here, s.copy.State == download.CopyPresent)
	n := noticeFor(s.backup, s.copy, s.holders, s.surroundings(), s.say)
	show(s.notice, n != notice{})
	s.notice.Tone, s.notice.Icon = n.Tone, noticeIcon(n.Tone)
	s.notice.SetText(twoSentences(n.Title, n.Text))
	s.facts.SetRows(asFacts(backupFacts(s.backup, s.surroundings()))...)
	s.drawModules(moduleFacts(s.backup))
}

// drawModules shows the modules, a line each: the name, and at the end what it
// holds.
func (s *details) drawModules(facts []fact) {
	if slices.Equal(facts, s.shownModules) {
		return
	}
	s.shownModules = facts
	s.modules.Objects = lines(facts)
}

// lines are facts whose values stand at the end of the line.
func lines(facts []fact) []fyne.CanvasObject {
	var all []fyne.CanvasObject
	for _, f := range facts {
		content := widgets.NewMuted(f.Value)
		content.Fixed = true
		all = append(all, widgets.Ended(widgets.NewText(f.Label), content))
	}
	return all
}

func noticeIcon(t widgets.Tone) string {
	if t == widgets.Neutral {
		return widgets.IconInfo
	}
	return widgets.IconWarning
}

func asFacts(facts []fact) []widgets.Fact {
	rows := make([]widgets.Fact, len(facts))
	for i, f := range facts {
		rows[i] = widgets.Fact{Label: f.Label, Value: f.Value}
	}
	return rows
}

// drawPending shows how far the server is.
func (s *details) drawPending() {
	pending := s.backup.Status == api.StatusPending
	show(s.pending, pending)
	if !pending {
		return
	}
	percent := percentOf(s.backup)
	p := widgets.ProgressState{Title: stageText(s.backup), Tone: widgets.Waiting}
	p.Words = lang.L("It can be downloaded when it is ready.")
	if percent >= 0 {
		p.Fraction = float64(percent) / 100
		p.Words = lang.L("{{.Percent}} done. It can be downloaded when it is ready.",
			blanks{"Percent": percentText(percent)})
	}
	s.preparing.SetState(p)
}

// drawFile shows which file it is and where.
func (s *details) drawFile(o offers) {
	f := fileText(s.backup, s.copy, s.name, s.folder, s.surroundings())
	show(s.file, f != fileWords{})
	s.fileName.SetText(f.Name)
	show(s.fileName, f.Name != "")
	s.fileNote.SetText(f.Note)
	show(s.badge, f.Verified)
	s.fileNote.SetColor(mutedOrWarning(f.Changed))
	age, stale := verifiedText(s.copy, s.surroundings())
	s.verifiedAge.SetText(age)
	s.verifiedAge.SetColor(mutedOrWarning(stale))
	show(s.verifiedAge, age != "")
	show(s.reveal, o.Reveal)
	show(s.verify, o.Verify)
	show(s.find, o.Find)
	show(s.locate, o.Find)
	show(s.fileButtons, anyShown(s.reveal, s.verify, s.find, s.locate))
}

func mutedOrWarning(warning bool) fyne.ThemeColorName {
	if warning {
		return warningColor
	}
	return widgets.ColorMuted
}

// drawCopies shows which device holds the file.
func (s *details) drawCopies() {
	facts := copyFacts(s.holders, s.copy, s.surroundings())
	note := copiesNote(s.holders, s.copy, s.surroundings())
	show(s.copies, hadFile(s.backup) && (len(facts) > 0 || note != ""))
	s.copiesNote.SetText(note)
	show(s.copiesNote, note != "")
	show(s.copyLines, len(facts) > 0)
	if !slices.Equal(facts, s.shownCopies) {
		s.shownCopies = facts
		s.copyLines.Objects = lines(facts)
	}
}

// window is the range that can be backed up today.
func (s *details) window() calendar.Range { return calendar.Window(s.n.Today(), keptMonths) }
