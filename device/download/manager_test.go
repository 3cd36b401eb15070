package download_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"

	"connectbackup/device"
	"connectbackup/device/download"
)

// watcher keeps all states that subscribers were told.
type watcher struct {
	mu     sync.Mutex
	states []download.State
	at     []time.Time
}

func (w *watcher) hear(s download.State) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.states = append(w.states, s)
	w.at = append(w.at, time.Now())
}

func (w *watcher) phases(id string) []download.Phase {
	w.mu.Lock()
	defer w.mu.Unlock()
	var phases []download.Phase
	for _, s := range w.states {
		if s.ID == id && (len(phases) == 0 || phases[len(phases)-1] != s.Phase) {
			phases = append(phases, s.Phase)
		}
	}
	return phases
}

func (w *watcher) last(id string) download.State {
	w.mu.Lock()
	defer w.mu.Unlock()
	for i := len(w.states) - 1; i >= 0; i-- {
		if w.states[i].ID == id {
			return w.states[i]
		}
	}
	return download.State{}
}

// only is what was told of one download.
func (w *watcher) only(id string) *watcher {
	w.mu.Lock()
	defer w.mu.Unlock()
	one := &watcher{}
	for i, s := range w.states {
		if s.ID == id {
			one.states, one.at = append(one.states, s), append(one.at, w.at[i])
		}
	}
	return one
}

func manager(t *testing.T, c download.Config) (*download.Manager, *watcher) {
	t.Helper()
	m, w := download.New(c), &watcher{}
	m.Subscribe(w.hear)
	t.Cleanup(func() {
		if err := m.Close(); err != nil {
			t.Error(err)
		}
	})
	return m, w
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// pass lets virtual time pass.
func pass(d time.Duration) { <-time.After(d) }

// Killed after the part got its name and before the journal went, a download is
// done: the file is neither fetched again nor there twice.
func TestD28_KilledBetweenTheNameAndTheJournal(t *testing.T) {
	for _, c := range []struct {
		name  string
		clash download.Clash
		there map[string][]byte // before
		gone  bool              // somebody took the file away, or changed it
	}{
		{"ask", download.Ask, nil, false},
		{"keep both", download.KeepBoth, map[string][]byte{"acme.zip": []byte("another")}, false},
		{"gone", download.Ask, nil, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				f, dir := randomFile(size), newFolder(t)
				want := map[string][]byte{"acme.zip": f.data}
				for name, b := range c.there {
					put(t, filepath.Join(dir.dir, name), b)
					want = map[string][]byte{name: b, "acme (2).zip": f.data}
				}
				var path string
				var journal []byte
				dir.publish = func() error {
					path = dir.hidden(t, ".journal")
					journal = read(t, path)
					return nil
				}
				r := f.request()
				r.Clash = c.clash
				if _, err := fetch(t, good(f), dir, r); err != nil {
					t.Fatal(err)
				}
				put(t, path, journal) // as it was when the kill came
				if c.gone {
					must(t, os.Remove(filepath.Join(dir.dir, "acme.zip")))
				}
				s := good(f)
				m, _ := manager(t, download.Config{Source: s, Folder: device.OpenFolder(dir.dir)})
				must(t, m.Restore())
				pass(time.Minute)
				if st := m.State(r.ID); st.Phase != download.Done || (len(s.asks()) > 0) != c.gone {
					t.Errorf("%s, %v, asked %v", st.Phase, st.Err, s.asks())
				}
				must(t, m.Close())
				dir.holds(t, want)
			})
		})
	}
}

// Everything has come when the name turns out to be taken, and the person says:
// leave it. Then nothing stays hidden, nor comes back at the next start.
func TestSkipLeavesNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f, dir := randomFile(size), newFolder(t)
		other := []byte("another file")
		dir.publish = func() error { return os.WriteFile(filepath.Join(dir.dir, "acme.zip"), other, 0o600) }
		m, _ := manager(t, download.Config{Source: good(f), Folder: dir})
		r := f.request()
		must(t, m.Start(r))
		synctest.Wait()
		if st := m.State(r.ID); st.Phase != download.Failed || !as[*download.ExistsError](st.Err) {
			t.Fatalf("%+v", st)
		}
		r.Clash = download.Skip
		must(t, m.Start(r))
		synctest.Wait()
		if st := m.State(r.ID); st.Phase != download.Done {
			t.Errorf("%+v", st)
		}
		dir.holds(t, map[string][]byte{"acme.zip": other})
		must(t, m.Close())
	})
}

// throttled sends step bytes a second.
func throttled(f file, step int) *source {
	return &source{answer: func(ctx context.Context, _ int, from, to int64, ifRange string) (download.Body, error) {
		b := f.body(from, to, ifRange)
		b.ReadCloser = io.NopCloser(&slow{ctx: ctx, r: b.ReadCloser, step: step})
		return b, nil
	}}
}

type slow struct {
	ctx  context.Context
	r    io.Reader
	step int
}

func (s *slow) Read(b []byte) (int, error) {
	timer := time.NewTimer(time.Second)
	defer timer.Stop()
	select {
	case <-timer.C:
		return s.r.Read(b[:min(len(b), s.step)])
	case <-s.ctx.Done():
		return 0, s.ctx.Err()
	}
}

func TestManagerDownloads(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f, dir := randomFile(size), newFolder(t)
		var recorded download.Result
		var phase download.Phase
		var m *download.Manager
		m, w := manager(t, download.Config{Source: throttled(f, 100_000), Folder: dir, Finished: func(r download.Result) error {
			recorded, phase = r, m.State(r.ID).Phase
			return nil
		}})
		must(t, m.Start(f.request()))
		must(t, m.Start(f.request())) // a double tap
		pass(10*time.Second + 50*time.Millisecond)
		s := m.State("backup-1")
		if s.Phase != download.Running || s.Done != 1_000_000 || s.Total != size {
			t.Errorf("after ten seconds %+v", s)
		}
		if s.Rate < 80_000 || s.Rate > 120_000 || s.Left < 15*time.Second || s.Left > 30*time.Second {
			t.Errorf("rate %.0f, %v left", s.Rate, s.Left)
		}
		pass(time.Minute)
		synctest.Wait()
		s = m.State("backup-1")
		if s.Phase != download.Done || s.Done != size || string(s.Location) != filepath.Join(dir.dir, "acme.zip") || s.Err != nil {
			t.Errorf("in the end %+v", s)
		}
		if recorded.SHA256 != digest(f.data) || recorded.Location != s.Location || phase != download.Verifying {
			t.Errorf("recorded %+v while %q", recorded, phase)
		}
		if got := fmt.Sprint(w.phases("backup-1")); got != "[queued running verifying done]" {
			t.Errorf("phases %v", got)
		}
		if last := w.last("backup-1"); last != s {
			t.Errorf("the last call told %+v", last)
		}
		checkProgress(t, w)
		dir.holds(t, map[string][]byte{"acme.zip": f.data})
	})
}

// checkProgress: never backwards, at most ten calls a second beside those that
// tell a change, no estimate in the first two seconds.
func checkProgress(t *testing.T, w *watcher) {
	t.Helper()
	w.mu.Lock()
	defer w.mu.Unlock()
	var told time.Time // when mere progress was told last
	for i := 1; i < len(w.states); i++ {
		before, s := w.states[i-1], w.states[i]
		if s.Done < before.Done {
			t.Errorf("%d bytes after %d", s.Done, before.Done)
		}
		if s.Phase == before.Phase && (s.Err == nil) == (before.Err == nil) {
			if gap := w.at[i].Sub(told); gap < 99*time.Millisecond {
				t.Errorf("two calls within %v", gap)
			}
			told = w.at[i]
		}
		if w.at[i].Sub(w.at[0]) < 2*time.Second && s.Left >= 0 {
			t.Errorf("an estimate after %v", w.at[i].Sub(w.at[0]))
		}
	}
}

func TestManagerQueues(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f, dir := randomFile(1_000_000), newFolder(t)
		m, _ := manager(t, download.Config{Source: throttled(f, 100_000), Folder: dir, Parallel: 2})
		for i := range 4 {
			r := f.request()
			r.ID, r.Name = fmt.Sprint(i), fmt.Sprintf("%d.zip", i)
			must(t, m.Start(r))
			pass(time.Millisecond) // the order of the taps
		}
		at := func(want string) {
			t.Helper()
			synctest.Wait()
			var got []download.Phase
			for _, s := range m.States() {
				got = append(got, s.Phase)
			}
			if fmt.Sprint(got) != want {
				t.Errorf("%v, want %v", got, want)
			}
		}
		pass(5 * time.Second)
		at("[running running queued queued]")
		must(t, m.Cancel("2"))
		must(t, m.Pause("0"))
		pass(time.Second)
		at("[paused running running]")
		must(t, m.Resume("0"))
		pass(time.Second)
		at("[queued running running]")
		pass(time.Minute)
		at("[done done done]")
		dir.holds(t, map[string][]byte{"0.zip": f.data, "1.zip": f.data, "3.zip": f.data})
	})
}

// D51: pause and resume a hundred times; no byte is fetched twice.
func TestD51_PauseAndResume(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f, dir := randomFile(size), newFolder(t)
		s := throttled(f, 10_000)
		m, w := manager(t, download.Config{Source: s, Folder: dir})
		must(t, m.Start(f.request()))
		for range 100 {
			pass(2100 * time.Millisecond)
			must(t, m.Pause("backup-1"))
			if p := m.State("backup-1").Phase; p != download.Paused {
				t.Fatalf("%q right after Pause", p)
			}
			must(t, m.Pause("backup-1"))
			synctest.Wait()
			must(t, m.Resume("backup-1"))
			must(t, m.Resume("backup-1"))
		}
		must(t, m.Pause("backup-1"))
		must(t, m.Resume("backup-1")) // before the worker has stopped
		pass(10 * time.Minute)
		if got := m.State("backup-1"); got.Phase != download.Done {
			t.Fatalf("%+v", got)
		}
		dir.holds(t, map[string][]byte{"acme.zip": f.data})
		var at int64
		for _, a := range s.asks() {
			if a.from < at || a.from > at+30_000 {
				t.Fatalf("asked from %d after %d", a.from, at)
			}
			at = a.from
		}
		if at < 2_000_000 {
			t.Errorf("came only to %d", at)
		}
		w.mu.Lock()
		defer w.mu.Unlock()
		for i, st := range w.states {
			if i > 0 && st.Done < w.states[i-1].Done {
				t.Fatalf("%d bytes after %d", st.Done, w.states[i-1].Done)
			}
		}
	})
}

// D50: cancelled at any time, nothing is left, and the next try starts anew.
func TestD50_Cancel(t *testing.T) {
	f := randomFile(size)
	moments := []time.Duration{0, time.Millisecond, 1500 * time.Millisecond, 20 * time.Second, 32 * time.Second}
	for range 10 {
		moments = append(moments, rand.N(33*time.Second))
	}
	for _, after := range moments {
		t.Run(after.String(), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				dir := newFolder(t)
				m, w := manager(t, download.Config{Source: throttled(f, 100_000), Folder: dir})
				must(t, m.Start(f.request()))
				pass(after)
				done := m.State("backup-1").Phase == download.Done
				must(t, m.Cancel("backup-1"))
				if s := m.State("backup-1"); s.Phase != download.None {
					t.Errorf("still %+v", s)
				}
				synctest.Wait()
				pass(time.Second)
				left := map[string][]byte{}
				if done {
					left["acme.zip"] = f.data // a finished file stays
				}
				dir.holds(t, left)
				if w.last("backup-1").Phase != download.None || len(m.States()) != 0 {
					t.Errorf("last told %+v, states %v", w.last("backup-1"), m.States())
				}
				if err := m.Cancel("backup-1"); !errors.Is(err, download.ErrUnknown) {
					t.Errorf("cancelled again: %v", err)
				}
				r := f.request()
				r.Clash = download.Replace
				must(t, m.Start(r))
				pass(time.Minute)
				dir.holds(t, map[string][]byte{"acme.zip": f.data})
			})
		})
	}
	t.Run("and start in one breath", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			dir := newFolder(t)
			m, _ := manager(t, download.Config{Source: throttled(f, 100_000), Folder: dir})
			for range 20 {
				must(t, m.Start(f.request()))
				pass(1500 * time.Millisecond)
				must(t, m.Cancel("backup-1"))
			}
			must(t, m.Start(f.request()))
			pass(time.Minute)
			dir.holds(t, map[string][]byte{"acme.zip": f.data})
		})
	})
}

// A failed one says why, and goes on where it was.
func TestFailedGoesOn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f, dir := randomFile(size), newFolder(t)
		s := faulty(f, cut(1<<20, errReset), fails(download.ErrAuthExpired))
		m, _ := manager(t, download.Config{Source: s, Folder: dir})
		must(t, m.Start(f.request()))
		pass(time.Minute)
		if st := m.State("backup-1"); st.Phase != download.Failed || !errors.Is(st.Err, download.ErrAuthExpired) || st.Done != 1<<20 {
			t.Fatalf("%+v", st)
		}
		must(t, m.Resume("backup-1"))
		pass(time.Second)
		if st := m.State("backup-1"); st.Phase != download.Done || st.Err != nil {
			t.Fatalf("%+v", st)
		}
		if last := s.asks()[2]; last.from != 1<<20 {
			t.Errorf("asked %v", s.asks())
		}
	})
}

// What cannot be recorded is not Done, but the file stays, and is not fetched
// again.
func TestNotRecorded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f, dir, s := randomFile(size), newFolder(t), good(randomFile(size))
		broken := errors.New("database is locked")
		m, _ := manager(t, download.Config{Source: s, Folder: dir, Finished: func(download.Result) error { return broken }})
		must(t, m.Start(f.request()))
		pass(time.Second)
		if st := m.State("backup-1"); st.Phase != download.Failed || !errors.Is(st.Err, broken) {
			t.Fatalf("%+v", st)
		}
		dir.holds(t, map[string][]byte{"acme.zip": f.data})
		broken = nil
		must(t, m.Resume("backup-1"))
		pass(time.Second)
		if st := m.State("backup-1"); st.Phase != download.Done || len(s.asks()) != 1 {
			t.Fatalf("%+v, asked %v", st, s.asks())
		}
	})
}

// Resume is also "try now" for one that waits for the network.
func TestResumeTriesNow(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f, dir := randomFile(1000), newFolder(t)
		s := faulty(f, fails(&download.RetryAfterError{After: 4 * time.Minute, Err: errors.New("503")}))
		m, _ := manager(t, download.Config{Source: s, Folder: dir})
		must(t, m.Start(f.request()))
		pass(time.Second)
		if st := m.State("backup-1"); st.Phase != download.Running || st.Err == nil {
			t.Errorf("%+v", st)
		}
		must(t, m.Resume("backup-1"))
		pass(time.Second)
		if st := m.State("backup-1"); st.Phase != download.Done {
			t.Errorf("%+v", st)
		}
	})
}

// B1, S18: after a restart of the app, what ran runs on, what was paused or
// failed waits, and what waited for its turn is not forgotten.
func TestRestart(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f, dir := randomFile(size), newFolder(t)
		first, _ := manager(t, download.Config{Source: throttled(f, 100_000), Folder: dir, Parallel: 2, Scope: "org"})
		ask := func(id string) download.Request {
			r := f.request()
			r.ID, r.Name = id, id+".zip"
			return r
		}
		for _, id := range []string{"running", "paused", "queued", "cancelled", "unasked"} {
			must(t, first.Start(ask(id)))
			pass(10 * time.Millisecond)
		}
		must(t, first.Pause("unasked"))
		must(t, first.Cancel("cancelled"))
		pass(3 * time.Second)
		must(t, first.Pause("paused"))
		pass(time.Second)
		must(t, first.Close())
		if err := first.Start(ask("late")); !errors.Is(err, download.ErrClosed) {
			t.Errorf("started when closed: %v", err)
		}

		other, _ := manager(t, download.Config{Source: good(f), Folder: device.OpenFolder(dir.dir), Scope: "another org"})
		must(t, other.Restore())
		if got := other.States(); len(got) != 0 {
			t.Errorf("another organisation sees %v", got)
		}

		s := throttled(f, 100_000)
		second, _ := manager(t, download.Config{Source: s, Folder: device.OpenFolder(dir.dir), Parallel: 2, Scope: "org"})
		must(t, second.Restore())
		must(t, second.Restore())
		synctest.Wait()
		var got []string
		for _, st := range second.States() {
			got = append(got, fmt.Sprintf("%s %s %d", st.ID, st.Phase, st.Done/100_000))
		}
		if want := "[running running 4 paused paused 3 queued running 1 unasked paused 0]"; fmt.Sprint(got) != want {
			t.Errorf("%v\nwant %v", got, want)
		}
		pass(2 * time.Minute)
		must(t, second.Resume("paused"))
		must(t, second.Resume("unasked"))
		pass(2 * time.Minute)
		dir.holds(t, map[string][]byte{
			"running.zip": f.data, "paused.zip": f.data, "queued.zip": f.data, "unasked.zip": f.data,
		})
		for _, a := range s.asks() {
			if a.from > 0 && (a.from < 100_000 || a.from > 500_000) {
				t.Errorf("asked from %d", a.from)
			}
		}
	})
}

// I15: signing out discards what is unfinished, also what was never taken up,
// and no file that was finished.
func TestForget(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f, dir := randomFile(size), newFolder(t)
		first, _ := manager(t, download.Config{Source: throttled(f, 100_000), Folder: dir})
		r := f.request()
		r.ID, r.Name = "old", "old.zip"
		must(t, first.Start(r))
		pass(3 * time.Second)
		must(t, first.Close())

		m, _ := manager(t, download.Config{Source: throttled(f, 1_000_000), Folder: dir})
		for _, id := range []string{"finished", "running", "paused", "queued"} {
			r.ID, r.Name = id, id+".zip"
			must(t, m.Start(r))
			if id == "finished" {
				pass(time.Minute)
			}
		}
		pass(time.Second)
		must(t, m.Pause("paused"))
		m.Forget()
		if got := m.States(); len(got) != 0 {
			t.Errorf("still %v", got)
		}
		dir.holds(t, map[string][]byte{"finished.zip": f.data})
		r.ID, r.Name = "next", "next.zip"
		must(t, m.Start(r))
		pass(time.Minute)
		dir.holds(t, map[string][]byte{"finished.zip": f.data, "next.zip": f.data})
	})
}

// D31: two engines and one file. The second says so, and Restore leaves it
// alone.
func TestD31_TwoInstances(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f, dir := randomFile(size), newFolder(t)
		first, _ := manager(t, download.Config{Source: throttled(f, 100_000), Folder: dir})
		must(t, first.Start(f.request()))
		pass(5 * time.Second)
		s := good(f)
		_, err := fetch(t, s, device.OpenFolder(dir.dir), f.request())
		if !as[*download.LockedError](err) || len(s.asks()) != 0 {
			t.Errorf("the second: %v, asked %v", err, s.asks())
		}
		second, _ := manager(t, download.Config{Source: s, Folder: device.OpenFolder(dir.dir)})
		must(t, second.Restore())
		if got := second.States(); len(got) != 0 {
			t.Errorf("the second took up %v", got)
		}
		pass(time.Minute)
		dir.holds(t, map[string][]byte{"acme.zip": f.data})
	})
}

// A command that is interrupted keeps what has come.
func TestFetchInterrupted(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f, dir := randomFile(size), newFolder(t)
		ctx, cancel := context.WithTimeout(t.Context(), 10500*time.Millisecond)
		defer cancel()
		_, err := download.Fetch(ctx, download.Config{Source: throttled(f, 100_000), Folder: dir}, f.request(), nil)
		if !errors.Is(err, context.DeadlineExceeded) {
			t.Fatal(err)
		}
		res, err := fetch(t, good(f), dir, f.request())
		if err != nil || res.Resumed != 1_000_000 || res.NewFetched != size-1_000_000 {
			t.Errorf("%+v, %v", res, err)
		}
		dir.holds(t, map[string][]byte{"acme.zip": f.data})
	})
}

// A subscriber that hangs holds up nothing; one that left is not called.
func TestSubscribers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f, dir := randomFile(size), newFolder(t)
		m, w := manager(t, download.Config{Source: throttled(f, 100_000), Folder: dir})
		release := make(chan struct{})
		m.Subscribe(func(download.State) { <-release })
		calls := 0
		cancel := m.Subscribe(func(download.State) { calls++ })
		cancel()
		cancel()
		must(t, m.Start(f.request()))
		pass(5 * time.Minute)
		if s := m.State("backup-1"); s.Phase != download.Done {
			t.Errorf("%+v", s)
		}
		close(release)
		synctest.Wait()
		if got := fmt.Sprint(w.phases("backup-1")); got != "[queued running verifying done]" || calls != 0 {
			t.Errorf("told %v, %d calls after cancel", got, calls)
		}
	})
}

// What a subscriber that hung missed is told in order: not only the phases, also
// when an error came and when it went.
func TestSubscribersHearOfEveryError(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f, dir := randomFile(size), newFolder(t)
		s := &source{answer: func(ctx context.Context, n int, from, to int64, ifRange string) (download.Body, error) {
			b := f.body(from, to, ifRange)
			if n < 3 {
				return cut(100_000, errReset)(ctx, from, b)
			}
			return b, nil
		}}
		m := download.New(download.Config{Source: s, Folder: dir})
		release := make(chan struct{})
		m.Subscribe(func(download.State) { <-release })
		w := &watcher{}
		m.Subscribe(w.hear)
		must(t, m.Start(f.request()))
		pass(5 * time.Minute)
		close(release)
		must(t, m.Close())
		synctest.Wait()
		var running []bool // with an error?
		for _, s := range w.states {
			if s.Phase == download.Running {
				running = append(running, s.Err != nil)
			}
		}
		if got := fmt.Sprint(running); got != "[false true false true false true false]" {
			t.Errorf("running, with an error or without: %v", got)
		}
	})
}

func TestUnknown(t *testing.T) {
	m, _ := manager(t, download.Config{Source: good(file{}), Folder: newFolder(t)})
	for _, err := range []error{m.Pause("x"), m.Resume("x"), m.Cancel("x")} {
		if !errors.Is(err, download.ErrUnknown) {
			t.Error(err)
		}
	}
	if s := m.State("x"); s.Phase != download.None || s.ID != "x" || s.Total != -1 || s.Left >= 0 {
		t.Errorf("%+v", s)
	}
}

// The usual thing a busy person does: everything at once. Run with -race.
func TestManyAtOnce(t *testing.T) {
	f, dir := randomFile(200_000), newFolder(t)
	m, _ := manager(t, download.Config{Source: good(f), Folder: dir, Parallel: 3})
	var wait sync.WaitGroup
	for i := range 20 {
		wait.Go(func() {
			r := f.request()
			r.ID, r.Name, r.Clash = fmt.Sprint(i%7), fmt.Sprintf("%d.zip", i%7), download.Replace
			for _, act := range []func() error{
				func() error { return m.Start(r) },
				func() error { return m.Pause(r.ID) },
				func() error { return m.Resume(r.ID) },
				func() error { return m.Cancel(r.ID) },
				func() error { return m.Start(r) },
			} {
				if err := act(); err != nil && !errors.Is(err, download.ErrUnknown) {
					t.Error(err)
				}
				m.States()
			}
		})
	}
	wait.Wait()
	m.Forget()
	must(t, m.Close())
	for i := range 7 {
		name := filepath.Join(dir.dir, fmt.Sprintf("%d.zip", i))
		if info, err := dir.Stat(filepath.Base(name)); err == nil && (info.Size != 200_000 || digest(read(t, name)) != digest(f.data)) {
			t.Errorf("%s is wrong", name)
		}
	}
}

// D07, D08: one byte a second is slow, but it is no stall.
func TestD07_OneByteASecond(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f, dir := randomFile(300), newFolder(t)
		s := throttled(f, 1)
		began := time.Now()
		res, err := fetch(t, s, dir, f.request())
		if err != nil || len(s.asks()) != 1 || res.NewFetched != 300 {
			t.Fatalf("%+v, %v, asked %v", res, err, s.asks())
		}
		if took := time.Since(began); took > 301*time.Second {
			t.Errorf("took %v", took)
		}
		dir.holds(t, map[string][]byte{"acme.zip": f.data})
	})
}

// Progress never goes back, is told at most ten times a second, and ends at the
// size, whatever happens on the way: cuts, refusals, a pause, a restart of the
// app. Only what is thrown away, because it was wrong, counts no longer.
func TestD52_Progress(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f, dir := randomFile(size), newFolder(t)
		steady := throttled(f, 50_000)
		s := &source{answer: func(ctx context.Context, n int, from, to int64, ifRange string) (download.Body, error) {
			b, err := steady.answer(ctx, n, from, to, ifRange)
			if err != nil {
				return b, err
			}
			switch n % 4 {
			case 1:
				return download.Body{}, errReset
			case 2:
				return cut(0, errReset)(ctx, from, b)
			default:
				return cut(170_000, errReset)(ctx, from, b)
			}
		}}
		m, w := manager(t, download.Config{Source: s, Folder: dir})
		must(t, m.Start(f.request()))
		pass(20 * time.Second)
		must(t, m.Pause("backup-1"))
		pass(time.Second)
		must(t, m.Resume("backup-1"))
		pass(10 * time.Second)
		must(t, m.Close())
		second := download.New(download.Config{Source: s, Folder: device.OpenFolder(dir.dir)})
		second.Subscribe(w.hear)
		must(t, second.Restore())
		pass(10 * time.Minute)
		must(t, second.Close())
		checkProgress(t, w)
		if last := w.last("backup-1"); last.Phase != download.Done || last.Done != size || last.Total != size {
			t.Errorf("in the end %+v", last)
		}
		dir.holds(t, map[string][]byte{"acme.zip": f.data})
	})
}

// A thousand failures of every kind leave no goroutine and no descriptor.
func TestD53_AThousandFailures(t *testing.T) {
	open := func() int {
		names, err := os.ReadDir("/proc/self/fd")
		if err != nil {
			t.Skip("this system does not tell")
		}
		return len(names)
	}
	f := randomFile(10_000)
	broken := errors.New("input/output error")
	kinds := []func(*folder){
		func(dir *folder) { dir.write = func(int64, int) error { return broken } },
		func(dir *folder) { dir.publish = func() error { return broken } },
		func(dir *folder) { dir.free = func() (int64, error) { return 0, nil } },
	}
	answers := [][]fault{
		{fails(download.ErrDenied)},
		{cut(100, download.ErrAuthExpired)},
		{fails(download.ErrGone)},
		{flipped(f, 3), flipped(f, 3)},
		{cut(5000, errReset), fails(download.ErrNotFound)},
		{changes(func(b *download.Body) { b.Total++; b.To++ }), fails(download.ErrUntrusted)},
		{fails(download.ErrChanged), fails(download.ErrChanged)},
	}
	var files int
	var before goleak.Option
	for i := range 1000 {
		dir, s := newFolder(t), good(f)
		if n := i % (len(kinds) + len(answers)); n < len(kinds) {
			kinds[n](dir)
		} else {
			s = faulty(f, answers[n-len(kinds)]...)
		}
		synctest.Test(t, func(t *testing.T) { // waits until every goroutine has ended
			if _, err := fetch(t, s, dir, f.request()); err == nil {
				t.Fatal("no failure")
			}
		})
		if i == 20 {
			files, before = open(), goleak.IgnoreCurrent()
		}
	}
	if after := open(); after > files {
		t.Errorf("%d descriptors, %d before", after, files)
	}
	if err := goleak.Find(before); err != nil {
		t.Error(err)
	}
}

// Downloaded again, it begins at 0 and replaces the old file.
func TestDownloadAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f, dir := randomFile(size), newFolder(t)
		m, _ := manager(t, download.Config{Source: throttled(f, 100_000), Folder: dir})
		must(t, m.Start(f.request()))
		pass(time.Minute)
		var exists *download.ExistsError
		if err := m.Start(f.request()); !errors.As(err, &exists) || string(exists.Location) != filepath.Join(dir.dir, "acme.zip") {
			t.Fatalf("%v", err)
		}
		if s := m.State("backup-1"); s.Phase != download.Done {
			t.Errorf("the question changed it to %+v", s)
		}
		r := f.request()
		r.Clash = download.Replace
		must(t, m.Start(r))
		pass(5500 * time.Millisecond)
		if s := m.State("backup-1"); s.Phase != download.Running || s.Done != 500_000 {
			t.Errorf("%+v", s)
		}
		pass(time.Minute)
		if s := m.State("backup-1"); s.Phase != download.Done {
			t.Errorf("%+v", s)
		}
		dir.holds(t, map[string][]byte{"acme.zip": f.data})
	})
}
