package screens

import (
	"strings"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/theme"
)

func TestSettings(t *testing.T) {
	s := newStage(t)
	s.show(NewSettings(s.world.needs(), s.nav))
	s.mustSee("Acme Trading", "Ada Example, ada@acme.example", "https://connect.example.com",
		"the system's keyring", "/home/ada/Downloads", "0.1.0", "connect-backup.log")
	s.mustNotSee("no protected store")
}

func TestSettingsOfTheDemoWithoutKeyring(t *testing.T) {
	s := newStage(t)
	s.world.protected, s.world.account.Server = false, ""
	s.show(NewSettings(s.world.needs(), s.nav))
	s.mustSee("Demo, inside this app", "This device has no protected store for secrets.")
}

func TestDeviceName(t *testing.T) {
	s := newStage(t)
	s.show(NewSettings(s.world.needs(), s.nav))
	s.fill(0, "   ")
	s.tap("Save")
	s.mustSee("Give this device a name.")
	s.fill(0, strings.Repeat("ü", 81))
	s.tap("Save")
	s.mustSee("Use at most 80 characters.")
	s.fill(0, "  Müllers Laptop ")
	s.press(fyne.KeyReturn)
	s.Until("the toast", func() bool { return s.nav.toast().Text == "Name saved." })
	if s.world.name != "Müllers Laptop" {
		t.Errorf("saved %q", s.world.name)
	}
}

func TestThemes(t *testing.T) {
	s := newStage(t)
	s.show(NewSettings(s.world.needs(), s.nav))
	background := func() any {
		return fyne.CurrentApp().Settings().Theme().Color(theme.ColorNameBackground, theme.VariantLight)
	}
	light := background()
	s.tap("Dark")
	s.Settle()
	if s.world.theme != "dark" || background() == light {
		t.Errorf("kept %q, background %v", s.world.theme, background())
	}
}

// Only a device that can keep its screen on offers it.
func TestTheScreenIsKeptOnIfAsked(t *testing.T) {
	s := newStage(t)
	s.show(NewSettings(s.world.needs(), s.nav))
	s.mustNotSee("Keep the screen on")

	s = newStage(t)
	s.world.can[CanKeepScreenOn] = true
	s.show(NewSettings(s.world.needs(), s.nav))
	for _, want := range []bool{true, false} {
		s.tap("Keep the screen on while downloading")
		s.Until("it is kept", func() bool { return fakeSettings{s.world}.KeepScreenOn() == want })
	}
}

// Signing out asks first, and the careful answer has the focus (I15).
func TestSignOut(t *testing.T) {
	s := newStage(t)
	s.show(NewSettings(s.world.needs(), s.nav))
	s.tap("Sign out")
	s.mustSee("Files you downloaded stay on this device.")
	s.press(fyne.KeyReturn)
	s.Settle()
	if _, in := s.world.needs().Sessions.Current(); !in || s.nav.last() != "" {
		t.Fatal("signed out without being asked")
	}
	s.tap("Sign out")
	s.tap("Sign out") // in the question
	s.Until("sign in", func() bool { return s.nav.last() == "sign in" })
}
