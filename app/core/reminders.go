package core

import (
	"context"
	"errors"
	"maps"
	"reflect"
	"slices"
	"sync"
	"time"

	"connectbackup/api"
	"connectbackup/api/cache"
	"connectbackup/api/reminder"
)

// Reminders tell what the server is about to delete, before it does
// (requirements S4, B7): inside the app by the Outlook, and outside it by
// notifications.
type Reminders struct {
	core *Core
	told reminderFile

	asking sync.Mutex // one question to the server at a time

	mu      sync.Mutex
	outlook reminder.Outlook
	known   bool
	whose   *session
	why     error // why there is no newer report
	next    int
	hearers map[int]func(reminder.Outlook)

	wake chan struct{} // look again
	ask  chan struct{} // ask the server again
}

func newReminders(c *Core) *Reminders {
	return &Reminders{
		core: c, told: openReminderFile(c.options.Paths.Config), hearers: map[int]func(reminder.Outlook){},
		wake: make(chan struct{}, 1), ask: make(chan struct{}, 1),
	}
}

// Reminders tell what the server is about to delete.
func (c *Core) Reminders() *Reminders { return c.reminders }

// Outlook is what lies ahead, as far as is known without asking the server;
// false when nothing is.
func (r *Reminders) Outlook() (reminder.Outlook, bool) {
	s := r.core.current()
	r.mu.Lock()
	o, known := r.outlook, r.known && r.whose == s
	r.mu.Unlock()
	if known || s == nil {
		return o, known
	}
	return r.look(s)
}

// Refresh asks the server. Without an answer the Outlook is made from what it
// said last, and its Err says why; an error means that it never said anything.
func (r *Reminders) Refresh(ctx context.Context) (reminder.Outlook, error) {
	s := r.core.current()
	if s == nil {
		return reminder.Outlook{}, api.ErrSignedOut
	}
	err := r.fetch(ctx, s)
	o, ok := r.look(s)
	r.nudge(r.wake)
	if !ok {
		return reminder.Outlook{}, err
	}
	return o, nil
}

// Subscribe calls f, on any goroutine, with each new Outlook.
func (r *Reminders) Subscribe(f func(reminder.Outlook)) (cancel func()) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.next++
	id := r.next
	r.hearers[id] = f
	return func() {
		r.mu.Lock()
		defer r.mu.Unlock()
		delete(r.hearers, id)
	}
}

// Snooze puts reminders off; reminder.ErrNotNow when that cannot be.
func (r *Reminders) Snooze(how reminder.Snooze) error {
	s := r.core.current()
	if s == nil {
		return api.ErrSignedOut
	}
	o, ok := r.look(s)
	if !ok {
		return reminder.ErrNotNow
	}
	err := r.told.change(s.account, func(v *reminderValues) (err error) {
		v.State, err = v.State.Snooze(o, how)
		return err
	})
	if err == nil {
		r.changed(s)
	}
	return err
}

// Options are how the person wants to be reminded.
func (r *Reminders) Options() reminder.Options {
	s := r.core.current()
	if s == nil {
		return reminder.Defaults()
	}
	return r.values(s.account).options()
}

// SetOptions changes them.
func (r *Reminders) SetOptions(o reminder.Options) error {
	s := r.core.current()
	if s == nil {
		return api.ErrSignedOut
	}
	o = o.Sound()
	err := r.told.change(s.account, func(v *reminderValues) error {
		v.Options = &o
		return nil
	})
	if err == nil {
		r.changed(s)
	}
	return err
}

// changed looks again at once, so that whoever changed something sees it, and
// has the rest done.
func (r *Reminders) changed(s *session) {
	r.look(s)
	r.nudge(r.wake)
}

func (r *Reminders) nudge(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}

// copiesChanged is called when a file came to this device, or is no longer
// there or no longer whole.
func (r *Reminders) copiesChanged() { r.nudge(r.wake) }

// values are what is remembered for an account. A file that cannot be read
// costs people a repeated reminder, no more.
func (r *Reminders) values(a api.Account) reminderValues {
	v, err := r.told.get(a)
	if err != nil {
		r.core.log.Error("read what people were reminded of", "error", err)
	}
	return v
}

// look computes the Outlook from what is known here, and passes it on; false
// when the server never said anything.
func (r *Reminders) look(s *session) (reminder.Outlook, bool) {
	in, ok := r.input(s)
	if !ok {
		return reminder.Outlook{}, false
	}
	o := in.Look(r.core.options.Clock(), r.values(s.account).State)
	r.publish(s, o)
	return o, true
}

func (r *Reminders) publish(s *session, o reminder.Outlook) {
	r.mu.Lock()
	var hearers []func(reminder.Outlook)
	if !r.known || r.whose != s || !reflect.DeepEqual(r.outlook, o) {
		hearers = slices.Collect(maps.Values(r.hearers))
	}
	r.outlook, r.known, r.whose = o, true, s
	r.mu.Unlock()
	for _, f := range hearers {
		f(o)
	}
}

// input gathers what an Outlook is computed from, without the network.
func (r *Reminders) input(s *session) (reminder.Input, bool) {
	kept, ok, err := s.store.Retention()
	if err != nil {
		r.core.log.Error("read what is about to be deleted", "error", err)
	}
	if err != nil || !ok {
		return reminder.Input{}, false
	}
	r.mu.Lock()
	why := r.why
	r.mu.Unlock()
	in := reminder.Input{Report: kept.Value.Report, At: kept.At, Err: why, Zone: zoneOf(s.account)}
	here := map[string]bool{}
	for _, c := range r.core.downloads.Copies() {
		here[c.ID] = verified(c)
	}
	for _, b := range r.backups(s) {
		if here[b.ID] {
			in.Held = append(in.Held, b)
		}
		if b.Downloadable() {
			in.Server = append(in.Server, b)
		}
		if slices.Contains(kept.Value.Others, b.ID) {
			in.Others = append(in.Others, b)
		}
	}
	return in, true
}

// backups are all that were ever seen.
func (r *Reminders) backups(s *session) []api.Backup {
	all, _, err := s.store.Search(api.ListQuery{})
	if err != nil {
		r.core.log.Error("read the offline list", "error", err)
	}
	return all.Value.Items
}

// zoneOf is the zone in which the organisation counts its days.
func zoneOf(a api.Account) *time.Location {
	if zone, err := time.LoadLocation(a.Organisation.Timezone); err == nil && a.Organisation.Timezone != "" {
		return zone
	}
	return time.Local
}

// fetch asks the server what it is about to delete, and what has to be known of
// backups to judge that.
func (r *Reminders) fetch(ctx context.Context, s *session) (err error) {
	r.asking.Lock()
	defer r.asking.Unlock()
	defer func() {
		r.mu.Lock()
		r.why = err
		r.mu.Unlock()
	}()
	report, err := s.client.Retention(ctx)
	if err != nil {
		return err
	}
	now := r.core.options.Clock()
	r.learn(ctx, s, report)
	others, err := r.others(ctx, s, report)
	if err != nil {
		return err
	}
	if err := s.store.SaveRetention(cache.Retention{Report: report, Others: others}, now); err != nil {
		return err
	}
	r.core.setToday(todayRecord{day: report.Today, at: now})
	return nil
}

// learn gets to know the backups that the report or this device has, where the
// offline copy lacks them. What cannot be had counts as not held.
func (r *Reminders) learn(ctx context.Context, s *session, report api.RetentionReport) {
	var ids []string
	for _, a := range report.Archives {
		ids = append(ids, a.BackupID)
	}
	for _, c := range r.core.downloads.Copies() {
		ids = append(ids, c.ID)
	}
	known := map[string]bool{}
	for _, b := range r.backups(s) {
		known[b.ID] = true
	}
	for _, id := range ids {
		if known[id] {
			continue
		}
		known[id] = true
		backup, err := s.client.Backup(ctx, id)
		if err != nil {
			r.core.log.Info("ask for a backup that reminders are about", "backup", id, "error", err)
			continue
		}
		r.core.backups.fresh(s, backup)
	}
}

// othersMax bounds how many backups the server is asked about.
const othersMax = 50

// others are the backups whose file another device has, of those for which that
// matters: that the server deletes soon, or has deleted.
func (r *Reminders) others(ctx context.Context, s *session, report api.RetentionReport) ([]string, error) {
	soon := map[string]bool{}
	for _, a := range report.Archives {
		soon[a.BackupID] = true
	}
	var ids []string
	asked := 0
	for _, b := range r.backups(s) {
		elsewhere := b.Downloads.Count > b.Downloads.ThisDevice
		if !elsewhere || b.Downloadable() && !soon[b.ID] || asked >= othersMax {
			continue
		}
		asked++
		records, err := s.client.Downloads(ctx, b.ID)
		if api.IsCode(err, api.CodeNotFound) {
			continue
		}
		if err != nil {
			return nil, err
		}
		if slices.ContainsFunc(holders(records), func(d api.DownloadRecord) bool { return d.Device.ID != r.core.deviceID }) {
			ids = append(ids, b.ID)
		}
	}
	return ids, nil
}

// forget drops everything that was remembered for an account (requirement I15).
func (r *Reminders) forget() error {
	r.mu.Lock()
	r.outlook, r.known, r.whose, r.why = reminder.Outlook{}, false, nil, nil
	r.mu.Unlock()
	return errors.Join(r.told.forget(), r.unschedule())
}
