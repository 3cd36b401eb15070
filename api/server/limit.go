package server

import (
	"sync"
	"time"
)

// limiter bounds how often something may happen in any minute, by key.
type limiter struct {
	clock func() time.Time
	most  int // more than 0; negative: no bound

	mu     sync.Mutex
	events map[string][]time.Time
}

func newLimiter(clock func() time.Time, most int) *limiter {
	return &limiter{clock: clock, most: most, events: map[string][]time.Time{}}
}

// wait is how long key has to wait before it may act; it notes nothing.
func (l *limiter) wait(key string) time.Duration {
	l.mu.Lock()
	defer l.mu.Unlock()
	now := l.clock()
	if recent := l.recent(key, now); l.most >= 0 && len(recent) >= l.most {
		return recent[len(recent)-l.most].Add(time.Minute).Sub(now)
	}
	return 0
}

// take notes that key acts. If it has done so too often it must not; wait is
// how long it has to wait then, and 0 otherwise.
func (l *limiter) take(key string) (wait time.Duration) {
	l.mu.Lock()
	defer l.mu.Unlock()
	now := l.clock()
	recent := l.recent(key, now)
	if l.most >= 0 && len(recent) >= l.most {
		return recent[len(recent)-l.most].Add(time.Minute).Sub(now)
	}
	if len(l.events) > 10_000 { // somebody tries from everywhere: keep the memory bounded
		for k := range l.events {
			l.recent(k, now)
		}
	}
	l.events[key] = append(recent, now)
	return 0
}

// giveBack forgets the last time key acted: it did not count.
func (l *limiter) giveBack(key string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if n := len(l.events[key]); n > 0 {
		l.events[key] = l.events[key][:n-1]
	}
}

// recent drops what is older than a minute; the lock is held. A clock that was
// set back must not lock anybody out: what lies in the future is dropped too.
func (l *limiter) recent(key string, now time.Time) []time.Time {
	kept := l.events[key][:0]
	for _, at := range l.events[key] {
		if age := now.Sub(at); age >= 0 && age < time.Minute {
			kept = append(kept, at)
		}
	}
	if len(kept) == 0 {
		delete(l.events, key)
	} else {
		l.events[key] = kept // it shares the memory of what was there
	}
	return kept
}
