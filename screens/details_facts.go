package screens

import (
	"strings"
	"time"
	"unicode/utf8"

	"connectbackup/api"
	"connectbackup/api/calendar"
	"connectbackup/device/download"
	"connectbackup/screens/lang"
	"connectbackup/screens/widgets"
)

// fact is one line of the details: what it is, and its value.
type fact struct{ Label, Value string }

// surroundings are what a backup is seen from.
type surroundings struct {
	DeviceID   string
	DeviceName string
	Now        time.Time
	Zone       *time.Location // of the person; days are the organisation's
}

// headerTitle is how many characters of a title the header of a phone surely
// shows.
const headerTitle = 24

// backupFacts are the facts of a backup (S9, S10, S16).
func backupFacts(b api.Backup, s surroundings) []fact {
	var facts []fact
	if utf8.RuneCountInString(b.Title) > headerTitle { // the header shows only its beginning
		facts = append(facts, fact{lang.L("Title"), b.Title})
	}
	facts = append(facts,
		fact{lang.L("Performed"), timeText(b.PerformedAt, s.Zone)},
		fact{lang.L("Performed on"), performedOnText(b, s.DeviceID)},
	)
	if b.CreatedBy.Name != "" {
		facts = append(facts, fact{lang.L("Created by"), b.CreatedBy.Name})
	}
	facts = append(facts,
		fact{lang.L("From"), dayText(b.From)},
		fact{lang.L("Till"), lang.L("{{.Day}} (inclusive)", blanks{"Day": dayText(b.Till)})},
	)
	if day := keptUntil(b, s.Zone); b.Status == api.StatusCompleted && !day.IsZero() {
		facts = append(facts, fact{lang.L("File kept"), lang.L("until {{.Day}}", blanks{"Day": dayText(day)})})
	}
	return facts
}

// moduleFacts are the modules of a backup and what each holds (S10, B11).
func moduleFacts(b api.Backup) []fact {
	facts := make([]fact, 0, len(b.Modules))
	for _, m := range b.Modules {
		facts = append(facts, fact{m.Name, moduleContent(m, b.Status)})
	}
	return facts
}

func moduleContent(m api.BackupModule, status api.Status) string {
	switch m.Status {
	case api.ModuleOK:
		return plural("{{.Count}} rows", int(m.Records))
	case api.ModuleEmpty:
		return lang.L("no rows")
	case api.ModuleNotSubscribed:
		return lang.L("not subscribed")
	case api.ModuleFailed:
		return lang.L("missing")
	case api.ModuleWaiting:
		if status == api.StatusPending {
			return lang.L("not yet collected")
		}
	}
	return ""
}

// fileWords say which file belongs to a backup and whether it is here. Name
// is empty where none is to be shown (S14).
type fileWords struct {
	Name     string
	Note     string
	Verified bool // the badge (B2)
	Changed  bool // the note is a warning
}

// fileText is what the details say about the file. here is the name the
// archive has on this device, folder the short name of the Downloads folder.
func fileText(b api.Backup, c download.Copy, here, folder string, s surroundings) fileWords {
	switch c.State {
	case download.CopyPresent:
		return fileWords{
			Name:     c.Name,
			Note:     lang.L("{{.Folder}} · {{.Size}}", blanks{"Folder": folder, "Size": sizeText(c.Size)}),
			Verified: !c.VerifiedAt.IsZero(),
		}
	case download.CopyChanged:
		return fileWords{
			Name: c.Name, Changed: true,
			Note: lang.L("Changed since it was downloaded on {{.Day}}. Download it again to have the original.",
				blanks{"Day": dayText(calendar.DayOf(c.At, s.Zone))}),
		}
	case download.CopyGone:
		return fileWords{Name: c.Name, Note: lang.L("Deleted from this device, or moved.")}
	}
	if b.Archive == nil {
		return fileWords{}
	}
	size := blanks{"Size": sizeText(b.Archive.Size)}
	if b.CreatedOn.ID == s.DeviceID {
		return fileWords{Name: here, Note: lang.L("{{.Size}}, not in Downloads yet", size)}
	}
	return fileWords{Note: lang.L("{{.Size}}, not on this device", size)}
}

// notice is a sentence or two that stand above the facts.
type notice struct {
	Tone  widgets.Tone
	Title string
	Text  string
}

// noticeFor says what is particular about a backup; the zero notice when
// nothing is.
func noticeFor(b api.Backup, c download.Copy, h holders, s surroundings, words func(error) (what, next string)) notice {
	switch b.Status {
	case api.StatusPending:
		return notice{}
	case api.StatusCompleted:
		return partialNotice(b)
	case api.StatusFailed:
		return failedNotice(b, words)
	case api.StatusCancelled:
		return notice{widgets.Neutral, lang.L("This backup was cancelled."), lang.L("There is no file of it.")}
	case api.StatusExpired:
		return notice{widgets.Neutral, goneTitle(b, s), whereText(h, c, s)}
	case api.StatusDeleted:
		return notice{widgets.Neutral, goneTitle(b, s), whereText(h, c, s)}
	}
	return notice{
		widgets.Neutral, lang.L("This version of the app does not know the state of this backup."),
		lang.L("Update the app to see it."),
	}
}

func partialNotice(b api.Backup) notice {
	missing := missingModules(b)
	if b.Completeness != api.Partial {
		return notice{}
	}
	if len(missing) == 0 {
		return notice{widgets.Waiting, lang.L("This backup is not complete."), lang.L("Back up again to have everything.")}
	}
	return notice{
		widgets.Waiting,
		lang.L("Missing: {{.Modules}}.", blanks{"Modules": strings.Join(missing, ", ")}),
		lang.L("The server could not export what is missing. Everything else is in the backup."),
	}
}

func failedNotice(b api.Backup, words func(error) (what, next string)) notice {
	n := notice{Tone: widgets.Bad, Title: lang.L("The server could not make this backup.")}
	if b.Error == nil {
		n.Text = lang.L("Try again.")
		return n
	}
	what, next := words(&api.Problem{Code: api.Code(b.Error.Code), Detail: b.Error.Detail})
	n.Text = twoSentences(what, next)
	return n
}

func goneTitle(b api.Backup, s surroundings) string {
	if b.DeletedAt == nil {
		return lang.L("The server no longer has the file.")
	}
	day := blanks{"Day": dayText(calendar.DayOf(*b.DeletedAt, zoneOf(b.Timezone, s.Zone)))}
	if b.Status == api.StatusExpired {
		return lang.L("The server deleted the file on {{.Day}}, two years after it was made.", day)
	}
	return lang.L("The file was deleted on the server on {{.Day}}.", day)
}

// twoSentences puts two whole sentences after each other.
func twoSentences(first, second string) string {
	return strings.TrimSpace(first + " " + second)
}
