package download

import (
	"context"
	"errors"
	"sync/atomic"
	"time"
)

// watchdog ends a request during which nothing happens.
type watchdog struct {
	timer *time.Timer
	limit atomic.Int64 // nanoseconds
}

func newWatchdog(cancel context.CancelCauseFunc) *watchdog {
	w := &watchdog{}
	w.timer = time.AfterFunc(openTimeout, func() {
		cancel(&StalledError{After: time.Duration(w.limit.Load())})
	})
	w.stop()
	return w
}

// watch begins to wait for one thing to happen.
func (w *watchdog) watch(limit time.Duration) {
	w.limit.Store(int64(limit))
	w.timer.Reset(limit)
}

// stop says that it happened. Time that the disk takes does not count.
func (w *watchdog) stop() { w.timer.Stop() }

// cause is the silence, if that is what led to err.
func (w *watchdog) cause(ctx context.Context, err error) error {
	var stalled *StalledError
	if err != nil && errors.As(context.Cause(ctx), &stalled) {
		return &StalledError{After: stalled.After, Err: err}
	}
	return err
}

// keep writes the journal from time to time, beside the transfer, until stop
// is called. On a disk that syncs slowly it writes less often: syncing takes a
// fifth of the time at most, as long as the journal is not older than it may be.
func (t *transfer) keep() (stop func()) {
	end, ended := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ended)
		tick := time.NewTicker(saveEvery)
		defer tick.Stop()
		for {
			select {
			case <-end:
				return
			case <-t.dirty:
			case <-tick.C:
			}
			if !t.outdated() {
				continue
			}
			began := time.Now()
			if err := t.save(intentRun); err != nil {
				t.fail(err)
				return
			}
			rest := time.NewTimer(min(4*time.Since(began), saveEvery))
			select {
			case <-end:
				rest.Stop()
				return
			case <-rest.C:
			}
		}
	}()
	return func() {
		close(end)
		<-ended
	}
}

// outdated says whether bytes came that the journal does not know of.
func (t *transfer) outdated() bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.unsaved > 0
}
