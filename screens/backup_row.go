package screens

import (
	"strings"
	"time"

	"connectbackup/api"
	"connectbackup/device/download"
	"connectbackup/screens/lang"
)

// backupRow is one backup as the list draws it. It is made once when something
// about the backup changed; the list never looks at the backup itself.
type backupRow struct {
	ID       string
	Title    string
	Chip     mark
	Content  string // range and modules
	Detail   string // when, and how big; or the stage while pending
	Pending  bool
	Percent  int  // of the bar while pending or downloading; -1 when not known
	OnDevice bool // a copy is here
}

// rowSource is all that a row is made from.
type rowSource struct {
	Backup api.Backup
	Copy   download.Copy
	State  download.State
}

// newBackupRow makes the row of a backup. now decides "2 hours ago"; zone is
// that of the person.
func newBackupRow(s rowSource, now time.Time, zone *time.Location) backupRow {
	b := s.Backup
	row := backupRow{
		ID:       b.ID,
		Title:    b.Title,
		Chip:     statusMark(b),
		Content:  contentText(b),
		Percent:  -1,
		OnDevice: s.Copy.State == download.CopyPresent,
	}
	switch {
	case b.Status == api.StatusPending:
		row.Pending = true
		row.Percent = percentOf(b)
		row.Detail = stageText(b)
	case s.State.Phase != download.None && s.State.Phase != download.Done:
		row.Detail = transferRowText(s.State)
	default:
		row.Detail = rowDetail(b, now, zone)
	}
	return row
}

func rowDetail(b api.Backup, now time.Time, zone *time.Location) string {
	performed := performedText(now, b.PerformedAt, zone)
	if b.Archive == nil {
		return performed
	}
	return lang.L("{{.Performed}} · {{.Size}}",
		blanks{"Performed": performed, "Size": sizeText(b.Archive.Size)})
}

// transferRowText is a download under way, in the few words a row has room for.
func transferRowText(s download.State) string {
	percent := transferPercent(s)
	switch {
	case s.Phase == download.Queued:
		return lang.L("Waiting to download")
	case s.Phase == download.Verifying:
		return lang.L("Checking the download")
	case s.Phase == download.Paused:
		return lang.L("Download paused")
	case s.Phase == download.Waiting:
		return lang.L("Download waits for the connection")
	case s.Phase == download.Failed:
		return lang.L("Download failed")
	case percent < 0:
		return lang.L("Downloading")
	}
	return lang.L("Downloading, {{.Percent}}", blanks{"Percent": percentText(percent)})
}

// transferPercent is how much of a download is here; -1 when not known.
func transferPercent(s download.State) int {
	if s.Total <= 0 {
		return -1
	}
	return int(max(0, min(s.Done, s.Total)) * 100 / s.Total)
}

// spoken is the row as a screen reader says it.
func (r backupRow) spoken() string {
	parts := []string{r.Title, r.Chip.Text, r.Content}
	if r.Pending && r.Percent >= 0 {
		parts = append(parts, percentText(r.Percent))
	}
	parts = append(parts, r.Detail)
	if r.OnDevice {
		parts = append(parts, lang.L("On this device"))
	}
	return strings.Join(parts, ", ")
}
