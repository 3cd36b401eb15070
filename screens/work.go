package screens

import "context"

// work runs what is slow for one screen, off its goroutine, and hands the
// answers back as long as the screen is in front. All its methods belong to
// the UI goroutine.
type work struct {
	hops    Hops
	ctx     context.Context // nil while the screen is hidden
	cancel  context.CancelFunc
	showing int      // counts the times the screen was shown
	ends    []func() // subscriptions
}

// begin is for Shown. It reports false when the screen is in front already.
func (w *work) begin() bool {
	if w.ctx != nil {
		return false
	}
	w.showing++
	w.ctx, w.cancel = context.WithCancel(context.Background())
	return true
}

// end is for Hidden: what is under way is cancelled and its answers are dropped.
func (w *work) end() {
	if w.ctx == nil {
		return
	}
	w.cancel()
	w.ctx, w.cancel = nil, nil
	for _, end := range w.ends {
		end()
	}
	w.ends = nil
}

// on reports whether the screen is in front.
func (w *work) on() bool { return w.ctx != nil }

// until keeps a subscription alive for as long as the screen is in front.
func (w *work) until(end func()) { w.ends = append(w.ends, end) }

// later makes a function that may be called on any goroutine: it brings f to
// the UI goroutine and drops it when the screen was hidden since.
func later[T any](w *work, f func(T)) func(T) {
	showing := w.showing
	return func(value T) {
		w.hops.UI(func() {
			if w.on() && w.showing == showing {
				f(value)
			}
		})
	}
}

// line is one kind of question that a screen asks. Only the answer to the
// newest question of a line counts.
type line struct {
	number int
	stop   context.CancelFunc
}

// busy reports whether an answer is still to come.
func (l *line) busy() bool { return l.stop != nil }

// drop forgets the question that is under way.
func (l *line) drop() {
	if l.stop != nil {
		l.stop()
		l.stop = nil
	}
	l.number++
}

// halt asks the work that is under way to stop. Its answer still counts: it
// may have been done already.
func (l *line) halt() {
	if l.stop != nil {
		l.stop()
	}
}

type answer[T any] struct {
	value T
	err   error
}

// ask runs do off the UI goroutine and then gives its answer to done, unless
// the screen was hidden or asked anew on the same line.
func ask[T any](w *work, l *line, do func(context.Context) (T, error), done func(T, error)) {
	if !w.on() {
		return
	}
	l.drop()
	number := l.number
	ctx, stop := context.WithCancel(w.ctx)
	l.stop = stop
	deliver := later(w, func(a answer[T]) {
		if l.number != number {
			return
		}
		l.stop = nil
		done(a.value, a.err)
	})
	w.hops.Go(func() {
		defer stop()
		value, err := do(ctx)
		deliver(answer[T]{value, err})
	})
}

// run is ask for work that has no answer but an error.
func run(w *work, l *line, do func(context.Context) error, done func(error)) {
	ask(w, l, func(ctx context.Context) (struct{}, error) { return struct{}{}, do(ctx) },
		func(_ struct{}, err error) { done(err) })
}
