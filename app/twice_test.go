//go:build built

package app_test

import (
	"testing"

	"fyne.io/fyne/v2/test"
	"fyne.io/fyne/v2/theme"

	"connectbackup/screens/widgets"
)

// TestWindowStartedTwice starts the app a second time: it ends at once, and the
// window that is there goes on, also after the first was killed.
func TestWindowStartedTwice(t *testing.T) {
	test.NewTempApp(t).Settings().SetTheme(widgets.NewFixedTheme(theme.VariantLight))
	d := newDesk(t)
	app := program(t)
	first := d.start(app)
	d.click("Try the demo")
	d.see("Got it")
	d.run(app)                         // ends with 0, and shows no window of its own
	d.run(app, "--backup", "bkp_none") // shows that one in the first
	d.see("Show all backups")          // which the server does not know
	if err := first.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = first.Wait() // says that it was killed
	d.start(app)
	d.see("Got it")
}
