package screens

import (
	"context"
	"errors"
	"strings"

	"fyne.io/fyne/v2"

	"connectbackup/api"
	"connectbackup/screens/lang"
	"connectbackup/screens/widgets"
)

// signIn is what somebody sees who is not signed in (requirements I1, I11).
type signIn struct {
	base
	object   fyne.CanvasObject
	demo     *widgets.Button
	demoNote *widgets.Banner
	server   *widgets.Field
	email    *widgets.Field
	password *widgets.Field
	boxes    map[signInPlace]*widgets.FieldBox
	note     *widgets.Banner
	enter    *widgets.PrimaryButton
	forgot   *widgets.Button
	header   *widgets.Header
	intro    *widgets.Text
	ended    *widgets.Banner // why somebody who was signed in is not any more

	signing, asking line
}

// signInPlace is where the reason of a failure stands.
type signInPlace int

const (
	placeNote signInPlace = iota // below the form
	placeServer
	placeEmail
	placePassword
)

// placeOf says beside what a failure to sign in belongs.
func placeOf(err error) signInPlace {
	var (
		address  *api.AddressError
		reach    *api.UnreachableError
		foreign  *api.NotConnectError
		version  *api.VersionError
		redirect *api.RedirectError
	)
	switch {
	case errors.As(err, &address), errors.As(err, &reach), errors.As(err, &foreign),
		errors.As(err, &version), errors.As(err, &redirect):
		return placeServer
	case api.IsCode(err, api.CodeInvalidCredentials):
		return placePassword
	case api.IsCode(err, api.CodeAccountPending):
		return placeEmail
	}
	return placeNote
}

// checkSignIn says what is missing before anything is sent.
func checkSignIn(server, email, password string) map[signInPlace]string {
	problems := map[signInPlace]string{}
	if server == "" {
		problems[placeServer] = lang.L("Enter the address of your Connect server.")
	}
	if email == "" {
		problems[placeEmail] = lang.L("Enter your e-mail address.")
	} else if !strings.Contains(email, "@") {
		problems[placeEmail] = lang.L("This is not an e-mail address.")
	}
	if password == "" {
		problems[placePassword] = lang.L("Enter your password.")
	}
	return problems
}

// NewSignIn makes the sign-in screen.
func NewSignIn(n Needs, nav Nav) Screen {
	s := &signIn{base: newBase(n, nav)}
	s.demo = widgets.NewButton(lang.L("Try the demo"), widgets.IconDemo, s.onDemo)
	s.demoNote, s.note = newNote(), newNote()
	s.server = widgets.NewField(lang.L("Server address"), "https://connect.example.com")
	s.email = widgets.NewField(lang.L("E-mail"), "")
	s.password = widgets.NewPasswordField(lang.L("Password"), "")
	s.boxes = map[signInPlace]*widgets.FieldBox{
		placeServer:   widgets.NewFieldBox(lang.L("Server address"), s.server),
		placeEmail:    widgets.NewFieldBox(lang.L("E-mail"), s.email),
		placePassword: widgets.NewFieldBox(lang.L("Password"), s.password),
	}
	for place, f := range map[signInPlace]*widgets.Field{
		placeServer: s.server, placeEmail: s.email, placePassword: s.password,
	} {
		f.OnChanged = func(string) { s.boxes[place].SetProblem("") }
		f.OnSubmitted = func(string) { s.onSignIn() }
	}
	s.enter = widgets.NewPrimaryButton(lang.L("Sign in"), "", s.onSignIn)
	s.forgot = widgets.NewQuietButton(lang.L("Forgot your password?"), "", s.onForgot)
	s.object = s.arrange()
	return s
}

func newNote() *widgets.Banner {
	b := widgets.NewBanner("", widgets.Bad, widgets.IconWarning)
	b.Round = true
	b.Hide()
	return b
}

func (s *signIn) arrange() fyne.CanvasObject {
	demo := widgets.NewCard(widgets.ColumnGap(12,
		widgets.NewHeading(lang.L("Try it with a demo organisation")),
		widgets.NewMuted(lang.L("Made-up data on this device. Nothing to fill in, nothing is sent anywhere.")),
		s.demoNote, widgets.Flow(s.demo)))
	form := widgets.NewCard(widgets.ColumnGap(2*widgets.Space,
		widgets.NewHeading(lang.L("Sign in to your organisation")),
		s.boxes[placeServer], s.boxes[placeEmail], s.boxes[placePassword],
		s.note, s.enter, s.forgot))
	s.intro = widgets.NewMuted(lang.L("Back up your organisation's data before the server deletes it."))
	s.ended = widgets.NewBanner("", widgets.Waiting, widgets.IconInfo)
	s.ended.Round = true
	s.ended.Hide()
	s.header = widgets.NewHeader(lang.L("Connect Backup"), s.nav.Back)
	s.header.SetBack(false)
	return widgets.Page(s.header, widgets.ColumnGap(2*widgets.Space, s.ended, s.intro, demo, form), nil)
}

// Title implements Screen.
func (s *signIn) Title() string { return lang.L("Sign in") }

// Object implements Screen.
func (s *signIn) Object() fyne.CanvasObject { return s.object }

// Shown implements Screen.
func (s *signIn) Shown() {
	if s.work.begin() {
		s.welcomeBack()
	}
}

// welcomeBack says why somebody who was signed in has to sign in again, and
// spares them to type where and who.
func (s *signIn) welcomeBack() {
	account, why := s.n.Sessions.Ended()
	if why == nil {
		return
	}
	s.ended.SetText(s.sentences(why))
	s.ended.Show()
	s.intro.Hide()
	_, seen := s.n.Sessions.Current()
	s.header.SetBack(seen) // what was last seen can still be read
	if !account.Demo {
		s.server.SetText(account.Server)
		s.email.SetText(account.User.Email)
		if !fyne.CurrentDevice().IsMobile() { // a keyboard would cover half of it
			s.nav.Window().Canvas().Focus(s.password)
		}
	}
	s.object.Refresh()
}

// Hidden implements Screen.
func (s *signIn) Hidden() {
	s.leave()
	s.password.SetText("")
	s.idle()
}

func (s *signIn) onDemo() {
	s.clearProblems()
	s.busy(s.demo)
	ask(&s.work, &s.signing, s.n.Sessions.SignInDemo, func(_ api.Account, err error) {
		s.idle()
		if err != nil {
			s.tell(s.demoNote, err)
			return
		}
		s.nav.ShowHome()
	})
}

func (s *signIn) onSignIn() {
	if s.enter.Disabled() {
		return // Enter in a field while an answer is awaited
	}
	s.clearProblems()
	server, email := strings.TrimSpace(s.server.Text), strings.TrimSpace(s.email.Text)
	problems := checkSignIn(server, email, s.password.Text)
	for place, text := range problems {
		s.boxes[place].SetProblem(text)
	}
	if len(problems) > 0 {
		s.object.Refresh()
		return
	}
	s.send(server, email, s.password.Text, false)
}

func (s *signIn) send(server, email, password string, accept bool) {
	s.busy(nil)
	ask(&s.work, &s.signing, func(ctx context.Context) (api.Account, error) {
		return s.n.Sessions.SignIn(ctx, server, email, password, accept)
	}, func(_ api.Account, err error) {
		s.idle()
		var insecure *api.InsecureError
		switch {
		case err == nil:
			s.nav.ShowHome()
		case errors.As(err, &insecure) && !accept:
			s.askInsecure(insecure, func() { s.send(server, email, password, true) })
		default:
			s.place(err)
		}
	})
}

// askInsecure asks whether password and data may travel readably.
func (s *signIn) askInsecure(e *api.InsecureError, accept func()) {
	s.question(lang.L("This connection is not protected"),
		lang.L("Everybody between this device and {{.Address}} can read your password and your data. Use an address that begins with https if there is one.",
			blanks{"Address": e.Address}),
		widgets.Answer{Label: lang.L("Do not sign in")},
		widgets.Answer{Label: lang.L("Accept the risk"), Danger: true, Do: accept})
}

// place shows the reason of a failure beside where it belongs.
func (s *signIn) place(err error) {
	if box, ok := s.boxes[placeOf(err)]; ok {
		box.SetProblem(s.sentences(err))
		s.object.Refresh()
		return
	}
	s.tell(s.note, err)
}

func (s *signIn) tell(note *widgets.Banner, err error) {
	note.SetText(s.sentences(err))
	note.Show()
	s.object.Refresh()
}

func (s *signIn) clearProblems() {
	for _, box := range s.boxes {
		box.SetProblem("")
	}
	s.note.Hide()
	s.demoNote.Hide()
	s.object.Refresh()
}

// busy and idle are before and after a sign-in.
func (s *signIn) busy(demo *widgets.Button) {
	s.enter.Disable()
	s.demo.Disable()
	if demo != nil {
		demo.SetText(lang.L("Preparing the demo"))
		return
	}
	s.enter.SetText(lang.L("Signing in"), "")
}

func (s *signIn) idle() {
	s.enter.Enable()
	s.demo.Enable()
	s.demo.SetText(lang.L("Try the demo"))
	s.enter.SetText(lang.L("Sign in"), "")
}

// onForgot opens the server's own page for a forgotten password (requirement
// I17).
func (s *signIn) onForgot() {
	s.clearProblems()
	server := strings.TrimSpace(s.server.Text)
	if server == "" {
		s.boxes[placeServer].SetProblem(lang.L("Enter the address of your Connect server first."))
		s.object.Refresh()
		return
	}
	n := s.n
	ask(&s.work, &s.asking, func(ctx context.Context) (string, error) {
		page, err := n.Sessions.PasswordReset(ctx, server)
		if err != nil || page == "" {
			return page, err
		}
		return page, n.Device.OpenURL(page)
	}, func(page string, err error) {
		switch {
		case err != nil:
			s.place(err)
		case page == "":
			s.note.SetText(lang.L("This server has no page for forgotten passwords. Ask the person who manages your organisation."))
			s.note.Show()
			s.object.Refresh()
		}
	})
}
