//go:build !linux || android

package app

import (
	"encoding/json"
	"errors"
	"runtime"
	"time"

	"fyne.io/fyne/v2"

	"connectbackup/device"
)

// scheduledKey is where Fyne's preferences remember what the system was handed:
// it can be taken back by its ID alone. Nothing else of the app stands there.
const scheduledKey = "scheduled"

// schedulePause keeps apart the scripts by which Windows is told: Fyne names
// their files by a counter that several of them read at once.
const schedulePause = 150 * time.Millisecond

// scheduleBy hands notifications to the system by the toolkit. What it has
// already is left there: each costs Windows a program that starts.
func scheduleBy(a fyne.App) func([]device.Scheduled) error {
	return func(all []device.Scheduled) error {
		if runtime.GOOS == "windows" { // which is asked by programs, and slowly
			return reschedule(a, all)
		}
		fyne.Do(func() {
			if err := reschedule(a, all); err != nil {
				fyne.LogError("hand reminders to the system", err)
			}
		})
		return nil
	}
}

func reschedule(a fyne.App, all []device.Scheduled) error {
	var before []handedOver
	if text := a.Preferences().String(scheduledKey); text != "" {
		if err := json.Unmarshal([]byte(text), &before); err != nil {
			fyne.LogError("read what the system was handed", err) // it is shown once too often, at worst
		}
	}
	keep, drop, add := compareScheduled(before, all, time.Now())
	var errs []error
	for _, h := range drop {
		if err := a.CancelScheduledNotification(h.ID); err != nil {
			errs = append(errs, err)
			keep = append(keep, h) // tried again the next time
		}
		pauseOnWindows()
	}
	for _, s := range add {
		n, err := a.ScheduleNotification(fyne.NewNotification(s.Title, s.Body), s.At)
		if err != nil {
			errs = append(errs, err)
			continue
		}
		keep = append(keep, handedOver{Scheduled: s, ID: n.ID()})
		pauseOnWindows()
	}
	text, err := json.Marshal(keep)
	if err == nil {
		a.Preferences().SetString(scheduledKey, string(text))
	}
	return errors.Join(append(errs, err)...)
}

func pauseOnWindows() {
	if runtime.GOOS == "windows" {
		time.Sleep(schedulePause)
	}
}
