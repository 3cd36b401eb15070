package screens

import (
	"time"

	"connectbackup/api"
	"connectbackup/device/download"
	"connectbackup/screens/lang"
	"connectbackup/screens/widgets"
)

// backupRow is one backup as the list draws it. It is made once when something
// about the backup changed; the list never looks at the backup itself.
type backupRow struct {
	ID      string
	Title   string
	Chip    mark
	Content string       // range and modules
	Detail  string       // when, and how big; or the stage while pending
	Bar     bool         // something is under way
	BarTone widgets.Tone // of the bar
	Percent int          // of the bar; -1 when not known
	Here    mark         // what this device holds of it; without words when nothing
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
		ID:      b.ID,
		Title:   b.Title,
		Chip:    statusMark(b),
		Content: contentText(b),
		Percent: -1,
		Here:    hereMark(s.Copy.State),
	}
	switch {
	case b.Status == api.StatusPending:
		row.Bar, row.BarTone = true, widgets.Waiting
		row.Percent = percentOf(b)
		row.Detail = stageText(b)
	case underWay(s.State.Phase):
		row.Bar, row.BarTone = transferBar(s.State.Phase)
		row.Percent = transferPercent(s.State)
		row.Detail = transferRowText(s.State)
		row.Here = mark{} // the bar needs the room
	default:
		row.Detail = rowDetail(b, now, zone)
	}
	return row
}

// hereMark says what this device holds of a backup.
func hereMark(c download.CopyState) mark {
	switch c {
	case download.CopyPresent:
		return mark{lang.L("On this device"), widgets.Outline, deviceIcon()}
	case download.CopyChanged:
		return mark{lang.L("Changed here"), widgets.Waiting, widgets.IconWarning}
	case download.CopyGone:
		return mark{lang.L("No longer here"), widgets.Neutral, widgets.IconNone}
	}
	return mark{}
}

// transferBar says whether a download has a bar, and how it is drawn: only
// what moves has the accent.
func transferBar(p download.Phase) (bar bool, tone widgets.Tone) {
	switch p {
	case download.Running, download.Verifying:
		return true, widgets.Info
	case download.Paused, download.Waiting:
		return true, widgets.Waiting
	}
	return false, widgets.Neutral
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
	switch s.Phase {
	case download.Queued:
		return lang.L("Waiting to download")
	case download.Verifying:
		return lang.L("Checking the download")
	case download.Paused:
		return lang.L("Download paused")
	case download.Waiting:
		return lang.L("Download waits for the connection")
	case download.Failed:
		return lang.L("The download stopped.")
	}
	return lang.L("Downloading")
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
	if r.Bar && r.Percent >= 0 {
		parts = append(parts, percentText(r.Percent))
	}
	return spokenText(append(parts, r.Detail, r.Here.Text)...)
}
