package core

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"reflect"
	"strings"
	"time"

	"github.com/gofrs/flock"

	"connectbackup/api"
	"connectbackup/api/calendar"
	"connectbackup/api/reminder"
	"connectbackup/device"
	"connectbackup/device/download"
)

const (
	// remindAsk is how often the server is asked what it is about to delete.
	remindAsk = 4 * time.Hour
	// remindFresh is how old its answer may be when people are told something.
	remindFresh = time.Hour
	// remindLook is how often the clock is looked at: it may be set, and a
	// machine that sleeps wakes nobody.
	remindLook = time.Hour
	// remindGather is how long news are gathered before the server is asked.
	remindGather = 2 * time.Second
	// remindAhead is what is handed to the system's scheduler.
	remindAhead = 90 * 24 * time.Hour
)

// remindersLock is held by whoever reminds: the app while somebody is signed
// in, or the command remind.
const remindersLock = "reminders.lock"

func (c *Core) lockReminders() *flock.Flock {
	return flock.New(filepath.Join(c.options.Paths.Data, remindersLock))
}

// run looks ahead for as long as the session lasts: at the start, when
// something has changed, when the time has come, and every few hours.
func (r *Reminders) run(s *session) {
	lock := r.core.lockReminders()
	defer func() {
		if err := lock.Close(); err != nil {
			r.core.log.Error("give up the lock of reminders", "error", err)
		}
	}()
	defer r.core.backups.Subscribe(func(b api.Backup) {
		if b.Status != api.StatusPending {
			r.nudge(r.ask)
		}
	})()
	if r.outside(s) {
		// At once, for whoever else would remind; turn tries again.
		if _, err := lock.TryLock(); err != nil {
			r.core.log.Error("take the lock of reminders", "error", err)
		}
	}
	var asked time.Time // by this process's own time, which no clock setting moves
	ask := true
	for s.ctx.Err() == nil {
		if ask {
			asked = time.Now()
			if err := r.fetch(s.ctx, s); err != nil && s.ctx.Err() == nil {
				r.core.log.Info("ask what is about to be deleted", "error", err)
			}
		}
		next := r.turn(s, lock)
		ask = r.sleep(s.ctx, min(next, remindAsk-time.Since(asked)))
		ask = ask || time.Since(asked) >= remindAsk
	}
}

// sleep waits until it is time, or something happens, and reports whether the
// server has to be asked.
func (r *Reminders) sleep(ctx context.Context, d time.Duration) (ask bool) {
	timer := time.NewTimer(max(d, time.Second))
	defer timer.Stop()
	select {
	case <-timer.C:
		return false
	case <-r.wake:
		return false
	case <-ctx.Done():
		return false
	case <-r.ask:
	}
	gather := time.NewTimer(remindGather)
	defer gather.Stop()
	select {
	case <-gather.C:
	case <-ctx.Done():
	}
	return true
}

// turn looks, tells what has to be told, and says how long there is nothing
// more to do.
func (r *Reminders) turn(s *session, lock *flock.Flock) time.Duration {
	if _, ok := r.look(s); !ok || !r.outside(s) {
		return remindLook
	}
	if mine, err := lock.TryLock(); err != nil || !mine {
		return time.Minute // another one reminds at this moment
	}
	if _, err := r.tell(s.ctx, s); err != nil {
		r.core.log.Warn("remind", "error", err)
	}
	r.look(s) // what was put off until now no longer is
	in, ok := r.input(s)
	if !ok {
		return remindLook
	}
	r.schedule(s, in)
	now := r.core.options.Clock()
	return min(in.Wake(r.values(s.account).options(), now, time.Local).Sub(now), remindLook)
}

// outside reports whether people are told outside the app. In the demo all stays
// inside it: nothing real is lost. A command shows nothing, and leaves it to
// whoever does.
func (r *Reminders) outside(s *session) bool {
	return !s.account.Demo && r.core.options.Notifier != nil
}

// tell shows the notification whose time has come; false when there is none.
// Before that the server is asked once more, if its answer is older than an
// hour: the clock of this device may have been set, or a colleague may have
// been quicker. Whoever calls it holds the lock.
func (r *Reminders) tell(ctx context.Context, s *session) (bool, error) {
	n, state, ok := r.due(s)
	if !ok || !r.outside(s) {
		return false, nil
	}
	if kept, _, err := s.store.Retention(); err == nil && r.core.options.Clock().Sub(kept.At).Abs() > remindFresh {
		if err := r.fetch(ctx, s); err == nil {
			if n, state, ok = r.due(s); !ok {
				return false, nil
			}
		}
	}
	// Shown first, and noted after that: a reminder twice is better than none.
	if err := r.core.options.Notifier.Notify(r.notification(n)); err != nil {
		return false, err
	}
	err := r.told.change(s.account, func(v *reminderValues) error {
		put := v.State.Put // it may just have been put off
		if v.State = state; put != nil && put.Made == n.Day && n.Day.Before(put.Till) {
			v.State.Put = put
		}
		return nil
	})
	return true, err
}

// due is what has to be told now, and what is to be noted then.
func (r *Reminders) due(s *session) (reminder.Notification, reminder.State, bool) {
	in, ok := r.input(s)
	if !ok {
		return reminder.Notification{}, reminder.State{}, false
	}
	now := r.core.options.Clock()
	v := r.values(s.account)
	state := v.State.Shown(now)
	return in.Look(now, state).Turn(v.options(), state, now, time.Local)
}

// schedule hands what will have to be told to the system, where it has a
// scheduler, so that people are told while the app is closed.
func (r *Reminders) schedule(s *session, in reminder.Input) {
	if !device.CanSchedule() {
		return
	}
	now := r.core.options.Clock()
	v := r.values(s.account)
	state := v.State.Shown(now)
	plan := in.Plan(v.options(), state, now, now.Add(remindAhead), time.Local)
	state = state.HandOver(plan)
	if reflect.DeepEqual(state.Handed, v.State.Handed) {
		return
	}
	all := make([]device.Scheduled, 0, len(plan))
	for _, n := range plan {
		shown := r.notification(n)
		all = append(all, device.Scheduled{At: n.At, Title: shown.Title, Body: shown.Body})
	}
	if err := device.Schedule(all); err != nil {
		r.core.log.Error("hand reminders to the system", "error", err)
		return
	}
	err := r.told.change(s.account, func(v *reminderValues) error {
		v.State = v.State.Shown(now)
		v.State.Handed = state.Handed
		return nil
	})
	if err != nil {
		r.core.log.Error("remember what was handed to the system", "error", err)
	}
}

// unschedule takes back what was handed to the system, and the timer, which
// would run for nobody.
func (r *Reminders) unschedule() error {
	if device.CanSchedule() {
		return device.Schedule(nil)
	}
	return device.RemoveTimer()
}

// notification is a reminder in the person's language.
func (r *Reminders) notification(n reminder.Notification) device.Notification {
	body := make([]string, 0, len(n.Body))
	for _, text := range n.Body {
		body = append(body, r.core.sayText(text))
	}
	d := device.Notification{ID: "reminder", Title: r.core.sayText(n.Title), Body: strings.Join(body, "\n")}
	if open := r.core.options.OpenBackup; open != nil {
		d.Action, d.OnAction = r.core.say("Show", nil), func() { open(n.BackupID()) }
	}
	return d
}

// sayText writes a text of the reminders in the person's language, else in
// English.
func (c *Core) sayText(t reminder.Text) string {
	if c.options.Say != nil {
		return c.options.Say(t.Text, t.Count, t.Data)
	}
	text, data := t.Text, map[string]any{}
	if t.Count == 1 && t.One != "" {
		text = t.One
	}
	for name, value := range t.Data {
		if day, ok := value.(calendar.Day); ok {
			value = fmt.Sprintf("%d %.3s %d", day.Date, day.Month, day.Year)
		}
		data[name] = value
	}
	return fill(text, data)
}

// verified reports whether a copy is there and was found to be whole.
func verified(c download.Copy) bool {
	return c.State == download.CopyPresent && !c.VerifiedAt.IsZero()
}

// Background is how people are told while the app is closed.
func (r *Reminders) Background() reminder.Background {
	s := r.core.current()
	switch {
	case s == nil || s.account.Demo:
		return reminder.NotAtAll
	case device.CanSchedule():
		return reminder.BySystem
	}
	switch on, err := device.TimerInstalled(); {
	case err != nil:
		return reminder.NotAtAll
	case on:
		return reminder.TimerOn
	default:
		return reminder.TimerOff
	}
}

// SetTimer installs or removes the timer that reminds while the app is closed.
func (r *Reminders) SetTimer(on bool) error {
	if on {
		return device.InstallTimer("remind")
	}
	return device.RemoveTimer()
}

// ErrReminding says that the app runs, and reminds by itself.
var ErrReminding = errors.New("the app is running, and reminds by itself")

// Reminded is what a run of the command remind came to.
type Reminded struct {
	Outlook reminder.Outlook
	Demo    bool // somebody is signed in to a demo, which reminds inside the app alone
	Told    bool // a notification was shown
}

// Remind reminds once, for a timer, while the app is closed. It asks the server
// if its last answer is some hours old. Errors: ErrReminding, api.ErrSignedOut,
// device.ErrNoNotifications.
func Remind(ctx context.Context, o Options) (done Reminded, err error) {
	if o.Clock == nil {
		o.Clock = time.Now
	}
	if err := o.Paths.make(); err != nil {
		return done, err
	}
	c := &Core{options: o}
	c.ctx, c.stop = context.WithCancel(ctx)
	defer func() { err = errors.Join(err, c.Close()) }()
	if err := c.openFiles(); err != nil {
		return done, err
	}
	lock := c.lockReminders()
	mine, err := lock.TryLock()
	if err != nil {
		return done, err
	}
	defer func() { err = errors.Join(err, lock.Close()) }()
	if !mine {
		return done, ErrReminding
	}
	c.backups, c.downloads, c.outbox, c.reminders = newBackups(c), newDownloads(c), newOutbox(c), newReminders(c)
	s, err := c.borrowSession()
	if err != nil || s == nil {
		return Reminded{Demo: err == nil}, err
	}
	return c.reminders.once(ctx, s)
}

// once is what run does in a day, done once.
func (r *Reminders) once(ctx context.Context, s *session) (done Reminded, err error) {
	kept, known, err := s.store.Retention()
	if err != nil || !known || r.core.options.Clock().Sub(kept.At).Abs() >= remindAsk {
		if err := r.fetch(ctx, s); err != nil {
			if !known || errors.Is(err, api.ErrSignedOut) {
				return done, err
			}
			r.core.log.Info("ask what is about to be deleted", "error", err)
		}
	}
	done.Told, err = r.tell(ctx, s)
	done.Outlook, _ = r.look(s)
	return done, err
}

// borrowSession is the session of the last run, without all that goes on for
// one; nil for the demo, which reminds inside the app alone.
func (c *Core) borrowSession() (*session, error) {
	v := c.settings.get()
	if v.Account == nil {
		return nil, api.ErrSignedOut
	}
	if v.Account.Server == "" || v.Account.Demo {
		return nil, nil
	}
	tokens := c.tokens(v.Session)
	if _, err := tokens.Load(); err != nil {
		return nil, err
	}
	client, err := c.newClient(v.Account.Server, v.AllowInsecure, tokens)
	if err != nil {
		return nil, err
	}
	s := &session{name: v.Session, account: *v.Account, client: client, store: c.storeOf(*v.Account), ctx: c.ctx, end: c.stop}
	c.mu.Lock()
	c.session = s
	c.mu.Unlock()
	return s, nil
}
