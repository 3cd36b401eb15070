package screens

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"fyne.io/fyne/v2"

	"connectbackup/api"
	"connectbackup/app/core"
)

func TestSignInDemo(t *testing.T) {
	s := newStage(t)
	s.show(NewSignIn(s.world.needs(), s.nav))
	s.tap("Try the demo")
	s.Until("home", func() bool { return s.nav.last() == "home" })
}

func TestSignInDemoFails(t *testing.T) {
	s := newStage(t)
	s.world.demoErr = core.ErrServerBusy
	s.show(NewSignIn(s.world.needs(), s.nav))
	s.tap("Try the demo")
	s.waitToSee("Another Connect Backup is already running with the demo data. Use that window, or close it and try again.")
	if s.disabled("Try the demo") || s.nav.last() != "" {
		t.Error("it cannot be tried again")
	}
}

func TestSignIn(t *testing.T) {
	s := newStage(t)
	s.show(NewSignIn(s.world.needs(), s.nav))
	s.tap("Sign in")
	s.mustSee("Enter the address of your Connect server.", "Enter your e-mail address.", "Enter your password.")
	signInAs("https://connect.example.com", "s3cret")(s)
	s.Until("home", func() bool { return s.nav.last() == "home" })
	s.mustNotSee("Enter your password.")
	if got := s.world.signedIn; len(got) != 1 || got[0] != "https://connect.example.com ada@acme.example s3cret false" {
		t.Errorf("sent %q", got)
	}
}

// Every failure stands beside where it belongs.
func TestSignInPlaces(t *testing.T) {
	for place, all := range map[signInPlace][]error{
		placeServer: {
			&api.AddressError{}, errOffline, &api.NotConnectError{}, &api.VersionError{}, &api.RedirectError{},
			fmt.Errorf("sign in: %w", &api.UnreachableError{Reason: api.ReasonTLS}),
		},
		placeEmail:    {problem(api.CodeAccountPending, 403)},
		placePassword: {problem(api.CodeInvalidCredentials, 401)},
		placeNote:     {problem(api.CodeRateLimited, 429), problem(api.CodeInternal, 500), errors.New("?")},
	} {
		for _, err := range all {
			if got := placeOf(err); got != place {
				t.Errorf("%v stands at %v, want %v", err, got, place)
			}
		}
	}
}

func TestSignInFailures(t *testing.T) {
	for name, c := range map[string]struct {
		err  error
		want string
	}{
		"unknown server": {errOffline, "connect.example.com cannot be reached. Check your connection, then try again."},
		"wrong password": {problem(api.CodeInvalidCredentials, 401), "E-mail or password is wrong. Check both, and the server's address."},
		"too often":      {problem(api.CodeRateLimited, 429), "Too many tries in a short time. Wait a minute, then try again."},
	} {
		t.Run(name, func(t *testing.T) {
			s := newStage(t)
			s.world.signErr = c.err
			s.show(NewSignIn(s.world.needs(), s.nav))
			signInAs("https://connect.example.com", "wrong")(s)
			s.waitToSee(c.want)
			if s.nav.last() != "" || s.disabled("Sign in") {
				t.Error("it cannot be tried again")
			}
		})
	}
}

// Whoever was signed in is told why they are not any more, and types only the
// password.
func TestSignInAfterTheSessionEnded(t *testing.T) {
	s := newStage(t)
	s.world.endErr = api.ErrSignedOut
	s.show(NewSignIn(s.world.needs(), s.nav))
	s.mustSee("Your session has ended. Sign in again. Downloaded files stay where they are.")
	if !fyne.CurrentDevice().IsMobile() && s.window.Canvas().Focused() != fyne.Focusable(s.entry(2)) {
		t.Error("the password has not got the focus")
	}
	s.fill(2, "s3cret")
	s.press(fyne.KeyReturn)
	s.Until("home", func() bool { return s.nav.last() == "home" })
	if got := s.world.signedIn; len(got) != 1 || got[0] != "https://connect.example.com ada@acme.example s3cret false" {
		t.Errorf("sent %q", got)
	}
	s.tap("Back")
	if s.nav.last() != "back" {
		t.Error("what was last seen cannot be reached")
	}
}

func TestSignInWithoutTLS(t *testing.T) {
	s := newStage(t)
	s.world.insecure = true
	s.show(NewSignIn(s.world.needs(), s.nav))
	signInAs("http://connect.example.com", "s3cret")(s)
	s.waitToSee("This connection is not protected")
	s.press(fyne.KeyReturn) // the careful answer has the focus
	s.Settle()
	if s.nav.last() != "" || len(s.world.signedIn) != 1 {
		t.Fatalf("signed in without being asked: %v", s.world.signedIn)
	}
	s.tap("Sign in")
	s.waitToSee("Accept the risk")
	s.tap("Accept the risk")
	s.Until("home", func() bool { return s.nav.last() == "home" })
	if got := s.world.signedIn[len(s.world.signedIn)-1]; !strings.HasSuffix(got, "true") {
		t.Errorf("sent %q", got)
	}
}

func TestForgottenPassword(t *testing.T) {
	s := newStage(t)
	s.show(NewSignIn(s.world.needs(), s.nav))
	s.tap("Forgot your password?")
	s.mustSee("Enter the address of your Connect server first.")
	s.fill(0, "https://connect.example.com")
	s.tap("Forgot your password?")
	s.waitToSee("This server has no page for forgotten passwords.")
	s.world.reset = "https://connect.example.com/reset"
	s.tap("Forgot your password?")
	s.Settle()
	if len(s.world.did) != 1 || s.world.did[0] != "browse https://connect.example.com/reset" {
		t.Errorf("did %v", s.world.did)
	}
}

func TestSignInForgetsThePassword(t *testing.T) {
	s := newStage(t)
	screen := NewSignIn(s.world.needs(), s.nav)
	s.show(screen)
	s.fill(2, "s3cret")
	screen.Hidden()
	if s.entry(2).Text != "" {
		t.Error("the password stays in the box")
	}
}
