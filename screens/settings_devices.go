package screens

import (
	"context"
	"errors"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/widget"

	"connectbackup/api"
	"connectbackup/screens/lang"
	"connectbackup/screens/widgets"
)

// deviceList is the machines on which the person is signed in (requirements
// I2, B10), with what stands there while they are not known.
type deviceList struct {
	rows  *fyne.Container
	state *widgets.Banner
}

func newDeviceList() *deviceList {
	d := &deviceList{rows: widgets.ColumnGap(4), state: widgets.NewBanner("", widgets.Neutral, "")}
	d.state.Round = true
	d.rows.Hide()
	return d
}

// say shows words where the devices would be.
func (d *deviceList) say(text, icon string, action string, do func()) {
	d.state.Icon = icon
	d.state.SetText(text)
	d.state.SetAction(action, do)
	d.state.Show()
}

// loadDevices asks the server.
func (s *settings) loadDevices() {
	s.devices.say(lang.L("Loading your devices"), widgets.IconClock, "", nil)
	if len(s.devices.rows.Objects) > 0 {
		s.devices.state.Hide() // what was known stays until there is an answer
	}
	ask(&s.work, &s.seeing, s.n.Sessions.Devices, s.onDevices)
}

func (s *settings) onDevices(devices []api.SignedInDevice, err error) {
	if err != nil {
		text := s.sentences(err)
		if errors.Is(err, api.ErrSignedOut) {
			text = lang.L("Not known until you sign in again.") // why stands above every screen
		}
		label, do := s.wayOn(err, s.loadDevices)
		s.devices.say(text, widgets.IconOffline, label, do)
		s.object.Refresh()
		return
	}
	s.devices.state.Hide()
	s.devices.rows.Show()
	s.devices.rows.Objects = nil
	for _, row := range deviceRows(devices, s.now(), s.zone()) {
		s.devices.rows.Add(s.deviceLine(row))
	}
	s.object.Refresh()
}

func (s *settings) deviceLine(row deviceRow) fyne.CanvasObject {
	icon := widgets.AtLeast(24, 24, widget.NewIcon(widgets.Icon(row.Icon)))
	words := widgets.ColumnGap(2, &widgets.Text{Text: row.Name, Bold: true}, widgets.NewCaption(row.Detail))
	var end fyne.CanvasObject = widgets.NewChip(lang.L("This device"), widgets.Outline, "")
	if !row.Current {
		out := widgets.NewQuietButton(lang.L("Sign out"), "", func() { s.askSignOutOf(row) })
		out.Spoken = lang.L("Sign out of {{.Device}}", blanks{"Device": row.Name})
		end = out
	}
	return widgets.AtLeast(0, widgets.Touch, widgets.Row(1, icon, widgets.Inset(4, 0, words), end))
}

// askSignOutOf asks before a session on another device ends: whoever sits
// there has to sign in again.
func (s *settings) askSignOutOf(row deviceRow) {
	s.question(lang.L("Sign out of {{.Device}}?", blanks{"Device": row.Name}),
		lang.L("Files that were downloaded there stay there. Whoever uses it has to sign in again."),
		widgets.Answer{Label: lang.L("Stay signed in")},
		widgets.Answer{Label: lang.L("Sign out"), Danger: true, Do: func() { s.signOutOf(row) }},
	)
}

func (s *settings) signOutOf(row deviceRow) {
	n := s.n
	run(&s.work, &s.ending, func(ctx context.Context) error { return n.Sessions.SignOutDevice(ctx, row.ID) },
		func(err error) {
			if err != nil {
				s.fail(err)
				return
			}
			s.nav.Toast(widgets.Toast{
				Text: lang.L("Signed out of {{.Device}}.", blanks{"Device": row.Name}), Tone: widgets.Good,
			})
			s.loadDevices()
		})
}
