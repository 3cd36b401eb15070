package screens

import (
	"context"
	"sync"
	"sync/atomic"
)

// lastWins keeps what was chosen last. Each choice is written on a goroutine of
// its own, and they may get there in another order: whichever comes, it writes
// the newest choice, one after the other.
type lastWins[T any] struct {
	newest  atomic.Pointer[T]
	writing sync.Mutex
}

// write makes the work that keeps value, for run.
func (l *lastWins[T]) write(value T, keep func(T) error) func(context.Context) error {
	l.newest.Store(&value)
	return func(context.Context) error {
		l.writing.Lock()
		defer l.writing.Unlock()
		return keep(*l.newest.Load())
	}
}
