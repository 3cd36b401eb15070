package screens

import (
	"strings"
	"time"

	"connectbackup/api"
	"connectbackup/api/calendar"
	"connectbackup/device/download"
	"connectbackup/screens/lang"
)

// staleAfter is how many days after it was last verified a copy should be
// verified again (requirement B15).
const staleAfter = 180

// holders are the devices that hold the file of a backup, without this one:
// what lies here is seen on the disk, not asked from the server.
type holders struct {
	Records []api.DownloadRecord // the last that each device said
	Known   bool                 // the server was asked
}

// others are the records of the other devices that hold the file.
func (h holders) others(deviceID string) []api.DownloadRecord {
	var all []api.DownloadRecord
	seen := map[string]bool{deviceID: true}
	for _, r := range h.Records {
		holds := r.Event == api.DownloadCompleted || r.Event == api.DownloadVerified
		if holds && !seen[r.Device.ID] {
			all = append(all, r)
		}
		seen[r.Device.ID] = true
	}
	return all
}

// names are the other devices that hold the file, for a sentence.
func (h holders) names(deviceID string) string {
	var names []string
	for _, r := range h.others(deviceID) {
		names = append(names, deviceName(r.Device))
	}
	return strings.Join(names, ", ")
}

func deviceName(d api.DeviceRef) string {
	if d.Name == "" {
		return lang.L("A device without a name")
	}
	return d.Name
}

// copyFacts says which device holds the file and since when, this one first
// (requirement B10).
func copyFacts(h holders, c download.Copy, s surroundings) []fact {
	var facts []fact
	if c.State == download.CopyPresent {
		facts = append(facts, fact{
			lang.L("{{.Device}} (this device)", blanks{"Device": s.DeviceName}),
			lang.L("since {{.Day}}", blanks{"Day": dayText(calendar.DayOf(c.At, s.Zone))}),
		})
	}
	for _, r := range h.others(s.DeviceID) {
		day := blanks{"Day": dayText(calendar.DayOf(r.At, s.Zone))}
		said := lang.L("since {{.Day}}", day)
		if r.Event == api.DownloadVerified {
			said = lang.L("verified {{.Day}}", day)
		}
		facts = append(facts, fact{deviceName(r.Device), said})
	}
	return facts
}

// copiesNote stands where no device holds the file; empty where one does, and
// where nothing is known.
func copiesNote(h holders, c download.Copy, s surroundings) string {
	if !h.Known || len(copyFacts(h, c, s)) > 0 {
		return ""
	}
	return lang.L("No device is known to hold the file.")
}

// whereText says where copies of a file are that the server no longer has.
func whereText(h holders, c download.Copy, s surroundings) string {
	names := h.names(s.DeviceID)
	switch {
	case c.State == download.CopyPresent:
		return lang.L("Your copy on this device stays, and can be opened.")
	case names != "":
		return lang.L("There is no copy on this device. These devices hold one: {{.Devices}}.", blanks{"Devices": names})
	case h.Known:
		return lang.L("No device is known to hold a copy.")
	}
	return lang.L("There is no copy on this device.")
}

// verifiedText says how long ago a copy was verified, and whether it is time
// to do it again (requirement B15).
func verifiedText(c download.Copy, s surroundings) (text string, stale bool) {
	if c.State != download.CopyPresent {
		return "", false
	}
	if c.VerifiedAt.IsZero() {
		return lang.L("Not verified yet."), true
	}
	days := daysSince(c.VerifiedAt, s.Now, s.Zone)
	switch {
	case days < 1: // also when this device's clock was put back
		return lang.L("Last verified today"), false
	case days < staleAfter:
		return plural("Last verified {{.Count}} days ago", days), false
	}
	return plural("Last verified {{.Count}} days ago. It is time to verify it again.", days), true
}

// daysSince counts the midnights between two instants.
func daysSince(then, now time.Time, zone *time.Location) int {
	return calendar.DayOf(now, zone).Since(calendar.DayOf(then, zone))
}

// inquiry is the title and text of a question.
type inquiry struct{ Title, Text string }

// removeInquiry asks before this device's copy is deleted, and says plainly
// when it is the last one.
func removeInquiry(b api.Backup, h holders, s surroundings) inquiry {
	title := lang.L("Delete from this device?")
	names := h.names(s.DeviceID)
	switch {
	case b.Downloadable():
		if day := keptUntil(b, s.Zone); !day.IsZero() {
			return inquiry{title, lang.L("The server still has the file until {{.Day}}: it can be downloaded again.",
				blanks{"Day": dayText(day)})}
		}
		return inquiry{title, lang.L("The server still has the file: it can be downloaded again.")}
	case names != "":
		return inquiry{title, lang.L("The server no longer has the file, so it cannot be downloaded again. These devices hold a copy: {{.Devices}}.",
			blanks{"Devices": names})}
	case h.Known:
		return inquiry{
			lang.L("Delete the last copy?"),
			lang.L("This is the last copy: the server no longer has the file, and no other device is known to hold it. Once it is deleted it cannot be had back."),
		}
	}
	return inquiry{title, lang.L("The server no longer has the file, so it cannot be downloaded again. Whether another device holds a copy is not known now: this may be the last one.")}
}

// deleteInquiry asks before the server's file is deleted, and says who will
// still hold it.
func deleteInquiry(h holders, c download.Copy, s surroundings) inquiry {
	title := lang.L("Delete from the server?")
	names := h.names(s.DeviceID)
	here := c.State == download.CopyPresent
	switch {
	case here && names != "":
		return inquiry{title, lang.L("Nobody can download it any more. Copies stay on this device and on: {{.Devices}}.", blanks{"Devices": names})}
	case here:
		return inquiry{title, lang.L("Nobody can download it any more. The copy on this device stays.")}
	case names != "":
		return inquiry{title, lang.L("Nobody can download it any more. Copies stay on: {{.Devices}}.", blanks{"Devices": names})}
	case h.Known:
		return inquiry{
			lang.L("Delete the last copy?"),
			lang.L("This is the last copy: no device is known to hold the file. Once it is deleted it cannot be had back."),
		}
	}
	return inquiry{title, lang.L("Nobody can download it any more. Whether a device holds a copy is not known now: this may be the last one.")}
}
