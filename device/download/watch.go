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
