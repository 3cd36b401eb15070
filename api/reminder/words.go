package reminder

import (
	"connectbackup/api/calendar"
)

// Text is a whole sentence as a template with its data, so that it can be
// translated. In Data a number that decides its form is "Count", and days are
// calendar.Day: whoever shows them writes them as people do.
type Text struct {
	Text  string // for any number but one
	One   string // for one, in English; empty: the same
	Count int    // negative: no number decides its form
	Data  map[string]any
}

// File is a backup whose file is about to be deleted.
type File struct{ ID, Title string }

// Summary is what is deleted next: records of one month, files of one day, or
// both.
type Summary struct {
	On    calendar.Day
	Days  int
	Place Place

	Modules    []string // names; empty: no records
	Records    int64    // at most
	From, Till calendar.Day
	Files      []File // empty: no files

	Title Text
	Body  []Text // a sentence or two each
}

// summarise groups the next of each kind; there is at least one.
func summarise(due []Due) Summary {
	next := due[0]
	s := Summary{On: next.On, Days: next.Days, Place: next.Place}
	var records, file *Due
	for i, d := range due {
		switch {
		case d.BackupID != "" && (file == nil || d.On == file.On):
			if file == nil {
				file = &due[i]
			}
			s.Files = append(s.Files, File{ID: d.BackupID, Title: d.Title})
		case d.BackupID == "" && (records == nil || d.key() == records.key()):
			if records == nil {
				records = &due[i]
				s.From, s.Till = d.From, d.Till
			}
			s.add(d)
		}
	}
	s.Title = title(next)
	if records != nil {
		s.Body = append(s.Body, s.recordsText(records.Place))
	}
	if file != nil {
		s.Body = append(s.Body, s.filesText(file.Place))
	}
	if next.BackupID != "" && len(s.Body) > 1 {
		s.Body[0], s.Body[1] = s.Body[1], s.Body[0]
	}
	return s
}

// add takes records of the same month in.
func (s *Summary) add(d Due) {
	s.Modules = append(s.Modules, d.Name)
	s.Records += max(d.Records, 0)
	if d.From.Before(s.From) {
		s.From = d.From
	}
	if d.Till.After(s.Till) {
		s.Till = d.Till
	}
}

// BackupID is the backup that a notification leads to; empty when it leads to
// none.
func (s Summary) BackupID() string {
	if len(s.Modules) > 0 || len(s.Files) != 1 {
		return ""
	}
	return s.Files[0].ID
}

// The texts. Each is a template as it stands in the translations.
var (
	recordsTomorrow = Text{Text: "Records are deleted tomorrow", Count: -1}
	recordsIn       = Text{Text: "Records are deleted in {{.Count}} days", One: "Records are deleted in {{.Count}} day"}
	fileToday       = Text{Text: "A backup's file is deleted from the server today", Count: -1}
	fileTomorrow    = Text{Text: "A backup's file is deleted from the server tomorrow", Count: -1}
	fileIn          = Text{
		Text: "A backup's file is deleted from the server in {{.Count}} days",
		One:  "A backup's file is deleted from the server in {{.Count}} day",
	}

	recordsThatDay = Text{Text: "The Connect server deletes records", Count: -1}
	fileThatDay    = Text{Text: "The Connect server deletes a backup's file", Count: -1}

	recordsOne = Text{
		Text:  "The records of {{.Module}} from {{.From}} to {{.Till}} are in no backup. Back them up now.",
		Count: -1,
	}
	recordsMore = Text{
		Text: "The records of {{.Module}} and {{.Count}} more modules from {{.From}} to {{.Till}} are in no backup. Back them up now.",
		One:  "The records of {{.Module}} and {{.Count}} more module from {{.From}} to {{.Till}} are in no backup. Back them up now.",
	}
	recordsOneDay = Text{
		Text:  "The records of {{.Module}} of {{.From}} are in no backup. Back them up now.",
		Count: -1,
	}
	recordsMoreDay = Text{
		Text: "The records of {{.Module}} and {{.Count}} more modules of {{.From}} are in no backup. Back them up now.",
		One:  "The records of {{.Module}} and {{.Count}} more module of {{.From}} are in no backup. Back them up now.",
	}
	recordsOneElsewhere = Text{
		Text:  "Only the server or another device has a backup of the records of {{.Module}} from {{.From}} to {{.Till}}. Download it to keep them here.",
		Count: -1,
	}
	recordsMoreElsewhere = Text{
		Text: "Only the server or another device has backups of the records of {{.Module}} and {{.Count}} more modules from {{.From}} to {{.Till}}. Download them to keep the records here.",
		One:  "Only the server or another device has backups of the records of {{.Module}} and {{.Count}} more module from {{.From}} to {{.Till}}. Download them to keep the records here.",
	}

	filesOne  = Text{Text: "“{{.Title}}” is on no device. Download it before the server deletes its file.", Count: -1}
	filesMore = Text{
		Text: "“{{.Title}}” and {{.Count}} more backups are on no device. Download them before the server deletes their files.",
		One:  "“{{.Title}}” and {{.Count}} more backup are on no device. Download them before the server deletes their files.",
	}
	filesOneElsewhere = Text{
		Text:  "“{{.Title}}” is not on this device; only another device or backup has what is in it. Download it to keep it here.",
		Count: -1,
	}
	filesMoreElsewhere = Text{
		Text: "“{{.Title}}” and {{.Count}} more backups are not on this device; only other devices or backups have what is in them. Download them to keep them here.",
		One:  "“{{.Title}}” and {{.Count}} more backup are not on this device; only other devices or backups have what is in them. Download them to keep them here.",
	}
)

// Texts are all texts there are, for those who translate them.
func Texts() []Text {
	return []Text{
		recordsTomorrow, recordsIn, fileToday, fileTomorrow, fileIn, recordsThatDay, fileThatDay,
		recordsOne, recordsMore, recordsOneDay, recordsMoreDay, recordsOneElsewhere, recordsMoreElsewhere,
		filesOne, filesMore, filesOneElsewhere, filesMoreElsewhere,
	}
}

func title(d Due) Text {
	switch {
	case d.BackupID == "" && d.Days <= 1:
		return recordsTomorrow
	case d.BackupID == "":
		return recordsIn.of(d.Days, nil)
	case d.Days <= 0:
		return fileToday
	case d.Days == 1:
		return fileTomorrow
	}
	return fileIn.of(d.Days, nil)
}

func (s *Summary) recordsText(p Place) Text {
	one, more := recordsOne, recordsMore
	switch {
	case p == OnServer:
		one, more = recordsOneElsewhere, recordsMoreElsewhere
	case s.From == s.Till:
		one, more = recordsOneDay, recordsMoreDay
	}
	data := map[string]any{"Module": s.Modules[0], "From": s.From, "Till": s.Till}
	if len(s.Modules) == 1 {
		return one.with(data)
	}
	return more.of(len(s.Modules)-1, data)
}

func (s *Summary) filesText(p Place) Text {
	one, more := filesOne, filesMore
	if p == OnServer {
		one, more = filesOneElsewhere, filesMoreElsewhere
	}
	data := map[string]any{"Title": s.Files[0].Title}
	if len(s.Files) == 1 {
		return one.with(data)
	}
	return more.of(len(s.Files)-1, data)
}

func (t Text) with(data map[string]any) Text {
	t.Data = data
	return t
}

func (t Text) of(count int, data map[string]any) Text {
	if data == nil {
		data = map[string]any{}
	}
	data["Count"] = count
	t.Count = count
	return t.with(data)
}
