//go:build !darwin && !android && !ios

package app

import (
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"
	"fyne.io/fyne/v2/theme"

	"connectbackup/screens/widgets"
)

// moving is an app that counts the animations that its driver is given.
type moving struct {
	fyne.App
	driver *countingDriver
}

func (m moving) Driver() fyne.Driver { return m.driver }

type countingDriver struct {
	fyne.Driver
	started int
}

func (d *countingDriver) StartAnimation(a *fyne.Animation) {
	d.started++
	d.Driver.StartAnimation(a)
}

// Whoever asked the system for no animations sees none: no wave over a button
// that is tapped, and a cursor that does not blink.
func TestCalmAppMovesNothing(t *testing.T) {
	a := test.NewTempApp(t)
	a.Settings().SetTheme(widgets.NewFixedTheme(theme.VariantLight))
	for calm, wanted := range map[bool]bool{false: true, true: false} {
		d := &countingDriver{Driver: a.Driver()}
		fyne.SetCurrentApp(moving{a, d})
		if calm {
			beCalm(moving{a, d})
		}
		button, field := widgets.NewButton("Save", "", nil), widgets.NewField("Title", "")
		w := test.NewTempWindow(t, widgets.Column(button, field))
		test.Tap(button)
		tapped := d.started
		w.Canvas().Focus(field)
		if (tapped > 0) != wanted || (d.started > tapped) != wanted {
			t.Errorf("calm %v: a tap started %d animations, the cursor %d", calm, tapped, d.started-tapped)
		}
		if !field.Visible() || w.Canvas().Focused() != fyne.Focusable(field) {
			t.Errorf("calm %v: the field does not get the focus", calm)
		}
	}
}
