package core

import (
	"context"
	"reflect"
	"sync"
	"time"

	"connectbackup/api"
	"connectbackup/api/calendar"
)

// Backups is the organisation's backups on the server, with the offline copy
// behind it. A reply is kept; when none comes, the copy answers and says how
// old it is (requirement I6).
type Backups struct {
	core *Core

	mu      sync.Mutex
	next    int
	hearers map[int]func(api.Backup)
	known   map[string]api.Backup // the pending ones, as last seen
	live    bool                  // events are heard right now
	todo    chores                // beyond what known and live say
	wake    chan struct{}         // tells the watcher that the above have changed

	moduleHearers map[int]func(api.ModuleList)
}

func newBackups(c *Core) *Backups {
	return &Backups{
		core: c, hearers: map[int]func(api.Backup){},
		known: map[string]api.Backup{}, wake: make(chan struct{}, 1),
		moduleHearers: map[int]func(api.ModuleList){},
	}
}

// Cached is the page as last seen, without a word to the server.
func (b *Backups) Cached(q api.ListQuery) (api.Snapshot[api.BackupPage], bool) {
	s := b.core.current()
	if s == nil {
		return api.Snapshot[api.BackupPage]{}, false
	}
	page, ok, err := s.store.Page(q)
	b.complain("read the offline list", err)
	return page, ok && err == nil
}

// List asks the server for a page. Without an answer the offline copy is
// searched by the same rule, and the Snapshot's Err says why; an error means
// that there is no copy either.
func (b *Backups) List(ctx context.Context, q api.ListQuery) (api.Snapshot[api.BackupPage], error) {
	s := b.core.current()
	if s == nil {
		return api.Snapshot[api.BackupPage]{}, api.ErrSignedOut
	}
	page, err := s.client.ListBackups(ctx, q)
	if err != nil {
		return fallback(b, err, func() (api.Snapshot[api.BackupPage], bool, error) { return s.store.Search(q) })
	}
	now := b.core.options.Clock()
	b.complain("keep the offline list", s.store.SavePage(q, page, now))
	for _, backup := range page.Items {
		b.learn(backup, false) // whoever asked for the page sees the others
	}
	return api.Snapshot[api.BackupPage]{Value: page, At: now}, nil
}

// CachedBackup is one backup as last seen.
func (b *Backups) CachedBackup(id string) (api.Snapshot[api.Backup], bool) {
	s := b.core.current()
	if s == nil {
		return api.Snapshot[api.Backup]{}, false
	}
	backup, ok, err := s.store.Backup(id)
	b.complain("read the offline copy of a backup", err)
	return backup, ok && err == nil
}

// Get asks the server for one backup, and falls back as List does.
func (b *Backups) Get(ctx context.Context, id string) (api.Snapshot[api.Backup], error) {
	s := b.core.current()
	if s == nil {
		return api.Snapshot[api.Backup]{}, api.ErrSignedOut
	}
	backup, err := s.client.Backup(ctx, id)
	if err != nil {
		if api.IsCode(err, api.CodeNotFound) {
			return api.Snapshot[api.Backup]{}, err // the server knows better than the copy
		}
		return fallback(b, err, func() (api.Snapshot[api.Backup], bool, error) { return s.store.Backup(id) })
	}
	return b.fresh(s, backup), nil
}

// Modules asks the server for the modules and for its date, and falls back as
// List does.
func (b *Backups) Modules(ctx context.Context) (api.Snapshot[api.ModuleList], error) {
	s := b.core.current()
	if s == nil {
		return api.Snapshot[api.ModuleList]{}, api.ErrSignedOut
	}
	list, err := s.client.Modules(ctx)
	if err != nil {
		return fallback(b, err, s.store.Modules)
	}
	return api.Snapshot[api.ModuleList]{Value: list, At: b.keepModules(s, list)}, nil
}

// keepModules keeps what the server just said of the modules, and its date.
func (b *Backups) keepModules(s *session, list api.ModuleList) (now time.Time) {
	now = b.core.options.Clock()
	b.complain("keep the offline modules", s.store.SaveModules(list, now))
	b.core.setToday(todayRecord{day: list.Today, at: now})
	return now
}

// Create starts a backup. The same key never makes two (requirement B14).
func (b *Backups) Create(ctx context.Context, key string, n api.NewBackup) (api.Backup, error) {
	s := b.core.current()
	if s == nil {
		return api.Backup{}, api.ErrSignedOut
	}
	backup, err := s.client.CreateBackup(ctx, key, n)
	if err != nil {
		return api.Backup{}, err
	}
	return b.fresh(s, backup).Value, nil
}

// Cancel ends a pending backup.
func (b *Backups) Cancel(ctx context.Context, id string) (api.Backup, error) {
	s := b.core.current()
	if s == nil {
		return api.Backup{}, api.ErrSignedOut
	}
	backup, err := s.client.CancelBackup(ctx, id)
	if err != nil {
		return api.Backup{}, err
	}
	return b.fresh(s, backup).Value, nil
}

// Subscribe calls f, on any goroutine, for every backup that is new or seen to
// have changed, also by others, and when a device has told what became of its
// file.
func (b *Backups) Subscribe(f func(api.Backup)) (cancel func()) { return subscribe(b, b.hearers, f) }

// SubscribeModules calls f, on any goroutine, when the server says that the
// modules have changed, with what they are now.
func (b *Backups) SubscribeModules(f func(api.ModuleList)) (cancel func()) {
	return subscribe(b, b.moduleHearers, f)
}

func subscribe[T any](b *Backups, hearers map[int]func(T), f func(T)) (cancel func()) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.next++
	id := b.next
	hearers[id] = f
	return func() {
		b.mu.Lock()
		defer b.mu.Unlock()
		delete(hearers, id)
	}
}

// fresh keeps what the server just said of a backup, and passes it on if it
// is news.
func (b *Backups) fresh(s *session, backup api.Backup) api.Snapshot[api.Backup] {
	now := b.core.options.Clock()
	news := b.isNews(s, backup)
	b.complain("keep the offline copy of a backup", s.store.SaveBackup(backup, now))
	b.learn(backup, news)
	return api.Snapshot[api.Backup]{Value: backup, At: now}
}

// isNews reports whether backup is not what the offline copy has.
func (b *Backups) isNews(s *session, backup api.Backup) bool {
	before, known, err := s.store.Backup(backup.ID)
	b.complain("read the offline copy of a backup", err)
	return !known || !reflect.DeepEqual(before.Value, backup)
}

// complain logs a failure of the offline copy. The copy is a convenience: the
// app works on without it.
func (b *Backups) complain(doing string, err error) {
	if err != nil {
		b.core.log.Error(doing, "error", err)
	}
}

// fallback answers from the offline copy when the server did not.
func fallback[T any](b *Backups, cause error, copied func() (api.Snapshot[T], bool, error)) (api.Snapshot[T], error) {
	value, ok, err := copied()
	b.complain("read the offline copy", err)
	if err != nil || !ok {
		return api.Snapshot[T]{}, cause
	}
	value.Err = cause
	return value, nil
}

// todayRecord is the server's date, and when it was told.
type todayRecord struct {
	day calendar.Day
	at  time.Time
}

func (c *Core) setToday(r todayRecord) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.today = r
}

// Today is the server's date in the organisation's zone. A device whose clock
// is days off still gets it right, from the last reply on; before that it is
// the device's own date.
func (c *Core) Today() calendar.Day {
	c.mu.Lock()
	r, s := c.today, c.session
	c.mu.Unlock()
	zone := time.Local
	if s != nil {
		if z, err := time.LoadLocation(s.account.Organisation.Timezone); err == nil {
			zone = z
		}
	}
	here := calendar.DayOf(c.options.Clock(), zone)
	if r.day.IsZero() {
		return here
	}
	// As many days later as have passed here since.
	return r.day.AddDays(here.Since(calendar.DayOf(r.at, zone)))
}
