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

// watch looks at pending backups until they are pending no longer, so that
// they turn from yellow to green by themselves (requirements S41, I4). While
// nothing is pending it sleeps and costs nothing.
func (b *Backups) watch(s *session) {
	defer b.forgetKnown()
	idle := 0
	for {
		pending := b.pending()
		if len(pending) == 0 {
			select {
			case <-b.wake:
				idle = 0
				continue
			case <-s.ctx.Done():
				return
			}
		}
		timer := time.NewTimer(b.core.options.Poll(idle))
		select {
		case <-timer.C:
		case <-b.wake: // something new to watch: start with short waits again
			timer.Stop()
			idle = 0
			continue
		case <-s.ctx.Done():
			timer.Stop()
			return
		}
		if b.look(s, pending) {
			idle = 0
		} else {
			idle++
		}
	}
}

// look asks the server for each of them, and reports whether any was new. The
// requests are conditional: one that did not change costs a few bytes.
func (b *Backups) look(s *session, ids []string) (news bool) {
	for _, id := range ids {
		backup, err := s.client.Backup(s.ctx, id)
		if api.IsCode(err, api.CodeNotFound) {
			b.mu.Lock()
			delete(b.known, id)
			b.mu.Unlock()
			continue
		}
		if err != nil {
			b.core.log.Info("look at a pending backup", "id", id, "error", err)
			return false // offline: the others would fail too
		}
		if b.changed(backup) {
			news = true
			b.fresh(s, backup)
		}
	}
	return news
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
		select {
		case b.wake <- struct{}{}:
		default:
		}
	}
	for _, f := range hearers {
		f(backup)
	}
}

// forgetKnown empties what is watched, when the session ends.
func (b *Backups) forgetKnown() {
	b.mu.Lock()
	defer b.mu.Unlock()
	clear(b.known)
}
