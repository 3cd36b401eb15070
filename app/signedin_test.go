//go:build built

package app_test

import (
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"

	"fyne.io/fyne/v2/test"
	"fyne.io/fyne/v2/theme"

	"connectbackup/screens/widgets"
)

// TestWindowStaysSignedIn closes the app and opens it again, with the person's
// keyring unlocked, then locked (I1, I15): it stays signed in, it says why it is
// not, and nothing is lost by that.
func TestWindowStaysSignedIn(t *testing.T) {
	test.NewTempApp(t).Settings().SetTheme(widgets.NewFixedTheme(theme.VariantLight))
	d := newDesk(t)
	keyring := d.keyring("--unlock")
	app := d.start(program(t))
	d.click("Try the demo")
	d.see("Got it")
	d.stop(app)
	if files, err := filepath.Glob(filepath.Join(d.home, ".config/connect-backup/secrets/*")); err != nil || len(files) > 0 {
		t.Errorf("the session lies in %v, %v, although there is a keyring", files, err)
	}

	app = d.start(program(t))
	d.see("Got it")
	d.still()
	d.picture("still-signed-in")
	d.stop(app)
	d.stop(keyring)

	locked := d.keyring()
	app = d.start(program(t))
	d.see("its store for passwords.") // meanwhile the app says what it waits for
	d.picture("keyring-asks")
	d.answerPrompt("Escape")
	d.see("sign-in. Unlock the store and start the app again, or sign in anew.") // the second line of it
	d.still()
	d.picture("locked-keyring")
	d.stop(app)
	d.stop(locked)

	d.keyring("--unlock")
	d.start(program(t))
	d.see("Got it")
}

// keyring starts the desktop's store for secrets.
func (d *desk) keyring(options ...string) *exec.Cmd {
	d.t.Helper()
	cmd := d.command("gnome-keyring-daemon", append(options, "--foreground", "--components=secrets", "--control-directory="+d.home+"/run")...)
	cmd.Stdin = strings.NewReader("password")
	d.launch(cmd)
	d.untilOwned("org.freedesktop.secrets", "true")
	return cmd
}

// answerPrompt presses keys in the window in which the keyring asks for its
// password, again now and then until that window has gone: one that has just
// opened may take none yet.
func (d *desk) answerPrompt(keys ...string) {
	d.t.Helper()
	const again = 40 // looks
	search := []string{"search", "--onlyvisible", "--class", "gcr-prompter"}
	// Without a window manager nothing gives it the focus.
	focus := []string{"windowfocus", "mousemove", "--window", "%1", "350", "85", "click", "1", "key", "ctrl+a"}
	press := slices.Concat(search, focus, keys)
	looks := 0
	d.until("the keyring has asked for its password and been answered", func() bool {
		if d.command("xdotool", search...).Run() != nil {
			return looks > 0
		}
		if looks++; looks%again == 1 {
			_ = d.command("xdotool", press...).Run() // fails when the window has just gone
		}
		return false
	})
}

// untilOwned waits until somebody, or nobody, answers to a name on the bus.
func (d *desk) untilOwned(name, owned string) {
	d.t.Helper()
	d.until("whether somebody answers to "+name+" is "+owned, func() bool {
		out, err := d.command("dbus-send", "--session", "--print-reply", "--dest=org.freedesktop.DBus",
			"/", "org.freedesktop.DBus.NameHasOwner", "string:"+name).Output()
		return err == nil && strings.Contains(string(out), owned)
	})
}

// stop ends a program as the end of a desktop's session does, and waits for it.
func (d *desk) stop(cmd *exec.Cmd) {
	d.t.Helper()
	if err := cmd.Process.Signal(syscall.SIGTERM); err != nil {
		d.t.Fatal(err)
	}
	_ = cmd.Wait() // says how it ended: by the signal
}
