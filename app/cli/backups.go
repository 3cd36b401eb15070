package cli

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"connectbackup/api"
	"connectbackup/api/calendar"
	"connectbackup/app/core"
)

// pageSize is how many backups are asked for at once.
const pageSize = 100

type listCommand struct {
	Search string `help:"Only backups in whose title, modules, file name or days all these words stand."`
	Status string `help:"Only pending, completed, failed, cancelled, expired or deleted ones." enum:",pending,completed,failed,cancelled,expired,deleted" default:""`
	Module string `help:"Only backups of this module, by its key."`
	Covers string `help:"Only backups that hold this day, such as 2024-07-01."`
	Limit  int    `help:"At most so many, the newest first." default:"50"`
	All    bool   `help:"All there are."`
}

// Run lists what is on the server.
func (c *listCommand) Run(r *run) error {
	covers, err := dayOf("--covers", c.Covers)
	if err != nil {
		return err
	}
	if c.Limit < 1 {
		return fmt.Errorf("%w: --limit wants a number from 1 on", errUsage)
	}
	return r.with("", 0, func(app *core.Core) error {
		q := api.ListQuery{Q: c.Search, Status: api.Status(c.Status), Module: c.Module, Covers: covers}
		var found []api.Backup
		seen := map[string]bool{}
		for {
			q.Limit = pageSize
			if !c.All {
				q.Limit = min(pageSize, c.Limit-len(found))
			}
			page, err := app.Backups().List(r.ctx, q)
			if err = errors.Join(err, page.Err); err != nil {
				return err
			}
			found = joined(found, page.Value.Items)
			q.Cursor = page.Value.NextCursor
			more := q.Cursor != "" && !seen[q.Cursor]
			if over := len(found) - c.Limit; !c.All && over >= 0 { // a server need not keep to what it is asked for
				c.report(r, found[:c.Limit], more || over > 0)
				return nil
			}
			if !more {
				c.report(r, found, false)
				return nil
			}
			seen[q.Cursor] = true
		}
	})
}

// joined adds a page to those before. A backup that completed in between is on
// both, among the pending ones and by its time: what came last counts.
func joined(found, page []api.Backup) []api.Backup {
	moved := make(map[string]bool, len(page))
	for _, b := range page {
		moved[b.ID] = true
	}
	return append(slices.DeleteFunc(found, func(b api.Backup) bool { return moved[b.ID] }), page...)
}

func (c *listCommand) report(r *run, found []api.Backup, more bool) {
	rows := make([][]string, len(found))
	for i, b := range found {
		if r.out.json {
			r.out.object("backup", fieldsOf(b))
			continue
		}
		size := "-"
		if b.Archive != nil {
			size = core.FormatBytes(b.Archive.Size)
		}
		status := string(b.Status)
		if b.Completeness == api.Partial && b.Status == api.StatusCompleted {
			status = api.Partial
		}
		rows[i] = []string{b.ID, status, b.From.String(), b.Till.String(), size, b.Title}
	}
	if r.out.json {
		return
	}
	r.out.rows([]string{"ID", "Status", "From", "Till", "Size", "Title"}, rows)
	switch {
	case len(found) == 0 && c.Search == "" && c.Status == "" && c.Module == "" && c.Covers == "":
		r.out.note("empty", "There is no backup yet. Start one with create.")
	case len(found) == 0:
		r.out.note("empty", "There is no such backup.")
	case more:
		r.out.note("more", fmt.Sprintf("These are the first %d. --all shows the rest.", len(found)))
	}
}

type showCommand struct {
	ID string `arg:"" help:"ID of the backup, as list shows it."`
}

// Run shows one backup.
func (c *showCommand) Run(r *run) error {
	return r.with("", 0, func(app *core.Core) error {
		b, err := backupOf(r, app, c.ID)
		if err != nil {
			return err
		}
		r.out.backup(b)
		if c := app.Downloads().Copy(b); !r.out.json && c.Location != "" {
			r.out.facts([][2]string{{"Here", string(c.Location) + copyWords(c.State)}})
		}
		return nil
	})
}

// backupOf asks the server for a backup: what a command says must be so now.
func backupOf(r *run, app *core.Core, id string) (api.Backup, error) {
	b, err := app.Backups().Get(r.ctx, id)
	if err == nil {
		err = b.Err
	}
	return b.Value, backupError(err)
}

type cancelCommand struct {
	ID string `arg:"" help:"ID of the backup, as list shows it."`
}

// Run stops a pending backup.
func (c *cancelCommand) Run(r *run) error {
	return r.with("", 0, func(app *core.Core) error {
		b, err := app.Backups().Cancel(r.ctx, c.ID)
		if err != nil {
			return backupError(err)
		}
		r.out.step("cancelled", fields{"id": b.ID, "title": b.Title, "status": b.Status}, "Cancelled %s (%s)", b.Title, b.ID)
		return nil
	})
}

type deleteCommand struct {
	ID  string `arg:"" help:"ID of the backup, as list shows it."`
	Yes bool   `help:"Do not ask." short:"y"`
}

// Run deletes the file of a backup from the server.
func (c *deleteCommand) Run(r *run) error {
	if !c.Yes && r.ask == nil {
		return fmt.Errorf("%w: nobody is there to be asked: say --yes to delete the file from the server", errUsage)
	}
	return r.with("", 0, func(app *core.Core) error {
		b, err := backupOf(r, app, c.ID)
		if err != nil {
			return err
		}
		if !b.Downloadable() && b.Status != api.StatusPending {
			return say(errNoFile, "The server holds no file of %s any more.", b.Title)
		}
		if !c.Yes {
			answer, err := r.ask(r.ctx, "Delete the file of "+b.Title+" ("+b.From.String()+" to "+b.Till.String()+
				") from the server for everybody? Copies on devices stay. [y/N]", false)
			if err != nil {
				return err
			}
			if !isYes(answer) {
				return say(errNotWanted, "Nothing was deleted.")
			}
		}
		if err := app.Commands().DeleteFile(r.ctx, c.ID); err != nil {
			return backupError(err)
		}
		r.out.step("deleted", fields{"id": b.ID, "title": b.Title}, "Deleted the file of %s (%s) from the server", b.Title, b.ID)
		return nil
	})
}

var (
	errNoFile    = &api.Problem{Status: 410, Code: api.CodeArchiveDeleted, Detail: "there is no file"}
	errNotWanted = errors.New("the person said no")
)

func isYes(answer string) bool {
	answer = strings.ToLower(strings.TrimSpace(answer))
	return answer == "y" || answer == "yes"
}

// backupError gives the errors of one backup the words of a command.
func backupError(err error) error {
	var problem *api.Problem
	var id *api.IDError
	switch {
	case errors.As(err, &id):
		return say(err, "%q is not the ID of a backup. See list.", id.ID)
	case api.IsCode(err, api.CodeNotFound):
		return say(err, "There is no such backup. See list.")
	case api.IsCode(err, api.CodeNotCancellable):
		return say(err, "This backup can no longer be cancelled. See show.")
	case api.IsCode(err, api.CodeBackupNotReady):
		return say(err, "The backup is not ready yet. Wait until list calls it completed.")
	case api.IsCode(err, api.CodeValidation) && errors.As(err, &problem) && len(problem.Errors) > 0:
		return say(err, "The server did not accept this: %s.", fieldWords(problem.Errors))
	}
	return err
}

// fieldWords is what the server says of each field.
func fieldWords(errs []api.FieldError) string {
	parts := make([]string, len(errs))
	for i, e := range errs {
		why := e.Detail
		if why == "" {
			why = string(e.Code)
		}
		parts[i] = strings.TrimPrefix(e.Field, "body.") + ": " + strings.TrimSuffix(why, ".")
	}
	return strings.Join(parts, "; ")
}

// dayOf reads a flag that wants a day; the zero day when it was left out.
func dayOf(flag, text string) (calendar.Day, error) {
	if text == "" {
		return calendar.Day{}, nil
	}
	d, err := calendar.ParseDay(text)
	if err != nil {
		return d, fmt.Errorf("%w: %s wants a day such as 2024-07-01, not %q", errUsage, flag, text)
	}
	return d, nil
}

// backup prints one backup in full.
func (o *output) backup(b api.Backup) {
	if o.json {
		o.object("backup", fieldsOf(b))
		return
	}
	facts := [][2]string{
		{"ID", b.ID},
		{"Title", b.Title},
		{"Status", statusOf(b)},
		{"Days", b.From.String() + " to " + b.Till.String() + " (" + b.Timezone + ")"},
		{"Performed", moment(&b.PerformedAt) + " by " + b.CreatedBy.Name + " on " + b.CreatedOn.Name},
	}
	if b.Archive != nil {
		facts = append(facts, [][2]string{
			{"File", b.Archive.FileName},
			{"Size", strconv.FormatInt(b.Archive.Size, 10) + " bytes (" + core.FormatBytes(b.Archive.Size) + ")"},
			{"SHA-256", b.Archive.SHA256},
			{"Kept until", moment(b.ExpiresAt)},
		}...)
	}
	if b.DeletedAt != nil {
		facts = append(facts, [2]string{"Deleted", moment(b.DeletedAt)})
	}
	if b.Error != nil {
		facts = append(facts, [2]string{"Error", b.Error.Detail})
	}
	o.facts(facts)
	rows := make([][]string, len(b.Modules))
	for i, m := range b.Modules {
		rows[i] = []string{m.Key, m.Status, strconv.FormatInt(m.Records, 10), core.FormatBytes(m.Bytes), m.Name}
	}
	o.rows([]string{"Module", "Status", "Rows", "CSV", "Name"}, rows)
}

func statusOf(b api.Backup) string {
	text := string(b.Status)
	if b.Status == api.StatusPending {
		text += ", " + string(b.Stage)
		if b.Progress != nil {
			text += ", " + strconv.Itoa(b.Progress.Percent) + " %"
		}
	}
	if b.Completeness == api.Partial {
		text += ", but some modules are missing"
	}
	return text
}

func moment(t *time.Time) string {
	if t == nil {
		return "-"
	}
	return t.Local().Format("2006-01-02 15:04")
}
