package screens

import (
	"context"
	"slices"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/theme"

	"connectbackup/api/reminder"
	"connectbackup/screens/lang"
	"connectbackup/screens/widgets"
)

// settings is where people see and change how the app is set up.
type settings struct {
	base
	object  fyne.CanvasObject
	header  *widgets.Header
	account *widgets.Facts
	server  *widgets.Facts
	name    *widgets.Field
	nameBox *widgets.FieldBox
	save    *widgets.Button
	place   *widgets.Facts
	secrets *widgets.Banner
	look    *widgets.FilterChips
	awake   *widgets.CheckRow
	tongue  *widgets.FilterChips
	about   *widgets.Facts
	signOut *widgets.Button
	devices *deviceList

	reminders reminderChoices
	options   reminder.Options // as they are shown

	kept struct { // what was chosen last is kept, however fast people choose
		theme, language lastWins[string]
		options         lastWins[reminder.Options]
		awake           lastWins[bool]
	}

	saving, leaving, seeing, ending, choosing, timing, exporting line
}

// ThemeFor is the look of that name: "light", "dark", or the system's.
func ThemeFor(name string) fyne.Theme {
	switch name {
	case "light":
		return widgets.NewFixedTheme(theme.VariantLight)
	case "dark":
		return widgets.NewFixedTheme(theme.VariantDark)
	}
	return widgets.NewTheme()
}

// NewSettings makes the settings screen.
func NewSettings(n Needs, nav Nav) Screen {
	s := &settings{base: newBase(n, nav)}
	s.header = widgets.NewHeader(lang.L("Settings"), nav.Back)
	s.account, s.server = widgets.NewFacts(), widgets.NewFacts()
	s.place, s.about = widgets.NewFacts(), widgets.NewFacts()
	s.signOut = widgets.NewButton(lang.L("Sign out"), widgets.IconSignOut, s.onSignOut)
	s.secrets = widgets.NewBanner("", widgets.Waiting, widgets.IconWarning)
	s.secrets.Round = true
	s.name = widgets.NewField(lang.L("Name of this device"), "")
	s.name.OnSubmitted = func(string) { s.onSaveName() }
	s.name.OnChanged = func(string) { s.nameBox.SetProblem("") }
	s.save = widgets.NewButton(lang.L("Save"), "", s.onSaveName)
	s.nameBox = widgets.NewFieldBox(lang.L("Name of this device"), widgets.Row(0, s.name, s.save))
	s.nameBox.SetHint(lang.L("Others see it at the backups you create here."))
	s.awake = widgets.NewCheckRow(lang.L("Keep the screen on while downloading"), "", false, s.onAwake)
	show(s.awake, s.n.Device.Can(CanKeepScreenOn))
	s.look = widgets.NewFilterChips([]string{lang.L("As the system"), lang.L("Light"), lang.L("Dark")}, s.onTheme)
	s.tongue = widgets.NewFilterChips(append([]string{lang.L("As the system")}, languageNames[1:]...), s.onLanguage)
	s.devices = newDeviceList()
	s.object = widgets.Page(s.header, s.body(), nil)
	return s
}

func (s *settings) body() fyne.CanvasObject {
	section := func(title string, parts ...fyne.CanvasObject) fyne.CanvasObject {
		return widgets.Column(widgets.NewHeading(title), widgets.NewCard(widgets.ColumnGap(12, parts...)))
	}
	return widgets.ColumnGap(3*widgets.Space,
		section(lang.L("Account"), s.account, widgets.Flow(s.signOut)),
		section(lang.L("Server"), s.server, s.secrets),
		section(lang.L("This device"), s.nameBox, s.place, s.awake),
		section(lang.L("Where you are signed in"), s.devices.rows, s.devices.state),
		section(lang.L("Reminders"), s.makeReminders()),
		section(lang.L("Language"), s.tongue),
		section(lang.L("Appearance"), s.look),
		section(lang.L("About"), s.about, widgets.Flow(
			widgets.NewButton(lang.L("Help"), widgets.IconHelp, s.nav.ShowHelp),
			widgets.NewButton(lang.L("Licences"), widgets.IconInfo, s.nav.ShowLicences),
		)),
	)
}

// Title implements Screen.
func (s *settings) Title() string { return s.header.Title }

// Object implements Screen.
func (s *settings) Object() fyne.CanvasObject { return s.object }

// Shown implements Screen.
func (s *settings) Shown() {
	if !s.work.begin() {
		return
	}
	s.fill()
	s.fillReminders()
	s.loadDevices()
	s.object.Refresh()
}

// Refresh implements Refresher.
func (s *settings) Refresh() {
	s.fillReminders()
	s.loadDevices()
}

// Hidden implements Screen.
func (s *settings) Hidden() { s.leave() }

func (s *settings) fill() {
	account, in := s.n.Sessions.Current()
	if in {
		s.account.SetRows(
			widgets.Fact{Label: lang.L("Organisation"), Value: account.Organisation.Name},
			widgets.Fact{Label: lang.L("Signed in as"), Value: personText(account.User.Name, account.User.Email)},
		)
	}
	server := account.Server
	if server == "" {
		server = lang.L("Demo, inside this app")
	}
	where, protected := s.n.Settings.SecretStore()
	s.server.SetRows(
		widgets.Fact{Label: lang.L("Address"), Value: server},
		widgets.Fact{Label: lang.L("Sign-in kept in"), Value: where},
	)
	s.secrets.SetText(lang.L("This device has no protected store for secrets. Whoever can read your files can read your sign-in. Sign out when you are done."))
	show(s.secrets, !protected)
	s.name.SetText(s.n.Settings.DeviceName())
	s.place.SetRows(widgets.Fact{Label: lang.L("Downloads folder"), Value: s.n.Settings.Downloads()})
	s.awake.SetChecked(s.n.Settings.KeepScreenOn())
	s.look.SetSelected(slices.Index(themes, s.n.Settings.Theme()))
	s.tongue.SetSelected(slices.Index(languages, s.n.Settings.Language()))
	s.about.SetRows(
		widgets.Fact{Label: lang.L("Version"), Value: s.n.Settings.Version()},
		widgets.Fact{Label: lang.L("Log file"), Value: s.n.Settings.LogFile()},
	)
}

func (s *settings) onSaveName() {
	name := strings.TrimSpace(s.name.Text)
	if problem := checkDeviceName(name); problem != "" {
		s.nameBox.SetProblem(problem)
		return
	}
	run(&s.work, &s.saving, func(context.Context) error { return s.n.Settings.SetDeviceName(name) },
		func(err error) {
			if err != nil {
				s.nameBox.SetProblem(s.sentences(err))
				return
			}
			s.nav.Toast(widgets.Toast{Text: lang.L("Name saved."), Tone: widgets.Good})
		})
}

func (s *settings) onTheme(i int) {
	name := themes[i]
	fyne.CurrentApp().Settings().SetTheme(ThemeFor(name))
	run(&s.work, &s.saving, s.kept.theme.write(name, s.n.Settings.SetTheme),
		func(err error) {
			if err != nil {
				s.fail(err)
			}
		})
}

func (s *settings) onAwake(on bool) {
	run(&s.work, &s.saving, s.kept.awake.write(on, s.n.Settings.SetKeepScreenOn),
		func(err error) {
			if err != nil {
				s.awake.SetChecked(s.n.Settings.KeepScreenOn())
				s.fail(err)
			}
		})
}

// onLanguage speaks the language at once, and makes the screens anew in it.
func (s *settings) onLanguage(i int) {
	tag, n := languages[i], s.n
	run(&s.work, &s.saving, s.kept.language.write(tag, n.Settings.SetLanguage),
		func(err error) {
			if err != nil {
				s.tongue.SetSelected(slices.Index(languages, n.Settings.Language()))
				s.fail(err)
				return
			}
			lang.Use(tag)
			s.nav.Remake()
		})
}

// onSignOut asks first (requirement I15).
func (s *settings) onSignOut() {
	s.question(lang.L("Sign out?"),
		lang.L("Files you downloaded stay on this device. The session, the offline lists and unfinished downloads are removed."),
		widgets.Answer{Label: lang.L("Stay signed in")},
		widgets.Answer{Label: lang.L("Sign out"), Danger: true, Do: s.doSignOut},
	)
}

func (s *settings) doSignOut() {
	s.signOut.Disable()
	run(&s.work, &s.leaving, s.n.Sessions.SignOut, func(err error) {
		s.signOut.Enable()
		if _, in := s.n.Sessions.Current(); in && err != nil {
			s.fail(err)
			return
		}
		s.nav.ShowSignIn()
	})
}
