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

// awaitStep is how long the server may hold one reply while a backup is made.
const awaitStep = 30 * time.Second

type createCommand struct {
	Title    string   `help:"Title; otherwise one with the days."`
	From     string   `help:"First day, such as 2024-07-01; otherwise the oldest that the server keeps."`
	Till     string   `help:"Last day, inclusive; otherwise today."`
	Modules  []string `help:"Modules, by their keys, with commas between; otherwise all."`
	PlainCSV bool     `help:"CSV for programs instead of Excel: commas, points, UTC." name:"plain-csv"`
	Wait     bool     `help:"Wait until it is completed. With the demo, whose server runs no longer than the command, always."`
	Download bool     `help:"Wait, then download it."`
	DryRun   bool     `help:"Start nothing; say what it would hold."`

	downloadFlags
}

// Run starts a backup, and sees it through as far as is wanted.
func (c *createCommand) Run(r *run) error {
	from, err := dayOf("--from", c.From)
	if err != nil {
		return err
	}
	till, err := dayOf("--till", c.Till)
	if err != nil {
		return err
	}
	if slices.Contains(c.Modules, "") {
		return fmt.Errorf("%w: --modules wants keys with commas between", errUsage)
	}
	if err := c.check(); err != nil {
		return err
	}
	return r.with(c.Dir, c.GiveUp, func(app *core.Core) error {
		n, err := c.choices(r, app, from, till)
		if err != nil {
			return err
		}
		if c.DryRun {
			return estimate(r, app, n)
		}
		b, err := begin(r, app, n)
		if err != nil {
			return err
		}
		account, _ := app.Sessions().Current()
		if !c.Wait && !c.Download && account.Server != "" {
			return nil
		}
		id := b.ID
		if b, err = completed(r, app, b); err != nil || !c.Download {
			return stoppedWaiting(r, err, id, account)
		}
		return c.bring(r, app, b)
	})
}

// stoppedWaiting says what becomes of a backup for which nobody waits any more.
func stoppedWaiting(r *run, err error, id string, account api.Account) error {
	switch {
	case err == nil || r.ctx.Err() == nil:
		return err
	case account.Server == "":
		return say(err, "Stopped. The backup goes on as soon as the app or another command runs with the demo: download %s brings it when it is completed.", id)
	}
	return say(err, "Stopped waiting. The backup goes on at the server: download %s brings it when it is completed.", id)
}

// choices fills in what was left out, as the window's form does (S28, S35).
func (c *createCommand) choices(r *run, app *core.Core, from, till calendar.Day) (api.NewBackup, error) {
	if from.IsZero() || till.IsZero() {
		modules, err := app.Backups().Modules(r.ctx)
		if err = errors.Join(err, modules.Err); err != nil {
			return api.NewBackup{}, err
		}
		window := calendar.Window(modules.Value.Today, 24)
		if from.IsZero() {
			from = window.From
		}
		if till.IsZero() {
			till = window.Till
		}
	}
	n := api.NewBackup{Title: strings.TrimSpace(c.Title), From: from, Till: till, Modules: c.Modules}
	if n.Title == "" {
		n.Title = "Backup " + from.String() + " to " + till.String()
	}
	if c.PlainCSV {
		n.CSVProfile = api.ProfilePlain
	}
	return n, nil
}

// begin starts a backup. Where the same one is being prepared already, that
// one is meant.
func begin(r *run, app *core.Core, n api.NewBackup) (api.Backup, error) {
	b, err := app.Backups().Create(r.ctx, core.NewKey(), n)
	var problem *api.Problem
	switch {
	case errors.As(err, &problem) && problem.Code == api.CodeIdenticalInProgress && problem.BackupID != "":
		if b, err = backupOf(r, app, problem.BackupID); err != nil {
			return b, err
		}
		r.out.step("running", fields{"id": b.ID, "title": b.Title}, "%s\nThe same backup is being prepared already: %s", b.ID, b.Title)
	case err != nil:
		return b, backupError(err)
	default:
		r.out.step("created", fields{"id": b.ID, "title": b.Title, "from": b.From, "till": b.Till, "modules": len(b.Modules)},
			"%s\nStarted %s: %s to %s, %d modules", b.ID, b.Title, b.From, b.Till, len(b.Modules))
	}
	return b, nil
}

// completed waits until the server has finished a backup.
func completed(r *run, app *core.Core, b api.Backup) (api.Backup, error) {
	for b.Status == api.StatusPending {
		percent := int64(0)
		if b.Progress != nil {
			percent = int64(b.Progress.Percent)
		}
		r.out.working(time.Now(), "Preparing", percent)
		var err error
		if b, err = app.Commands().Await(r.ctx, b, awaitStep); err != nil {
			return b, backupError(err)
		}
	}
	if b.Status != api.StatusCompleted {
		return b, say(fmt.Errorf("the backup ended as %s: %w", b.Status, reason(b)), "The backup was not made: it is %s. %s", b.Status, because(b))
	}
	rows := rowsOf(b)
	size := int64(0)
	if b.Archive != nil {
		size = b.Archive.Size
	}
	r.out.step("completed", fields{"id": b.ID, "size": size, "rows": rows, "completeness": b.Completeness},
		"Completed: %s, %s", counted(rows, "row", "rows"), core.FormatBytes(size))
	tellPartial(r.out, b)
	return b, nil
}

// tellPartial says what is missing in a backup, never silently.
func tellPartial(out *output, b api.Backup) {
	if b.Completeness != api.Partial {
		return
	}
	var missing []string
	for _, m := range b.Modules {
		if m.Status == api.ModuleFailed {
			missing = append(missing, m.Name)
		}
	}
	out.missing(missing)
}

// rowsOf is how many records a backup holds.
func rowsOf(b api.Backup) (rows int64) {
	for _, m := range b.Modules {
		rows += m.Records
	}
	return rows
}

func because(b api.Backup) string {
	if b.Error == nil {
		return ""
	}
	return b.Error.Detail
}

// estimate says what a backup would hold.
func estimate(r *run, app *core.Core, n api.NewBackup) error {
	e, err := app.Commands().Plan(r.ctx, api.EstimateRequest{From: n.From, Till: n.Till, Modules: n.Modules})
	if err != nil {
		return backupError(err)
	}
	if r.out.json {
		f := fieldsOf(e)
		f["from"], f["till"] = n.From, n.Till
		r.out.object("estimate", f)
		return nil
	}
	r.out.facts([][2]string{
		{"Days", n.From.String() + " to " + n.Till.String()},
		{"Rows", strconv.FormatInt(e.Records, 10)},
		{"Zip file", "about " + core.FormatBytes(e.ArchiveBytes)},
		{"CSV files", "about " + core.FormatBytes(e.Bytes)},
	})
	rows := make([][]string, len(e.Modules))
	for i, m := range e.Modules {
		rows[i] = []string{m.Key, strconv.FormatInt(m.Records, 10), core.FormatBytes(m.Bytes), m.Name}
	}
	r.out.rows([]string{"Module", "Rows", "CSV", "Name"}, rows)
	for _, o := range e.Overlaps {
		if o.Covers {
			r.out.step("covered", fields{}, "%s (%s) has all of this already.", o.Title, o.BackupID)
		}
	}
	return nil
}
