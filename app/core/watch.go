package core

import (
	"maps"
	"reflect"
	"slices"
	"time"

	"connectbackup/api"
)

// pollSteps are the waits between two looks at pending backups while nothing
// is new.
var pollSteps = []time.Duration{2, 3, 5, 8, 13, 30}

// PollAfter is how long to wait before asking again, after so many looks in a
// row at which nothing was new.
func PollAfter(idle int) time.Duration {
	return pollSteps[min(idle, len(pollSteps)-1)] * time.Second
}

// chores are what the watcher has to ask the server for.
type chores struct {
	pending bool // each backup that is not done
	list    bool // the newest backups: some may have been missed
	modules bool
}

func (c chores) any() bool { return c.pending || c.list || c.modules }

func (c chores) and(more chores) chores {
	return chores{c.pending || more.pending, c.list || more.list, c.modules || more.modules}
}

// watch asks the server for what events do not tell: pending backups for as
// long as no events are heard, so that they turn from yellow to green by
// themselves all the same (requirements S41, I4), and what was missed. While
// there is nothing to ask for it sleeps and costs nothing. It never asks more
// often than the first step of Poll.
func (b *Backups) watch(s *session) {
	defer b.forgetKnown()
	var timer *time.Timer
	var due <-chan time.Time
	stop := func() {
		if timer != nil {
			timer.Stop()
		}
		timer, due = nil, nil
	}
	defer stop()
	idle := 0
	for {
		switch need := b.due().any(); {
		case need && timer == nil:
			timer = time.NewTimer(b.core.options.Poll(idle))
			due = timer.C
		case !need:
			stop()
			idle = 0
		}
		select {
		case <-due:
			timer, due = nil, nil
			if b.doChores(s) {
				idle = 0
			} else {
				idle++
			}
		case <-b.wake: // something new to watch: start with short waits again
			if idle > 0 {
				stop()
				idle = 0
			}
		case <-s.ctx.Done():
			return
		}
	}
}

// due is what there is to ask for.
func (b *Backups) due() chores {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.dueLocked()
}

func (b *Backups) dueLocked() chores {
	if !b.live && len(b.known) > 0 {
		return b.todo.and(chores{pending: true})
	}
	return b.todo
}

// take is what there is to ask for, and crosses it off.
func (b *Backups) take() chores {
	b.mu.Lock()
	defer b.mu.Unlock()
	c := b.dueLocked()
	b.todo = chores{}
	return c
}

// ask gives the watcher something to do.
func (b *Backups) ask(c chores) {
	b.mu.Lock()
	b.todo = b.todo.and(c)
	b.mu.Unlock()
	b.nudge()
}

// nudge lets the watcher see what there is to do.
func (b *Backups) nudge() {
	select {
	case b.wake <- struct{}{}:
	default:
	}
}

// doChores does what is due, and reports whether there was any news. What
// could not be done stays to be done.
func (b *Backups) doChores(s *session) (news bool) {
	c := b.take()
	var left chores
	do := func(wanted bool, what chores, f func(*session) (bool, error)) {
		if !wanted {
			return
		}
		if left.any() {
			left = left.and(what) // offline: this would fail too
			return
		}
		fresh, err := f(s)
		news = news || fresh
		if err == nil {
			return
		}
		b.core.log.Info("ask for what may have changed", "error", err)
		left = left.and(what)
	}
	do(c.list, chores{list: true}, b.readList)
	do(c.pending, chores{pending: true}, b.look)
	do(c.modules, chores{modules: true}, b.readModules)
	if left.pending && len(b.pending()) == 0 {
		left.pending = false
	}
	b.mu.Lock()
	b.todo = b.todo.and(left)
	b.mu.Unlock()
	return news
}

// look asks the server for each pending backup, and reports whether any was
// new. The requests are conditional: one that did not change costs a few bytes.
func (b *Backups) look(s *session) (news bool, err error) {
	for _, id := range b.pending() {
		backup, err := s.client.Backup(s.ctx, id)
		if api.IsCode(err, api.CodeNotFound) {
			b.mu.Lock()
			delete(b.known, id)
			b.mu.Unlock()
			continue
		}
		if err != nil {
			return news, err // offline: the others would fail too
		}
		if b.changed(backup) {
			news = true
			b.fresh(s, backup)
		}
	}
	return news, nil
}

// readList asks for the newest backups, and reports whether any was new.
func (b *Backups) readList(s *session) (news bool, err error) {
	q := api.ListQuery{}
	page, err := s.client.ListBackups(s.ctx, q)
	if err != nil {
		return false, err
	}
	fresh := make([]bool, len(page.Items))
	for i, backup := range page.Items { // before they are kept
		fresh[i] = b.isNews(s, backup)
		news = news || fresh[i]
	}
	b.complain("keep the offline list", s.store.SavePage(q, page, b.core.options.Clock()))
	for i, backup := range page.Items {
		b.learn(backup, fresh[i])
	}
	return news, nil
}

// readModules asks for the modules, for whoever wants to know of changes.
func (b *Backups) readModules(s *session) (news bool, err error) {
	list, err := s.client.Modules(s.ctx)
	if err != nil {
		return false, err
	}
	b.keepModules(s, list)
	b.mu.Lock()
	hearers := slices.Collect(maps.Values(b.moduleHearers))
	b.mu.Unlock()
	for _, f := range hearers {
		f(list)
	}
	return true, nil
}

// pending are the IDs of the backups to watch, oldest first.
func (b *Backups) pending() []string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return slices.Sorted(maps.Keys(b.known))
}

// changed reports whether backup differs from what is known of it.
func (b *Backups) changed(backup api.Backup) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return !reflect.DeepEqual(b.known[backup.ID], backup)
}

// learn takes in what the server said of a backup: a pending one is watched
// from now on, and whoever subscribed hears of a change, or of any news.
func (b *Backups) learn(backup api.Backup, news bool) {
	b.mu.Lock()
	before, watched := b.known[backup.ID]
	pending := backup.Status == api.StatusPending
	if pending {
		b.known[backup.ID] = backup
	} else {
		delete(b.known, backup.ID)
	}
	var hearers []func(api.Backup)
	if news || pending != watched || (pending && !reflect.DeepEqual(before, backup)) {
		hearers = slices.Collect(maps.Values(b.hearers))
	}
	b.mu.Unlock()
	if pending && !watched {
		b.nudge()
	}
	for _, f := range hearers {
		f(backup)
	}
	if watched && !pending {
		b.core.announceEnd(backup)
	}
}

// forgetKnown empties what is watched, when the session ends.
func (b *Backups) forgetKnown() {
	b.mu.Lock()
	defer b.mu.Unlock()
	clear(b.known)
	b.live, b.todo = false, chores{}
}
