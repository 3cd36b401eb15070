package download

import (
	"slices"
	"sync"
	"sync/atomic"
)

// outlet tells subscribers of states, on a goroutine of its own, so that a slow
// one never holds up a transfer. Progress that was not told yet gives way to
// newer progress; a change of phase is always told.
type outlet struct {
	mu     sync.Mutex
	queue  []State
	subs   []*subscriber // never changed in place
	closed bool
	ready  chan struct{}
	ended  chan struct{}
}

type subscriber struct {
	call func(State)
	gone atomic.Bool
}

func newOutlet() *outlet {
	o := &outlet{ready: make(chan struct{}, 1), ended: make(chan struct{})}
	go o.run()
	return o
}

// subscribe adds f. A call that has begun may still end after cancel returns.
func (o *outlet) subscribe(f func(State)) (cancel func()) {
	o.mu.Lock()
	defer o.mu.Unlock()
	one := &subscriber{call: f}
	o.subs = append(slices.Clone(o.subs), one)
	return func() {
		one.gone.Store(true)
		o.mu.Lock()
		defer o.mu.Unlock()
		o.subs = slices.DeleteFunc(slices.Clone(o.subs), func(s *subscriber) bool { return s == one })
	}
}

// tell queues a state. Progress takes the place of progress that was not told
// yet; a change of the phase, or of whether there is an error, is never lost.
func (o *outlet) tell(s State) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.closed {
		return
	}
	for i := len(o.queue) - 1; i >= 0; i-- {
		if o.queue[i].ID != s.ID {
			continue
		}
		if o.queue[i].same(s.Phase, s.Err) {
			o.queue[i] = s
			return
		}
		break
	}
	o.queue = append(o.queue, s)
	select {
	case o.ready <- struct{}{}:
	default:
	}
}

// close tells what is left and ends the goroutine. It does not wait: a
// subscriber may be what closes.
func (o *outlet) close() {
	o.mu.Lock()
	defer o.mu.Unlock()
	if !o.closed {
		o.closed = true
		close(o.ready)
	}
}

func (o *outlet) run() {
	defer close(o.ended)
	for range o.ready {
		for o.one() {
		}
	}
	for o.one() {
	}
}

// one tells the first state of the queue.
func (o *outlet) one() bool {
	o.mu.Lock()
	if len(o.queue) == 0 {
		o.mu.Unlock()
		return false
	}
	s := o.queue[0]
	o.queue = o.queue[1:]
	subs := o.subs
	o.mu.Unlock()
	for _, sub := range subs {
		if !sub.gone.Load() {
			sub.call(s)
		}
	}
	return true
}
