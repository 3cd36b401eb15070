package server

import (
	"context"
	"database/sql"
	"fmt"
	"log/slog"
	"time"

	"connectbackup/api"
	"connectbackup/api/calendar"
)

// The demo's other machines.
var (
	demoPhone = api.DeviceRef{ID: "dev_demo_pixel", Name: "Pixel 8", Platform: "android"}
	demoDesk  = api.DeviceRef{ID: "dev_demo_office", Name: "Office PC", Platform: "windows"}
)

// earlier is a backup that was made before the demo is first opened.
type earlier struct {
	title     string
	performed calendar.Day
	till      calendar.Day
	from      calendar.Day
	modules   []string // nil: all
	user      int      // of demoUsers
	device    api.DeviceRef
	profile   string
	// around lets the real job meet the circumstances that end as wanted.
	around func(ctx context.Context, b earlier, run func() error) error
	// after is what happened to it later.
	after func(ctx context.Context, id string, performed time.Time) error
}

// history makes the earlier backups, the oldest first. All go through the job
// that makes every backup; only the clock is an earlier one.
func (d *demoSeed) history(ctx context.Context) error {
	for _, b := range d.earlier() {
		if err := d.perform(ctx, b); err != nil {
			return fmt.Errorf("backup %q: %w", b.title, err)
		}
	}
	return nil
}

func (d *demoSeed) earlier() []earlier {
	today := d.today
	back := func(months int) calendar.Day { return today.AddMonths(-months) }
	lastYear := back(11).Year - 1
	return []earlier{
		{
			title: "Before moving to the new system", performed: back(25), from: back(demoMonths), till: back(25).AddDays(-1),
			modules: []string{"staff", "customers", "departments"}, device: demoDesk, after: d.expire,
		},
		{
			title: "Customers and complaints, first half", performed: back(14), from: back(20), till: back(14).AddDays(-1),
			modules: []string{"customers", "complaints"}, user: 1, device: demoPhone, after: d.remove,
		},
		{
			title: fmt.Sprintf("Year-end closing %d", lastYear), performed: back(11),
			from: calendar.NewDay(lastYear, time.January, 1), till: calendar.NewDay(lastYear, time.December, 31),
			modules: []string{"customers", "invoices"}, user: 1, device: demoDesk,
		},
		{
			title: "For the auditors: complaints", performed: back(7), from: back(13), till: back(7).AddDays(-1),
			modules: []string{"notices", "complaints"}, device: demoDesk, around: d.withBrokenRecord,
		},
		{
			title: "Complaints once more", performed: back(7).AddDays(1), from: back(13), till: back(7).AddDays(-1),
			modules: []string{"complaints"}, device: demoDesk, around: d.withBrokenRecord,
		},
		{
			title: "Wrong dates, please ignore", performed: back(3), from: back(5), till: back(3).AddDays(-1),
			device: demoPhone, around: d.cancelled,
		},
		{
			title: "Working hours (Müller & Söhne)", performed: back(1), from: back(2), till: back(1).AddDays(-1),
			modules: []string{"attendance", "leave"}, user: 1, device: demoPhone, profile: api.ProfilePlain,
		},
		{
			title: "Last week, everything", performed: today.AddDays(-2), from: today.AddDays(-9), till: today.AddDays(-3),
			device: demoDesk,
		},
	}
}

// perform makes one earlier backup.
func (d *demoSeed) perform(ctx context.Context, e earlier) error {
	performed := time.Date(e.performed.Year, e.performed.Month, e.performed.Date, 9, 12, 40, 0, d.loc)
	known, err := modulesOf(ctx, d.s.c.Read, d.org)
	if err != nil {
		return err
	}
	user := demoUsers[e.user]
	b := api.Backup{
		ID: newID("bkp_", performed), Title: e.title, Status: api.StatusPending, From: e.from, Till: e.till, Timezone: demoZone,
		CSVProfile: e.profile, PerformedAt: performed, CreatedBy: api.UserRef{ID: user.id, Name: user.name}, CreatedOn: e.device,
		Modules: chooseModules(e.modules, known, func(string, api.FieldCode, string) {}),
	}
	if b.CSVProfile == "" {
		b.CSVProfile = api.ProfileExcel
	}
	err = d.s.write(ctx, func(tx *sql.Tx) error {
		return insert(ctx, tx, b, d.org, d.users[e.user], d.locale, []byte(b.ID), b.SearchText())
	})
	if err != nil {
		return err
	}
	log := d.s.log
	if e.around != nil { // a fault that is wanted is no news
		log = slog.New(slog.DiscardHandler)
	}
	run := func() error {
		// Half a minute from the button to the file.
		clock := func() time.Time { return performed.Add(30 * time.Second) }
		d.s.runJobIn(ctx, b.ID, &progress{}, surroundings{clock: clock, pace: noPace, log: log})
		return ctx.Err()
	}
	if e.around != nil {
		err = e.around(ctx, e, run)
	} else {
		err = run()
	}
	if err == nil && e.after != nil {
		err = e.after(ctx, b.ID, performed)
	}
	return err
}

// expire lets clock 2 come when the file is over its time.
func (d *demoSeed) expire(ctx context.Context, _ string, performed time.Time) error {
	return d.s.sweepArchives(ctx, calendar.AddMonths(performed, archiveMonths, d.loc).Add(time.Hour))
}

// remove deletes the file a month later.
func (d *demoSeed) remove(ctx context.Context, id string, performed time.Time) error {
	return d.s.dropArchive(ctx, id, string(api.StatusDeleted), calendar.AddMonths(performed, 1, d.loc))
}

// withBrokenRecord lets the job meet a record that cannot be read, among the
// complaints.
func (d *demoSeed) withBrokenRecord(ctx context.Context, e earlier, run func() error) error {
	at := millis(e.from.AddDays(9).Start(d.loc))
	_, err := d.s.exec(ctx, "INSERT INTO records (org_id, module, created_at, seq, updated_at, cells) VALUES (?, 'complaints', ?, 0, ?, '[\"cut o')",
		d.org, at, at)
	if err != nil {
		return err
	}
	if err := run(); err != nil {
		return err
	}
	_, err = d.s.exec(ctx, "DELETE FROM records WHERE org_id = ? AND module = 'complaints' AND created_at = ? AND seq = 0", d.org, at)
	return err
}

// cancelled lets the person change their mind before the job begins.
func (d *demoSeed) cancelled(ctx context.Context, e earlier, run func() error) error {
	_, err := d.s.exec(ctx, "UPDATE backups SET status = 'cancelled' WHERE org_id = ? AND title = ? AND status = 'pending'", d.org, e.title)
	if err != nil {
		return err
	}
	return run()
}

func noPace(ctx context.Context, _ api.Stage, _ string) error { return ctx.Err() }
