package core

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"connectbackup/api"
	"connectbackup/api/cache"
	"connectbackup/api/calendar"
	"connectbackup/api/reminder"
	"connectbackup/device"
	"connectbackup/device/download"
)

// adjustable is a clock that a test sets.
type adjustable struct {
	mu  sync.Mutex
	now time.Time
}

func (a *adjustable) time() time.Time {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.now
}

func (a *adjustable) set(t time.Time) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.now = t
}

// awake is noon of the demo's today, when nobody has quiet hours.
func awake() time.Time {
	zone, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		panic(err)
	}
	y, m, d := time.Now().In(zone).Date()
	return time.Date(y, m, d, 12, 0, 0, 0, time.Local)
}

// remote is a server with its own clock, whose organisation has the records of
// the demo, but is none.
func (w *world) remote(clock func() time.Time) *httptest.Server {
	w.Helper()
	dir := w.TempDir()
	if err := os.CopyFS(dir, os.DirFS(seeded.dir)); err != nil {
		w.Fatal(err)
	}
	db, err := openDatabase(filepath.Join(dir, "server.db"))
	if err != nil {
		w.Fatal(err)
	}
	_, err = db.write.Exec(`UPDATE organisations SET demo = 0`)
	if err := errors.Join(err, db.Close()); err != nil {
		w.Fatal(err)
	}
	e, err := OpenEmbedded(w.Context(), EmbeddedOptions{Dir: dir, Clock: clock})
	if err != nil {
		w.Fatal(err)
	}
	return w.serves(e)
}

// serves answers over HTTP until the test ends.
func (w *world) serves(e *Embedded) *httptest.Server {
	s := httptest.NewServer(e.Handler())
	w.Cleanup(func() {
		s.Close()
		if err := e.Close(); err != nil {
			w.Error(err)
		}
	})
	return s
}

// signInTo signs in to a real server, as the app takes it.
func signInTo(t *testing.T, c *Core, server string) api.Account {
	t.Helper()
	account, err := c.Sessions().SignIn(t.Context(), server, seeded.email, seeded.password, false)
	if err != nil {
		t.Fatal(err)
	}
	if account.Demo {
		t.Fatal("the server says it is a demo: nothing is told outside then")
	}
	return account
}

// next waits for a notification.
func (n *told) next(t *testing.T) device.Notification {
	t.Helper()
	until(t, n.more, func(struct{}) bool { return true })
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.all[len(n.all)-1]
}

func (n *told) count() int {
	n.mu.Lock()
	defer n.mu.Unlock()
	return len(n.all)
}

func TestRemindersOfARealServer(t *testing.T) {
	w := newWorld(t)
	clock := &adjustable{now: awake()}
	w.clock = clock.time
	s := w.remote(clock.time)
	c := w.start()
	seen := make(chan reminder.Outlook, 100)
	defer c.Reminders().Subscribe(func(o reminder.Outlook) { seen <- o })()
	signInTo(t, c, s.URL)

	o := until(t, seen, func(o reminder.Outlook) bool { return len(o.Due) > 0 })
	banner, ok := o.Banner()
	if !ok || banner.Place != reminder.Nowhere || banner.Days > 2 || o.Suggestion == nil || o.Err != nil {
		t.Errorf("the banner is %+v, %v; suggested is %+v; %v", banner, ok, o.Suggestion, o.Err)
	}
	n := w.told.next(t)
	if !strings.HasPrefix(n.Title, "Records are deleted") || !strings.Contains(n.Body, "are in no backup") || strings.Contains(n.Body, "{{") {
		t.Errorf("told was %+v", n)
	}
	if again, err := c.Reminders().Refresh(t.Context()); err != nil || len(again.Due) != len(o.Due) {
		t.Errorf("asked again: %d instead of %d, %v", len(again.Due), len(o.Due), err)
	}

	// What is suggested is one tap to a backup (B5); with it here all is silent.
	backup := made(t, c, api.NewBackup{Title: "All", From: o.Suggestion.From, Till: o.Suggestion.Till, Modules: o.Suggestion.Modules})
	o = until(t, seen, func(o reminder.Outlook) bool { return o.Suggestion == nil })
	if b, ok := o.Banner(); !ok || b.Place != reminder.OnServer {
		t.Errorf("the file is on the server, and the banner is %+v, %v", b, ok)
	}
	if state := fetched(t, c, backup, download.Ask); state.Phase != download.Done {
		t.Fatalf("the download ended as %+v", state)
	}
	o = until(t, seen, func(o reminder.Outlook) bool { return !slices.ContainsFunc(o.Due, isRecords) })
	if w.told.count() > 4 { // the reminder, ready, and downloaded
		t.Errorf("%d notifications", w.told.count())
	}
	// The file is deleted by hand: that is noticed at the next look.
	copies := c.Downloads().Copies()
	if err := os.Remove(string(copies[0].Location)); err != nil {
		t.Fatal(err)
	}
	if o, err := c.Reminders().Refresh(t.Context()); err != nil || !slices.ContainsFunc(o.Due, isRecords) {
		t.Errorf("the copy is gone, and due is %+v, %v", o.Due, err)
	}
}

func isRecords(d reminder.Due) bool { return d.Module != "" }

// made creates a backup and waits for it.
func made(t *testing.T, c *Core, n api.NewBackup) api.Backup {
	t.Helper()
	changes := make(chan api.Backup, 1000)
	defer c.Backups().Subscribe(func(b api.Backup) { changes <- b })()
	b, err := c.Backups().Create(t.Context(), NewKey(), n)
	if err != nil {
		t.Fatal(err)
	}
	return until(t, changes, func(x api.Backup) bool { return x.ID == b.ID && x.Status == api.StatusCompleted })
}

func TestTheDemoRemindsInsideTheApp(t *testing.T) {
	w := newWorld(t)
	clock := &adjustable{now: awake()}
	w.clock = clock.time
	c := w.start()
	seen := make(chan reminder.Outlook, 100)
	defer c.Reminders().Subscribe(func(o reminder.Outlook) { seen <- o })()
	signInDemo(t, c)
	o := until(t, seen, func(o reminder.Outlook) bool { return len(o.Due) > 0 })
	if _, ok := o.Banner(); !ok {
		t.Error("no banner")
	}
	if err := c.Close(); err != nil {
		t.Fatal(err)
	}
	if n := w.told.count(); n > 0 {
		t.Errorf("the demo showed %d notifications", n)
	}
	if c.Reminders().Background() != reminder.NotAtAll {
		t.Error("the demo reminds while it is closed")
	}
}

func TestRemindersAfterARestartAndOffline(t *testing.T) {
	w := newWorld(t)
	clock := &adjustable{now: awake()}
	w.clock = clock.time
	s := w.remote(clock.time)
	c := w.start()
	account := signInTo(t, c, s.URL)
	w.told.next(t)
	options := reminder.Options{Days: []int{1, 90}, QuietFrom: 0, QuietTill: 0}
	if err := c.Reminders().SetOptions(options); err != nil {
		t.Fatal(err)
	}
	before, err := c.Reminders().Refresh(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Reminders().Snooze(reminder.SnoozeWeek); err != nil {
		t.Fatal(err)
	}
	if err := c.Close(); err != nil {
		t.Fatal(err)
	}

	s.CloseClientConnections()
	s.Close()
	clock.set(clock.time().Add(48 * time.Hour))
	c = w.start()
	o, ok := c.Reminders().Outlook()
	if !ok || o.Today != before.Today.AddDays(2) || o.SnoozedTill != before.Today.AddDays(7) || !o.At.Equal(before.At) {
		t.Errorf("offline: %+v, %v, was %+v", o, ok, before)
	}
	if got := c.Reminders().Options(); !slices.Equal(got.Days, []int{90, 1}) {
		t.Errorf("the options are %+v", got)
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Second)
	defer cancel()
	if o, err = c.Reminders().Refresh(ctx); err != nil || o.Err == nil || len(o.Due) == 0 {
		t.Errorf("asked in vain: %v, %v", o.Err, err)
	}
	if n := w.told.count(); n != 1 {
		t.Errorf("%d notifications, while they are put off", n)
	}

	// Signing out forgets it all (I15).
	file := filepath.Join(w.root, "config", remindersName)
	if b, err := os.ReadFile(file); err != nil || !strings.Contains(string(b), account.Organisation.ID) {
		t.Errorf("before signing out: %s, %v", b, err)
	}
	if err := c.Sessions().SignOut(t.Context()); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(file); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("after signing out: %v", err)
	}
	if _, ok := c.Reminders().Outlook(); ok {
		t.Error("there is an outlook without a session")
	}
	if err := c.Reminders().Snooze(reminder.SnoozeDay); !errors.Is(err, api.ErrSignedOut) {
		t.Errorf("put off without a session: %v", err)
	}
}

// closed leaves a machine on which somebody signed in to a server, and on which
// nothing was told yet.
func closed(t *testing.T, clock *adjustable) (*world, *httptest.Server) {
	t.Helper()
	w := newWorld(t)
	w.clock = clock.time
	s := w.remote(clock.time)
	notifier := w.told
	w.told = &told{more: make(chan struct{}, 1)}
	c := w.start()
	signInTo(t, c, s.URL)
	if err := c.Close(); err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(filepath.Join(w.root, "config", remindersName)); err != nil && !errors.Is(err, os.ErrNotExist) {
		t.Fatal(err)
	}
	w.told = notifier
	return w, s
}

func (w *world) remind() (Reminded, error) {
	paths := PathsIn(w.root, w.downloads)
	return Remind(w.Context(), Options{
		Paths: paths, Clock: w.clock, Notifier: w.told, Secrets: device.OpenFileSecrets(paths.Config),
	})
}

func TestRemindWhileTheAppIsClosed(t *testing.T) {
	clock := &adjustable{now: awake()}
	w, s := closed(t, clock)
	done, err := w.remind()
	if err != nil || !done.Told || len(done.Outlook.Due) == 0 {
		t.Fatalf("the first time: %+v, %v", done, err)
	}
	if done, err = w.remind(); err != nil || done.Told {
		t.Errorf("an hour later: %+v, %v", done, err)
	}
	// Nobody can be reached a week later, and people are told all the same.
	s.CloseClientConnections()
	s.Close()
	clock.set(clock.time().AddDate(0, 0, 8))
	if done, err = w.remind(); err != nil || !done.Told || done.Outlook.Err == nil {
		t.Errorf("offline: %+v, %v", done, err)
	}

	// While the app runs it is left alone.
	c := w.start()
	lock := c.lockReminders()
	look := time.NewTicker(10 * time.Millisecond)
	defer look.Stop()
	until(t, look.C, func(time.Time) bool { // until the app has taken the lock
		mine, err := lock.TryLock()
		if err := errors.Join(err, lock.Unlock()); err != nil {
			t.Fatal(err)
		}
		return !mine
	})
	if _, err := w.remind(); !errors.Is(err, ErrReminding) {
		t.Errorf("while the app runs: %v", err)
	}
	if err := c.Sessions().SignOut(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := c.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := w.remind(); !errors.Is(err, api.ErrSignedOut) {
		t.Errorf("signed out: %v", err)
	}
}

// mute shows nothing.
type mute struct{ told }

func (*mute) Notify(device.Notification) error { return device.ErrNoNotifications }

func TestWhatCouldNotBeShownIsTriedAgain(t *testing.T) {
	clock := &adjustable{now: awake()}
	w, _ := closed(t, clock)
	paths := PathsIn(w.root, w.downloads)
	_, err := Remind(t.Context(), Options{
		Paths: paths, Clock: w.clock, Notifier: &mute{}, Secrets: device.OpenFileSecrets(paths.Config),
	})
	if !errors.Is(err, device.ErrNoNotifications) {
		t.Errorf("nobody shows it: %v", err)
	}
	if done, err := w.remind(); err != nil || !done.Told {
		t.Errorf("then somebody does: %+v, %v", done, err)
	}
}

func TestRemindersAreHandedToTheSystem(t *testing.T) {
	var mu sync.Mutex
	var handed [][]device.Scheduled
	device.SetNative(device.Native{Schedule: func(all []device.Scheduled) error {
		mu.Lock()
		defer mu.Unlock()
		handed = append(handed, slices.Clone(all))
		return nil
	}})
	t.Cleanup(func() { device.SetNative(device.Native{}) })
	last := func() []device.Scheduled {
		mu.Lock()
		defer mu.Unlock()
		return handed[len(handed)-1]
	}
	w := newWorld(t)
	clock := &adjustable{now: awake()}
	w.clock = clock.time
	c := w.start()
	signInTo(t, c, w.remote(clock.time).URL)
	w.told.next(t)
	if c.Reminders().Background() != reminder.BySystem {
		t.Errorf("in the background: %v", c.Reminders().Background())
	}
	if err := c.Close(); err != nil { // what is under way is done then
		t.Fatal(err)
	}
	plan := last()
	if len(plan) < 10 || !plan[0].At.After(clock.time()) || plan[0].Title == "" || plan[0].Body == "" {
		t.Fatalf("handed over were %d: %+v", len(plan), plan)
	}
	// The system shows the first; the app, started then, does not show it again.
	clock.set(plan[0].At.Add(time.Minute))
	calls := len(handed)
	c = w.start()
	if _, err := c.Reminders().Refresh(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := c.Close(); err != nil {
		t.Fatal(err)
	}
	if w.told.count() != 1 {
		t.Errorf("%d notifications by the app itself", w.told.count())
	}
	if now := last(); len(handed) <= calls || now[0].At.Equal(plan[0].At) {
		t.Errorf("after the first was shown: %d calls, the next is at %v", len(handed)-calls, now[0].At)
	}
	c = w.start()
	if err := c.Sessions().SignOut(t.Context()); err != nil {
		t.Fatal(err)
	}
	if left := last(); len(left) > 0 {
		t.Errorf("after signing out %d are left", len(left))
	}
}

// away is a server that nobody reaches.
type away struct{}

func (away) RoundTrip(*http.Request) (*http.Response, error) { return nil, io.ErrUnexpectedEOF }

// TestTheReminderComesWithTime lets a hundred days pass while the app runs, and
// the server cannot be reached.
func TestTheReminderComesWithTime(t *testing.T) {
	machine, _ := closed(t, &adjustable{now: awake()})
	synctest.Test(t, func(t *testing.T) {
		shown := &told{more: make(chan struct{}, 1)}
		c := &Core{options: Options{Paths: PathsIn(machine.root, machine.downloads), Clock: time.Now, Notifier: shown}}
		c.ctx, c.stop = context.WithCancel(t.Context())
		if err := c.openFiles(); err != nil {
			t.Fatal(err)
		}
		c.secrets = device.OpenFileSecrets(c.options.Paths.Config)
		c.backups, c.downloads, c.outbox, c.reminders = newBackups(c), newDownloads(c), newOutbox(c), newReminders(c)
		s, err := c.borrowSession()
		if err != nil {
			t.Fatal(err)
		}
		if s.client, err = api.New(api.Options{BaseURL: "http://localhost", Transport: away{}, Tokens: c.tokens(c.settings.get().Session)}); err != nil {
			t.Fatal(err)
		}
		today := calendar.DayOf(time.Now(), zoneOf(s.account)) // of the bubble, where it is the year 2000
		report := api.RetentionReport{Today: today}
		for n := range 3 {
			first := today.AddMonths(n - 24)
			report.Upcoming = append(report.Upcoming, api.Deletion{
				On: today.AddMonths(n), Module: "invoices", Name: "Invoices", Records: 9, From: first, Till: first.AddDays(20),
			})
		}
		if err := s.store.SaveRetention(cache.Retention{Report: report}, time.Now()); err != nil {
			t.Fatal(err)
		}
		s.work.Go(func() { c.reminders.run(s) })
		days, all := map[calendar.Day]int{}, 0
		for range 24 * 100 {
			<-time.After(time.Hour)
			synctest.Wait()
			for ; all < shown.count(); all++ {
				days[calendar.DayOf(time.Now(), time.Local)]++
			}
		}
		if all < 10 {
			t.Errorf("only %d notifications in 100 days", all)
		}
		for day, n := range days {
			if n != 1 {
				t.Errorf("%d notifications on %s", n, day)
			}
		}
		c.stop()
		s.work.Wait()
		if err := c.Close(); err != nil {
			t.Error(err)
		}
	})
}
