package screens

import (
	"slices"
	"time"

	"connectbackup/api"
	"connectbackup/api/calendar"
	"connectbackup/screens/lang"
	"connectbackup/screens/widgets"
)

// mark is what a chip shows: never a colour alone, always a word and an icon
// with it (requirement B16).
type mark struct {
	Text string
	Tone widgets.Tone
	Icon string
}

// statusMark is the chip of a backup's status (S40, S41).
func statusMark(b api.Backup) mark {
	switch b.Status {
	case api.StatusPending:
		return mark{lang.L("Pending"), widgets.Waiting, widgets.IconClock}
	case api.StatusCompleted:
		if b.Completeness == api.Partial {
			return mark{lang.L("Partial"), widgets.Good, widgets.IconPartial}
		}
		return mark{lang.L("Completed"), widgets.Good, widgets.IconTick}
	case api.StatusFailed:
		return mark{lang.L("Failed"), widgets.Bad, widgets.IconCross}
	case api.StatusCancelled:
		return mark{lang.L("Cancelled"), widgets.Neutral, widgets.IconNone}
	case api.StatusExpired:
		return mark{lang.L("Expired"), widgets.Neutral, widgets.IconNone}
	case api.StatusDeleted:
		return mark{lang.L("Deleted"), widgets.Neutral, widgets.IconNone}
	}
	return mark{lang.L("Unknown status"), widgets.Neutral, widgets.IconHelp}
}

// stageText says what the server is doing for a pending backup.
func stageText(b api.Backup) string {
	switch b.Stage {
	case api.StageCollecting:
		if b.Progress != nil && b.Progress.Module != "" {
			return lang.L("Collecting {{.Module}}", blanks{"Module": moduleName(b, b.Progress.Module)})
		}
		return lang.L("Collecting records")
	case api.StagePacking:
		return lang.L("Packing the file")
	case api.StageVerifying:
		return lang.L("Checking the file")
	case api.StageQueued:
		return lang.L("Waiting for its turn")
	}
	return lang.L("Being prepared")
}

// moduleName is the name people read for a module of b.
func moduleName(b api.Backup, key string) string {
	for _, m := range b.Modules {
		if m.Key == key && m.Name != "" {
			return m.Name
		}
	}
	return key
}

// percentOf is how far a pending backup is, 0 to 100; -1 when not known.
func percentOf(b api.Backup) int {
	if b.Progress == nil || b.Stage == api.StageQueued {
		return -1
	}
	return max(0, min(b.Progress.Percent, 100))
}

// contentText is the range of a backup and how many modules are in it.
func contentText(b api.Backup) string {
	return plural("{{.Range}} · {{.Count}} modules", len(b.Modules),
		blanks{"Range": rangeText(calendar.Range{From: b.From, Till: b.Till})})
}

// missingModules names the modules that a partial backup should have and has not.
func missingModules(b api.Backup) []string {
	var names []string
	for _, m := range b.Modules {
		if m.Status == api.ModuleFailed {
			names = append(names, m.Name)
		}
	}
	return names
}

// performedOnText says where a backup was performed.
func performedOnText(b api.Backup, deviceID string) string {
	switch {
	case b.CreatedOn.ID != "" && b.CreatedOn.ID == deviceID:
		return lang.L("This device")
	case b.CreatedOn.Name != "":
		return b.CreatedOn.Name
	}
	return lang.L("Not known")
}

// sortBackups puts pending ones first and then the newest first, in place.
func sortBackups(items []api.Backup) { slices.SortStableFunc(items, api.CompareBackups) }

// keptUntil is the last day on which the server still has the file, in the
// organisation's zone (requirement S16).
func keptUntil(b api.Backup, here *time.Location) calendar.Day {
	if b.ExpiresAt == nil {
		return calendar.Day{}
	}
	return calendar.DayOf(*b.ExpiresAt, zoneOf(b.Timezone, here))
}
