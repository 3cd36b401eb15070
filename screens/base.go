package screens

import (
	"errors"
	"time"

	"connectbackup/api"
	"connectbackup/screens/lang"
	"connectbackup/screens/widgets"
)

// base is what all screens have: their needs, the way on, the slow work and
// the dialog that is open.
type base struct {
	n    Needs
	nav  Nav
	work work
	open *widgets.Modal
}

func newBase(n Needs, nav Nav) base { return base{n: n, nav: nav, work: work{hops: n.Hops}} }

// leave is what every Hidden does.
func (b *base) leave() {
	b.work.end()
	b.closeDialog()
}

func (b *base) now() time.Time { return b.n.Clock() }

// zone is that of the person, in which times of day are told.
func (b *base) zone() *time.Location { return b.n.Clock().Location() }

func (b *base) surroundings() surroundings {
	return surroundings{
		DeviceID: b.n.Settings.DeviceID(), DeviceName: b.n.Settings.DeviceName(), Now: b.now(), Zone: b.zone(),
	}
}

// user is the person who is signed in; the zero User may do nothing.
func (b *base) user() api.User {
	account, ok := b.n.Sessions.Current()
	if !ok {
		return api.User{}
	}
	return account.User
}

// say tells an error in words: what happened, and what to do next.
func (b *base) say(err error) (what, next string) {
	what, next, data := b.n.Words(err)
	return translated(what, data), translated(next, data)
}

func translated(text string, data map[string]any) string {
	if text == "" {
		return ""
	}
	return lang.L(text, data)
}

// sentences is say in one text.
func (b *base) sentences(err error) string { return twoSentences(b.say(err)) }

// signedOut reports whether only signing in anew helps.
func signedOut(err error) bool {
	return errors.Is(err, api.ErrSignedOut) || api.IsCode(err, api.CodeSessionExpired)
}

// wayOut is the button beside an error: signing in where the session ended,
// otherwise trying again.
func (b *base) wayOut(err error, retry func()) (label string, do func()) {
	if signedOut(err) {
		return lang.L("Sign in"), b.nav.ShowSignIn
	}
	return lang.L("Retry"), retry
}

// wayOn is wayOut for a bar above what can still be seen. Where the session
// ended, the bar above every screen leads on.
func (b *base) wayOn(err error, retry func()) (label string, do func()) {
	if errors.Is(err, api.ErrSignedOut) {
		return "", nil
	}
	return b.wayOut(err, retry)
}

// fail shows an error of something that was asked for, where no better place
// is at hand.
func (b *base) fail(err error) {
	t := widgets.Toast{Text: b.sentences(err), Tone: widgets.Bad}
	if signedOut(err) {
		t.Action, t.OnTap = lang.L("Sign in"), b.nav.ShowSignIn
	}
	b.nav.Toast(t)
}

// offlineText says that what is seen is only a copy, how old it is, and why
// there is no newer one (requirement I6). The end of the session stands above
// every screen already.
func (b *base) offlineText(at time.Time, err error) string {
	if errors.Is(err, api.ErrSignedOut) {
		return lang.L("As of {{.Time}}", blanks{"Time": asOfText(b.now(), at, b.zone())})
	}
	why, _ := b.say(err)
	return lang.L("Offline – list from {{.Time}}. {{.Why}}",
		blanks{"Time": asOfText(b.now(), at, b.zone()), "Why": why})
}

func (b *base) closeDialog() {
	if b.open != nil {
		b.open.Close()
		b.open = nil
	}
}

// question asks in a dialog. The first answer is the careful one: it has the
// focus, and Esc gives it.
func (b *base) question(title, text string, answers ...widgets.Answer) {
	b.ask(widgets.Question{Title: title, Text: text, Answers: answers})
}

// ask opens a question in place of the dialog that was open.
func (b *base) ask(q widgets.Question) {
	b.closeDialog()
	b.open = widgets.Ask(b.nav.Window(), q)
}
