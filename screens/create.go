package screens

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"fyne.io/fyne/v2"

	"connectbackup/api"
	"connectbackup/api/calendar"
	"connectbackup/device/download"
	"connectbackup/screens/lang"
	"connectbackup/screens/widgets"
)

// create is the form for a new backup (S27 to S39).
type create struct {
	base
	object *fyne.Container
	createParts

	like       *api.NewBackup // what the form is prefilled with; nil for the usual
	form       calendar.Range
	profile    string
	own        bool // the title was written by the person
	modules    []api.Module
	ticked     map[string]bool
	loadedAll  bool // the modules are known
	attempt    attempt
	asked      api.EstimateRequest // what the estimate shown is of
	loading    line
	sending    line
	estimating line
	begun      bool // the form was filled in once
}

// NewCreate makes the form. like prefills it with other choices than the usual.
func NewCreate(n Needs, nav Nav, like *api.NewBackup) Screen {
	s := &create{base: newBase(n, nav), like: like, ticked: map[string]bool{}}
	s.makeParts()
	s.object = s.arrange()
	return s
}

// Title implements Screen.
func (s *create) Title() string { return s.header.Title }

// Object implements Screen.
func (s *create) Object() fyne.CanvasObject { return s.object }

// Shown implements Screen.
func (s *create) Shown() {
	if !s.work.begin() {
		return
	}
	if !s.begun {
		s.begun = true
		s.prefill()
		s.selectTitle()
	}
	s.load()
	s.draw()
}

// Hidden implements Screen. A reply that is still on its way is asked for
// again under the same key, should the person come back and press the button.
func (s *create) Hidden() {
	s.leave()
	s.asked = api.EstimateRequest{}
	s.idle()
}

// Refresh implements Refresher.
func (s *create) Refresh() { s.load() }

func (s *create) window() calendar.Range { return calendar.Window(s.n.Today(), keptMonths) }

// prefill puts the usual choices, or those of like, into the form.
func (s *create) prefill() {
	s.form, s.profile = s.window(), api.ProfileExcel
	if s.like != nil {
		s.form = calendar.Range{From: s.window().Clamp(s.like.From), Till: s.window().Clamp(s.like.Till)}
		s.own = s.like.Title != ""
	}
	if s.like != nil && s.like.CSVProfile != "" {
		s.profile = s.like.CSVProfile
	}
	s.setTitle(s.suggestion())
}

// suggestion is the title that belongs to the choices.
func (s *create) suggestion() string {
	if s.like == nil {
		return suggestTitle(s.form)
	}
	if s.like.Title != "" {
		return s.like.Title
	}
	return suggestRescue(s.form)
}

// setTitle writes the title without taking it for the person's own.
func (s *create) setTitle(title string) {
	own := s.own
	s.title.SetText(title)
	s.own = own
}

// selectTitle gives the title the focus, all of it selected, so that typing
// replaces it. On a phone that would raise the keyboard over half the form.
func (s *create) selectTitle() {
	if fyne.CurrentDevice().IsMobile() {
		return
	}
	s.nav.Window().Canvas().Focus(s.title)
	s.title.TypedShortcut(&fyne.ShortcutSelectAll{})
}

// offered is what the form offers: the modules, and the backups there are, of
// which one may be the last of everything.
type offered struct {
	modules api.Snapshot[api.ModuleList]
	done    []api.Backup
	copies  []download.Copy
}

func (s *create) load() {
	n := s.n
	ask(&s.work, &s.loading, func(ctx context.Context) (offered, error) {
		modules, err := n.Backups.Modules(ctx)
		if err != nil {
			return offered{}, err
		}
		done, ok := n.Backups.Cached(api.ListQuery{})
		if !ok { // the list was not opened yet
			done, err = n.Backups.List(ctx, api.ListQuery{})
		}
		if err != nil { // only a range of one tap depends on it
			done = api.Snapshot[api.BackupPage]{}
		}
		return offered{modules, done.Value.Items, n.Downloads.Copies()}, nil
	}, s.onLoaded)
	s.drawModules()
}

func (s *create) onLoaded(o offered, err error) {
	if err != nil {
		text := s.sentences(err)
		if errors.Is(err, api.ErrSignedOut) {
			text = s.ageText(err)
		}
		s.modulesFailed(text, err)
		return
	}
	s.age.Hide()
	if o.modules.Err != nil {
		s.age.SetText(s.ageText(o.modules.Err))
		s.age.SetAction(s.wayOn(o.modules.Err, s.load))
		s.age.Show()
	}
	s.takeModules(o.modules.Value.Items)
	s.offerPresets(lastCovered(o.done, o.copies, s.modules))
	s.draw()
}

// ageText says why nothing can be created now, although the form is there.
func (s *create) ageText(err error) string {
	if errors.Is(err, api.ErrSignedOut) {
		return lang.L("A backup can be created when you have signed in again. What you fill in here stays.")
	}
	what, _ := s.say(err)
	return twoSentences(lang.L("Offline – a backup can be created when the server answers again."), what)
}

// takeModules ticks what is new, or what the form was prefilled with, and
// leaves the choices that were already made.
func (s *create) takeModules(modules []api.Module) {
	for _, m := range modules {
		if _, chosen := s.ticked[m.Key]; !chosen {
			s.ticked[m.Key] = s.like == nil || len(s.like.Modules) == 0 || slices.Contains(s.like.Modules, m.Key)
		}
	}
	s.modules, s.loadedAll = modules, true
	s.makeModuleRows()
}

// values copies the form out of its widgets.
func (s *create) values() api.NewBackup {
	f := api.NewBackup{
		Title: strings.TrimSpace(s.title.Text), From: s.form.From, Till: s.form.Till, CSVProfile: s.profile,
	}
	f.Modules = []string{}
	for _, m := range s.modules {
		if s.ticked[m.Key] {
			f.Modules = append(f.Modules, m.Key)
		}
	}
	return f
}

func (s *create) onCreate() {
	if s.sending.busy() || s.main.Disabled() || !s.loadedAll {
		return
	}
	f := s.values()
	if r := checkForm(f, s.window(), len(s.modules)); len(r) > 0 {
		s.complain(r)
		return
	}
	s.complain(nil)
	key, n := s.attempt.keyFor(f, s.n.NewKey), s.n
	ask(&s.work, &s.sending, func(ctx context.Context) (api.Backup, error) { return n.Backups.Create(ctx, key, f) },
		s.onCreated)
	s.main.Disable()
	s.main.SetText(lang.L("Starting the backup"), "")
}

func (s *create) onCreated(_ api.Backup, err error) {
	s.idle()
	s.attempt.answered(err)
	var p *api.Problem
	switch {
	case err == nil:
		s.nav.ShowBackups()
		s.nav.Toast(widgets.Toast{
			Text: lang.L("Backup started. It turns green here when it is ready."), Tone: widgets.Good,
		})
	case errors.As(err, &p) && p.Code == api.CodeIdenticalInProgress && p.BackupID != "":
		s.nav.ShowBackup(p.BackupID)
		s.nav.Toast(widgets.Toast{
			Text: lang.L("The same backup is already being prepared: this is it."), Tone: widgets.Info,
		})
	default:
		s.refusedBy(err)
	}
}

// refusedBy shows why the server refused, beside the fields that it names.
func (s *create) refusedBy(err error) {
	at, other := serverReasons(err, s.window())
	s.complain(at)
	if !other {
		return
	}
	s.note.SetText(s.sentences(err))
	s.note.SetAction("", nil)
	if signedOut(err) {
		s.note.SetAction(lang.L("Sign in"), s.nav.ShowSignIn)
	}
	s.note.Show()
	s.object.Refresh()
}

func (s *create) idle() {
	setEnabled(s.main, s.loadedAll)
	s.main.SetText(lang.L("Create backup"), "")
}

func (s *create) onFrom() {
	s.pickDay(lang.L("Create backup from"), s.form.From, func(d calendar.Day) { s.form.From = d })
}

func (s *create) onTill() {
	s.pickDay(lang.L("Create backup till"), s.form.Till, func(d calendar.Day) { s.form.Till = d })
}

// pickDay opens the date window (S30 to S33). Days that cannot be backed up
// cannot be picked.
func (s *create) pickDay(title string, day calendar.Day, set func(calendar.Day)) {
	window := s.window()
	w := widgets.NewDateWindow(title, noon(day), noon(window.From), noon(window.Till), func(t time.Time) {
		set(calendar.DayOf(t, time.UTC))
		s.rangeChanged()
	})
	w.Today = noon(s.n.Today())
	s.closeDialog()
	s.open = w.Open(s.nav.Window())
}

func noon(d calendar.Day) time.Time {
	return time.Date(d.Year, d.Month, d.Date, 12, 0, 0, 0, time.UTC)
}

func (s *create) onPreset(r calendar.Range) {
	s.form = r
	s.rangeChanged()
}

// rangeChanged follows another range: the suggested title names it.
func (s *create) rangeChanged() {
	if !s.own {
		s.setTitle(s.suggestion())
	}
	r := checkForm(s.values(), s.window(), len(s.modules))
	s.fromBox.SetProblem(r[fieldFrom])
	s.tillBox.SetProblem(r[fieldTill])
	s.draw()
}
