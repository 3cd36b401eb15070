package download

import (
	"context"
	"errors"
	"sync"
	"time"
)

// When a download is worth more than one connection.
const (
	// A number of connections is tried for paceEvery, and on a slow line until
	// so much has come that a packet more or less does not count.
	paceEvery = 1200 * time.Millisecond
	paceBytes = 2 << 20
	paceSlow  = 6 * time.Second // but no longer
	paceGain  = 1.2             // how much faster a larger number must be to stay
	paceFull  = 1.7             // when each connection brought nearly its share: then more are added at once,
	paceSoon  = paceEvery / 5   // and sooner: what is as clear as that needs no long look
	paceLeft  = 3 * time.Second // with less to go none is added
	// paceMost is a rate in bytes per second at which it is not the connection
	// that holds a download up.
	paceMost = 64 << 20
	crewLeft = 16 << 20 // bytes that must be left
)

// crew are the further connections of one pass. It begins with none, and adds
// some as long as that makes the download faster: they help where a server or
// a path limits each connection, and would only be a burden elsewhere.
type crew struct {
	t      *transfer
	ctx    context.Context
	cancel context.CancelFunc
	start  sync.Once
	wait   sync.WaitGroup
	freed  chan struct{} // a claim was given back

	mu      sync.Mutex
	helpers []context.CancelFunc // of those at work, and of those that ended
	working int
	refused bool // one was turned away, or got something else than it asked for
}

func newCrew(ctx context.Context, t *transfer) *crew {
	w := &crew{t: t, freed: make(chan struct{}, 1)}
	w.ctx, w.cancel = context.WithCancel(ctx)
	return w
}

// begin is called with each reply that is accepted, and starts the crew with the
// first, where bytes of several replies can be joined for certain.
func (w *crew) begin() {
	t := w.t
	t.mu.Lock()
	tag, size := t.tag, t.size
	t.mu.Unlock()
	if t.alone || t.cfg.Connections < 2 || tag == "" || size < 0 || t.req.SHA256 == "" || w.ctx.Err() != nil {
		return
	}
	w.start.Do(func() {
		w.wait.Go(func() { w.lead(tag, size) })
		w.wait.Go(w.hurry)
	})
}

// dismiss ends all further connections for the rest of the pass, and waits.
func (w *crew) dismiss() {
	w.cancel()
	w.wait.Wait()
}

// await waits until a claim is given back.
func (w *crew) await(ctx context.Context) error {
	select {
	case <-w.freed:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// lead changes the number of connections and looks what comes of it.
func (w *crew) lead(tag string, size int64) {
	last, count := 0.0, 1 // rate, and connections before the present try
	for {
		stored := w.t.tally.storing.total()
		rate, took, ok := w.pace(last * paceFull)
		if !ok {
			return
		}
		now, refused := w.count()
		stored = w.t.tally.storing.total() - stored
		switch {
		case !refused && stored > time.Duration(now)*took/2:
			continue // it is this machine that is slow
		case refused, now > 1 && rate < last*paceGain:
			w.settle(min(count, now))
			return
		case now >= w.t.cfg.Connections:
			w.settle(now)
			return
		case rate == 0 || rate > paceMost:
			continue
		}
		left := size - w.t.tally.have.Load()
		if left < crewLeft || float64(left)/rate < paceLeft.Seconds() {
			return
		}
		more := 2
		if now > 1 && rate > last*paceFull {
			more = 4
		}
		last, count = rate, now
		if err := w.t.share(); err != nil {
			w.t.fail(err)
			return
		}
		w.add(min(max(more*now, int(w.t.cfg.best.Load())), w.t.cfg.Connections)-now, tag)
	}
}

// hurry looks again and again whether one connection holds all others up.
func (w *crew) hurry() {
	tick := time.NewTicker(hurryTick)
	defer tick.Stop()
	for {
		select {
		case now := <-tick.C:
			w.t.hurry(now)
		case <-w.ctx.Done():
			return
		}
	}
}

// pace measures for a while how many bytes a second come; false when the crew is
// dismissed. When as many come as would be clear enough, it looks no longer than paceSoon.
func (w *crew) pace(enough float64) (rate float64, took time.Duration, ok bool) {
	tick := time.NewTicker(paceSoon / 2)
	defer tick.Stop()
	began, before := time.Now(), w.t.tally.fetched.Load()
	for {
		select {
		case <-w.ctx.Done():
			return 0, 0, false
		case <-tick.C:
		}
		took = time.Since(began)
		bytes := w.t.tally.fetched.Load() - before
		rate = float64(bytes) / took.Seconds()
		clear := took >= paceSoon && bytes >= paceBytes/4 && rate > enough
		if clear || took >= paceSlow || took >= paceEvery && bytes >= paceBytes {
			return rate, took, true
		}
	}
}

// settle stays with n connections, and remembers that for the next download.
func (w *crew) settle(n int) {
	w.reduce(n)
	w.t.cfg.best.Store(int32(n)) //nolint:gosec // at most Connections
}

// count is how many connections there are, the first included, and whether one
// was refused.
func (w *crew) count() (int, bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.working + 1, w.refused
}

// add starts n helpers.
func (w *crew) add(n int, tag string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for range n {
		ctx, cancel := context.WithCancel(w.ctx)
		w.helpers = append(w.helpers, cancel)
		w.working++
		w.wait.Go(func() {
			defer cancel()
			w.help(ctx, tag)
		})
	}
}

// reduce ends helpers until there are n connections, the first included.
func (w *crew) reduce(n int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for len(w.helpers) > max(n-1, 0) {
		w.helpers[len(w.helpers)-1]()
		w.helpers = w.helpers[:len(w.helpers)-1]
	}
}

// help fetches one claim after the other until there is none left that is worth
// it, or something is wrong: the first connection sees to that.
func (w *crew) help(ctx context.Context, tag string) {
	defer func() {
		w.mu.Lock()
		w.working--
		w.mu.Unlock()
	}()
	for {
		c, _ := w.t.next()
		if c == nil {
			return
		}
		err := w.fetch(ctx, c, tag)
		w.t.release(c)
		select {
		case w.freed <- struct{}{}:
		default:
		}
		if err == nil {
			continue
		}
		if ctx.Err() != nil || !w.again(c, err) {
			return
		}
		pause := time.NewTimer(new(backoff).next(err))
		select {
		case <-pause.C:
		case <-ctx.Done():
			pause.Stop()
			return
		}
	}
}

// again says whether a helper goes on after an error: when something came
// before it. Else the server wants none, or another one finds out what is wrong.
func (w *crew) again(c *claim, err error) bool {
	w.t.log.Info("a further connection ended", "error", err)
	var space *SpaceError
	var folder *FolderError
	if errors.As(err, &space) || errors.As(err, &folder) || errors.Is(err, ErrTooBig) {
		w.t.fail(err)
		return false
	}
	if c.got {
		return true
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.refused = true
	return false
}

// fetch asks for a claim, and takes nothing but exactly that.
func (w *crew) fetch(parent context.Context, c *claim, tag string) error {
	t := w.t
	ctx, cancel := context.WithCancelCause(parent)
	defer cancel(nil)
	dog := newWatchdog(cancel)
	defer dog.stop()
	t.serve(c, cancel)
	t.mu.Lock()
	from, to, size := c.at, c.end, t.size
	t.mu.Unlock()
	dog.watch(t.patience(openTimeout))
	body, err := t.cfg.Source.OpenRange(ctx, t.req.ID, from, to, tag)
	dog.stop()
	if err != nil {
		return dog.cause(ctx, err)
	}
	defer func() { _ = body.Close() }()
	if body.From != from || body.To <= from || body.Total != size || body.ETag != tag {
		return unexpected("bytes %d to %d of %d of %s instead of %d to %d of %d of %s",
			body.From, body.To, body.Total, body.ETag, from, to, size, tag)
	}
	return dog.cause(ctx, t.copy(ctx, body, c, dog))
}
