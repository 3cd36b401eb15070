package core

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"time"

	ics "github.com/arran4/golang-ical"

	"connectbackup/api"
	"connectbackup/api/reminder"
	"connectbackup/device/download"
)

// ErrNothingDue says that nothing is about to be deleted, so that there is
// nothing to put into a calendar.
var ErrNothingDue = errors.New("nothing is about to be deleted")

// calendarFile is what the deletions are called in Downloads. It is the app's
// own name, and each export replaces the one before.
const calendarFile = "connect-backup-deletions.ics"

// Calendar writes the deletions that lie ahead into Downloads as an iCalendar
// file (RFC 5545), each with an alarm on every chosen day before it
// (requirement B7). Importing a later one changes what is there instead of
// adding to it. Errors: api.ErrSignedOut, ErrNothingDue, *download.FolderError.
func (r *Reminders) Calendar() (download.Location, error) {
	s := r.core.current()
	if s == nil {
		return "", api.ErrSignedOut
	}
	o, _ := r.look(s)
	events := o.Events()
	if len(events) == 0 {
		return "", ErrNothingDue
	}
	text := r.calendar(s.account, events, r.values(s.account).options().Days)
	return r.core.folder.Save(calendarFile, []byte(text))
}

// alarmHour is when the alarm of a day rings: an event that lasts all day
// begins at midnight.
const alarmHour = 9

func (r *Reminders) calendar(a api.Account, events []reminder.Event, days []int) string {
	c := ics.NewCalendarFor("Connect Backup")
	c.SetMethod(ics.MethodPublish)
	for _, e := range events {
		whose := sha256.Sum256([]byte(a.Server + "\n" + a.Organisation.ID + "\n" + e.Key))
		v := c.AddEvent(hex.EncodeToString(whose[:16]) + "@connect-backup")
		v.SetDtStampTime(r.core.options.Clock())
		v.SetAllDayStartAt(time.Date(e.On.Year, e.On.Month, e.On.Date, 0, 0, 0, 0, time.UTC))
		v.SetTimeTransparency(ics.TransparencyTransparent)
		title := fmt.Sprintf("%s (%s)", r.core.sayText(e.Title), a.Organisation.Name)
		v.SetSummary(title)
		v.SetDescription(r.core.sayText(e.Body))
		for _, before := range days {
			alarm := v.AddAlarm()
			alarm.SetAction(ics.ActionDisplay)
			alarm.SetTrigger(fmt.Sprintf("-P%dDT%dH", before-1, 24-alarmHour))
			alarm.SetProperty(ics.ComponentPropertyDescription, title)
		}
	}
	return c.Serialize(ics.WithNewLineWindows)
}
