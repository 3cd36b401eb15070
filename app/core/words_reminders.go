package core

import (
	"errors"

	"connectbackup/api/reminder"
	"connectbackup/device"
)

// explainReminders tells why nobody is reminded, or cannot be.
func explainReminders(err error) (words, bool) {
	switch {
	case errors.Is(err, reminder.ErrNotNow):
		return words{
			what: "Reminders cannot be put off like that now.",
			next: "Back up or download what is about to be deleted, or put them off for a day.",
		}, true
	case errors.Is(err, device.ErrNoTimer):
		return words{
			what: "This session has no systemd that could run a timer for you.",
			next: "Have your own scheduler run the command connect-backup remind every hour, or leave the app open.",
		}, true
	case errors.Is(err, device.ErrNoNotifications):
		return words{
			what: "Nothing on this device shows notifications, or they are switched off for this app.",
			next: "Switch them on in the system's settings. Inside the app you are told all the same.",
		}, true
	case errors.Is(err, ErrReminding):
		return words{
			what: "The app is running, and reminds you by itself.",
			next: "There is nothing to do.",
		}, true
	}
	return words{}, false
}
