package app

import (
	"time"

	"connectbackup/app/core"
	"connectbackup/screens"
)

// needsOf hands screens what they need from the core.
func needsOf(c *core.Core, hops screens.Hops) screens.Needs {
	return screens.Needs{
		Sessions:  c.Sessions(),
		Backups:   c.Backups(),
		Downloads: c.Downloads(),
		Reminders: c.Reminders(),
		Device:    machine{c.Machine()},
		Settings:  c.Settings(),
		Words:     core.Explain,
		Hops:      hops,
		Clock:     time.Now,
		After:     time.After,
		Today:     c.Today,
		NewKey:    core.NewKey,
	}
}

// machine tells screens in their words what this device can do.
type machine struct{ *core.Machine }

var _ screens.Device = machine{}

// Can implements screens.Device.
func (m machine) Can(f screens.Feature) bool {
	switch f {
	case screens.CanOpen:
		return m.CanOpen()
	case screens.CanReveal:
		return m.CanReveal()
	case screens.CanShare:
		return m.CanShare()
	case screens.CanKeepScreenOn:
		return m.CanKeepScreenOn()
	default:
		return false
	}
}
