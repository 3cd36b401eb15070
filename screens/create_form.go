package screens

import (
	"errors"
	"slices"
	"strings"
	"unicode/utf8"

	"connectbackup/api"
	"connectbackup/api/calendar"
	"connectbackup/device/download"
	"connectbackup/screens/lang"
)

// keptMonths is how long a record is kept, and so how far back a backup can
// reach (requirements S28 and S29).
const keptMonths = 24

// field names a field of the create form; the names are those of the contract.
type field string

const (
	fieldTitle   field = "title"
	fieldFrom    field = "from"
	fieldTill    field = "till"
	fieldModules field = "modules"
	fieldFormat  field = "csv_profile"
)

// reasons are the complaints that stand beside the fields.
type reasons map[field]string

// checkForm says what is wrong with what was entered (requirement I8). known
// is how many modules there are to choose from.
func checkForm(f api.NewBackup, window calendar.Range, known int) reasons {
	r := reasons{}
	if reason := titleReason(f.Title, window); reason != "" {
		r[fieldTitle] = reason
	}
	switch {
	case f.From.Before(window.From):
		r[fieldFrom] = fieldReason(fieldFrom, api.FieldOutOfWindow, window)
	case f.From.After(window.Till):
		r[fieldFrom] = fieldReason(fieldFrom, api.FieldInFuture, window)
	}
	switch {
	case f.Till.After(window.Till):
		r[fieldTill] = fieldReason(fieldTill, api.FieldInFuture, window)
	case f.Till.Before(window.From):
		r[fieldTill] = fieldReason(fieldTill, api.FieldOutOfWindow, window)
	case f.From.After(f.Till):
		r[fieldTill] = fieldReason(fieldTill, api.FieldOrder, window)
	}
	if known > 0 && f.Modules != nil && len(f.Modules) == 0 {
		r[fieldModules] = fieldReason(fieldModules, api.FieldNoneSelected, window)
	}
	return r
}

// titleReason says what is wrong with a title; empty when nothing is.
func titleReason(title string, window calendar.Range) string {
	title = strings.TrimSpace(title)
	switch {
	case title == "":
		return fieldReason(fieldTitle, api.FieldRequired, window)
	case utf8.RuneCountInString(title) > api.TitleMax:
		return fieldReason(fieldTitle, api.FieldTooLong, window)
	}
	return ""
}

// fieldReason is one complaint in words, whoever found it.
func fieldReason(f field, code api.FieldCode, window calendar.Range) string {
	switch code {
	case api.FieldRequired:
		if f == fieldTitle {
			return lang.L("Give the backup a title.")
		}
		return lang.L("This is needed.")
	case api.FieldTooLong:
		return lang.L("Use at most {{.Count}} characters.", blanks{"Count": api.TitleMax})
	case api.FieldOutOfWindow:
		return lang.L("Records are kept for two years: choose {{.Day}} or later.", blanks{"Day": dayText(window.From)})
	case api.FieldInFuture:
		return lang.L("This day is still to come: choose {{.Day}} or earlier.", blanks{"Day": dayText(window.Till)})
	case api.FieldOrder:
		return lang.L("The last day is before the first one.")
	case api.FieldNoneSelected:
		return lang.L("Tick at least one module.")
	case api.FieldUnknownModule:
		return lang.L("The server does not know one of these modules. Refresh and choose again.")
	}
	return lang.L("The server did not accept this.")
}

// serverReasons are the field errors of the server's reply, for the fields of
// the form. Other is what concerns none of them.
func serverReasons(err error, window calendar.Range) (at reasons, other bool) {
	at = reasons{}
	var p *api.Problem
	if !errors.As(err, &p) || p.Code != api.CodeValidation || len(p.Errors) == 0 {
		return at, true
	}
	for _, e := range p.Errors {
		f := field(fieldRoot(e.Field))
		switch f {
		case fieldTitle, fieldFrom, fieldTill, fieldModules, fieldFormat:
			at[f] = fieldReason(f, e.Code, window)
		default:
			other = true
		}
	}
	return at, other
}

// fieldRoot is the form's field of a server's path such as "body.modules[2]".
func fieldRoot(path string) string {
	path = strings.TrimPrefix(path, "body.")
	if i := strings.IndexAny(path, ".[/"); i >= 0 {
		path = path[:i]
	}
	return path
}

// suggestTitle is the title that is prefilled.
func suggestTitle(r calendar.Range) string {
	return lang.L("Backup {{.Range}}", blanks{"Range": rangeText(r)})
}

// suggestRescue is the title of a backup of what a reminder told about
// (requirement B5).
func suggestRescue(r calendar.Range) string {
	return lang.L("Before deletion, {{.Range}}", blanks{"Range": rangeText(r)})
}

// preset is a range that one tap chooses.
type preset struct {
	Label string
	Range calendar.Range
}

// presets are the ranges offered on a day. last is the last day that a
// completed backup of everything covers; zero when none is known.
func presets(today, last calendar.Day) []preset {
	window := calendar.Window(today, keptMonths)
	firstOfMonth := calendar.NewDay(today.Year, today.Month, 1)
	all := []preset{
		{lang.L("Last month"), calendar.Range{From: firstOfMonth.AddMonths(-1), Till: firstOfMonth.AddDays(-1)}},
		{lang.L("This year"), calendar.Range{From: calendar.NewDay(today.Year, 1, 1), Till: today}},
		{lang.L("Everything"), window},
	}
	if !last.IsZero() && window.Contains(last) {
		since := preset{lang.L("Since last backup"), calendar.Range{From: last, Till: today}}
		all = append([]preset{since}, all...)
	}
	return all
}

// lastCovered is the last day of the newest backup of everything that can still
// be had: one whose file the server holds, or of which a verified copy is on
// this device (requirement B6). That day is begun again by the next one, for
// it was not over when the backup was made. Zero when there is none.
func lastCovered(items []api.Backup, copies []download.Copy, modules []api.Module) calendar.Day {
	var last calendar.Day
	for _, b := range items {
		held := slices.ContainsFunc(copies, func(c download.Copy) bool {
			return c.ID == b.ID && c.State == download.CopyPresent && !c.VerifiedAt.IsZero()
		})
		if !held && !b.Downloadable() || b.Completeness != api.Complete || !holdsAll(b, modules) {
			continue
		}
		if last.IsZero() || b.Till.After(last) {
			last = b.Till
		}
	}
	return last
}

func holdsAll(b api.Backup, modules []api.Module) bool {
	for _, m := range modules {
		has := slices.ContainsFunc(b.Modules, func(x api.BackupModule) bool { return x.Key == m.Key })
		if m.Subscribed && !has {
			return false
		}
	}
	return len(modules) > 0
}

// choicesOf is what a backup was asked for, to ask for the same again. A range
// that has meanwhile grown older than what is kept is moved up to it.
func choicesOf(b api.Backup, window calendar.Range) api.NewBackup {
	like := api.NewBackup{
		Title: b.Title, From: window.Clamp(b.From), Till: window.Clamp(b.Till), CSVProfile: b.CSVProfile,
	}
	for _, m := range b.Modules {
		like.Modules = append(like.Modules, m.Key)
	}
	return like
}

// attempt names one attempt to create what a form says. A reply that got lost
// is asked for again under the same key, so that it never makes two backups
// (requirement B14); another form is another attempt.
type attempt struct {
	key  string
	sent api.NewBackup
}

// keyFor is the key to send f under.
func (a *attempt) keyFor(f api.NewBackup, newKey func() string) string {
	if a.key == "" || !sameChoices(a.sent, f) {
		a.key, a.sent = newKey(), f
		a.sent.Modules = slices.Clone(f.Modules)
	}
	return a.key
}

// answered tells how the attempt ended. After the server refused it for good
// the next one is another; after a lost or unclear reply it is the same.
func (a *attempt) answered(err error) {
	var p *api.Problem
	refused := errors.As(err, &p) && p.Status < 500 && p.Code != api.CodeIdempotencyInProgress
	if err == nil || refused {
		a.key = ""
	}
}

func sameChoices(a, b api.NewBackup) bool {
	return a.Title == b.Title && a.From == b.From && a.Till == b.Till &&
		a.CSVProfile == b.CSVProfile && slices.Equal(a.Modules, b.Modules)
}
