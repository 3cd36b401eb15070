package download_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"path/filepath"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"connectbackup/device"
	"connectbackup/device/download"
)

const (
	crewSize = 40 << 20
	crewRate = 256 << 10 // bytes a second of one connection: 160 s for all
)

// lanes is a server that gives each connection crewRate, and all of them
// together most (0: without limit).
type lanes struct {
	*source
	mu         sync.Mutex
	open, peak int
	most       int
	next       time.Time // when the server has the next bytes to give
}

func newLanes(f file, most int, faults func(n int, from, to int64) fault) *lanes {
	l := &lanes{most: most}
	l.source = &source{answer: func(ctx context.Context, n int, from, to int64, ifRange string) (download.Body, error) {
		b := f.body(from, to, ifRange)
		b.ReadCloser = &lane{ctx: ctx, r: b.ReadCloser, of: l}
		var err error
		if faults != nil {
			l.mu.Lock()
			wrong := faults(n, from, to)
			l.mu.Unlock()
			if wrong != nil {
				if b, err = wrong(ctx, from, b); err != nil {
					return b, err
				}
			}
		}
		l.mu.Lock()
		defer l.mu.Unlock()
		l.open++
		l.peak = max(l.peak, l.open)
		body := b.ReadCloser
		b.ReadCloser = &closing{body, sync.OnceFunc(func() {
			l.mu.Lock()
			defer l.mu.Unlock()
			l.open--
		})}
		return b, nil
	}}
	return l
}

type closing struct {
	io.Reader
	done func()
}

func (c *closing) Close() error { c.done(); return nil }

type lane struct {
	ctx context.Context
	r   io.Reader
	of  *lanes
}

func (l *lane) Close() error { return nil }

const laneStep = 64 << 10

func (l *lane) Read(b []byte) (int, error) {
	wait := time.Second * laneStep / crewRate
	if l.of.most > 0 {
		l.of.mu.Lock()
		if l.of.next.Before(time.Now()) {
			l.of.next = time.Now()
		}
		l.of.next = l.of.next.Add(time.Second * laneStep / time.Duration(l.of.most))
		wait = max(wait, time.Until(l.of.next))
		l.of.mu.Unlock()
	}
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-timer.C:
		return l.r.Read(b[:min(len(b), laneStep)])
	case <-l.ctx.Done():
		return 0, l.ctx.Err()
	}
}

// Where each connection is limited, more of them are used: no byte comes twice,
// and it takes a fifth of the time or less.
func TestMoreConnectionsWhereTheyHelp(t *testing.T) {
	f := randomFile(crewSize)
	for limit, least := range map[int]float64{1: 1, 2: 1.8, 4: 3.2, 8: 5} {
		synctest.Test(t, func(t *testing.T) {
			l, dir := newLanes(f, 0, nil), newFolder(t)
			began := time.Now()
			res, err := download.Fetch(t.Context(), download.Config{Source: l, Folder: dir, Connections: limit}, f.request(), nil)
			if err != nil || res.NewFetched != crewSize || l.peak != limit {
				t.Fatalf("%d connections of %d, fetched %d, %v", l.peak, limit, res.NewFetched, err)
			}
			dir.holds(t, map[string][]byte{"acme.zip": f.data})
			faster := 160 / time.Since(began).Seconds()
			t.Logf("%d connections: %.1f times as fast, %d requests", limit, faster, len(l.asks()))
			if faster < least || len(l.asks()) > 10*limit {
				t.Errorf("%.1f times as fast with %d requests", faster, len(l.asks()))
			}
		})
	}
}

// Where they share one limit, it stays at one, and nothing is lost by trying.
func TestOneConnectionWhereMoreDoNotHelp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := randomFile(crewSize)
		l, dir := newLanes(f, crewRate, nil), newFolder(t)
		began := time.Now()
		res, err := download.Fetch(t.Context(), download.Config{Source: l, Folder: dir}, f.request(), nil)
		if err != nil || l.peak != 2 {
			t.Fatalf("%d connections, %v", l.peak, err)
		}
		if again := res.NewFetched - crewSize; again != 0 {
			t.Errorf("%d bytes were fetched again", again)
		}
		if took := time.Since(began); took > 163*time.Second {
			t.Errorf("took %v", took)
		}
		dir.holds(t, map[string][]byte{"acme.zip": f.data})
	})
}

// Where the disk is what is slow, all the time or now and then, further
// connections would only be a burden: it stays at one.
func TestOneConnectionWhereTheDiskIsSlow(t *testing.T) {
	for name, slow := range map[string]func(at int64) time.Duration{
		"always": func(int64) time.Duration { return 100 * time.Millisecond },
		"a stall": func(at int64) time.Duration {
			if at == 2<<20 {
				return 5 * time.Second
			}
			return time.Millisecond
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				f, dir := randomFile(crewSize), newFolder(t)
				turn := make(chan struct{}, 1)
				dir.write = func(at int64, _ int) error {
					turn <- struct{}{}
					pass(slow(at))
					<-turn
					return nil
				}
				s := good(f)
				res, err := fetch(t, s, dir, f.request())
				if err != nil || len(s.asks()) != 1 || res.NewFetched != crewSize {
					t.Errorf("%d of %d bytes fetched, asked %v, %v", res.NewFetched, crewSize, s.asks(), err)
				}
				dir.holds(t, map[string][]byte{"acme.zip": f.data})
			})
		})
	}
}

// What a further connection may meet: nothing of it does harm, or more than its
// share of time.
func TestFurtherConnectionsThatGoWrong(t *testing.T) {
	f := randomFile(crewSize)
	other := randomFile(crewSize + 1)
	other.data = other.data[:crewSize]
	busy := fails(&download.RetryAfterError{After: time.Minute, Err: errors.New("429")})
	for name, row := range map[string]struct {
		wrong fault
		whole bool // the first connection meets it, too
		most  time.Duration
		again int64 // bytes fetched again, at most
	}{
		"429":               {wrong: busy, most: 165 * time.Second},
		"no connection":     {wrong: fails(errReset), most: 165 * time.Second},
		"403":               {wrong: fails(download.ErrDenied), most: 165 * time.Second},
		"range ignored":     {wrong: changes(whole(f)), most: 165 * time.Second},
		"another range":     {wrong: changes(func(b *download.Body) { b.From++ }), most: 165 * time.Second},
		"another size":      {wrong: changes(func(b *download.Body) { b.Total++ }), most: 165 * time.Second},
		"another tag":       {wrong: changes(func(b *download.Body) { b.ETag = other.tag }), most: 165 * time.Second},
		"a weak tag":        {wrong: changes(func(b *download.Body) { b.ETag = "W/" + b.ETag }), most: 165 * time.Second},
		"nothing said":      {wrong: changes(func(b *download.Body) { b.To, b.Total = -1, -1 }), most: 165 * time.Second},
		"an early end":      {wrong: cut(500_000, io.EOF), most: 100 * time.Second},
		"resets":            {wrong: cut(500_000, errReset), most: 100 * time.Second},
		"silence":           {wrong: stalls(500_000), most: 165 * time.Second},
		"a byte is flipped": {wrong: flip(12345), most: 330 * time.Second, again: crewSize},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				wrongs := 0
				l := newLanes(f, 0, func(_ int, _, to int64) fault {
					if to < 0 || wrongs >= 40 {
						return nil
					}
					wrongs++
					return row.wrong
				})
				dir := newFolder(t)
				began := time.Now()
				m, w := manager(t, download.Config{Source: l, Folder: dir})
				must(t, m.Start(f.request()))
				pass(time.Hour)
				if s := m.State("backup-1"); s.Phase != download.Done {
					t.Fatalf("%+v", s)
				}
				dir.holds(t, map[string][]byte{"acme.zip": f.data})
				if wrongs == 0 {
					t.Error("no further connection was tried")
				}
				w.mu.Lock()
				took := w.at[len(w.at)-1].Sub(began)
				w.mu.Unlock()
				t.Logf("took %v, %d requests", took, len(l.asks()))
				if took > row.most {
					t.Errorf("took %v", took)
				}
			})
		})
	}
	t.Run("the disk fills up", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			dir := newFolder(t)
			dir.write = func(at int64, _ int) error {
				if at > crewSize/2 {
					return errFull
				}
				return nil
			}
			began := time.Now()
			if _, err := fetch(t, newLanes(f, 0, nil), dir, f.request()); !as[*download.SpaceError](err) {
				t.Fatal(err)
			}
			if took := time.Since(began); took > 10*time.Second {
				t.Errorf("found after %v", took)
			}
			dir.write = nil
			if _, err := fetch(t, good(f), dir, f.request()); err != nil {
				t.Fatal(err)
			}
			dir.holds(t, map[string][]byte{"acme.zip": f.data})
		})
	})
}

// flip flips one byte of what comes, that far behind its start.
func flip(at int) fault {
	return changes(func(b *download.Body) {
		b.ReadCloser = io.NopCloser(&flipping{r: b.ReadCloser, left: at})
	})
}

type flipping struct {
	r    io.Reader
	left int
}

func (f *flipping) Read(b []byte) (int, error) {
	n, err := f.r.Read(b)
	if f.left >= 0 && f.left < n {
		b[f.left] ^= 1
	}
	f.left -= n
	return n, err
}

// Paused, closed and taken up again with holes in the part: no byte is fetched
// twice, whatever hole it is in.
func TestHolesGoOn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f, dir := randomFile(crewSize), newFolder(t)
		var fetched int64
		l := newLanes(f, 0, nil)
		for range 3 {
			m, _ := manager(t, download.Config{Source: l, Folder: device.OpenFolder(dir.dir)})
			must(t, m.Restore())
			must(t, m.Start(f.request()))
			pass(9 * time.Second)
			must(t, m.Pause("backup-1"))
			synctest.Wait()
			before := m.State("backup-1").Done
			must(t, m.Resume("backup-1"))
			pass(10 * time.Millisecond)
			if now := m.State("backup-1").Done; now != before {
				t.Errorf("%d bytes after %d", now, before)
			}
			pass(1500 * time.Millisecond)
			fetched = m.State("backup-1").Done
			must(t, m.Close())
		}
		if fetched < 15<<20 || l.peak < 4 {
			t.Errorf("%d bytes, %d connections", fetched, l.peak)
		}
		res, err := fetch(t, l, device.OpenFolder(dir.dir), f.request())
		if err != nil || res.Resumed < fetched || res.Resumed+res.NewFetched != crewSize {
			t.Fatalf("%d resumed of %d, %d fetched, %v", res.Resumed, fetched, res.NewFetched, err)
		}
		dir.holds(t, map[string][]byte{"acme.zip": f.data})
	})
}

// Killed when further connections had just begun, and the journal did not know:
// what lies behind a hole is not taken for what one connection wrote in order.
func TestD28_KilledJustAfterFurtherConnectionsBegan(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f, dir := randomFile(crewSize), newFolder(t)
		alone, _ := manager(t, download.Config{Source: newLanes(f, 0, nil), Folder: dir, Connections: 1})
		must(t, alone.Start(f.request()))
		pass(60 * time.Second)
		must(t, alone.Close())

		several, _ := manager(t, download.Config{Source: newLanes(f, 0, nil), Folder: device.OpenFolder(dir.dir)})
		must(t, several.Restore())
		killed := newFolder(t)
		var known int64
		for {
			pass(10 * time.Millisecond)
			part, journal := read(t, dir.hidden(t, ".part")), read(t, dir.hidden(t, ".journal"))
			if claims := download.ClaimsOf(journal); len(claims) != 1 {
				t.Fatalf("the journal claims %v: there was no such moment", claims)
			}
			known = download.FrontOf(journal)
			if int64(len(part)) > known+4<<20 {
				put(t, filepath.Join(killed.dir, filepath.Base(dir.hidden(t, ".part"))), part)
				put(t, filepath.Join(killed.dir, filepath.Base(dir.hidden(t, ".journal"))), journal)
				break
			}
		}
		must(t, several.Close())

		res, err := fetch(t, good(f), killed, f.request())
		if err != nil || res.Resumed < known || res.NewFetched > crewSize-known {
			t.Errorf("%d in the journal, %d resumed, %d of %d fetched: %v", known, res.Resumed, res.NewFetched, crewSize, err)
		}
		killed.holds(t, map[string][]byte{"acme.zip": f.data})
	})
}

// One connection that hardly brings anything does not keep the others from
// fetching the rest, whether it is a further one or the first.
func TestOneSlowConnection(t *testing.T) {
	for name, slow := range map[string]int{"the first": 0, "a further one": 2} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				f, dir := randomFile(crewSize), newFolder(t)
				l := newLanes(f, 0, func(n int, _, _ int64) fault {
					if n != slow {
						return nil
					}
					return func(ctx context.Context, _ int64, b download.Body) (download.Body, error) {
						b.ReadCloser = &dribble{ctx: ctx, ReadCloser: b.ReadCloser, well: 4 << 20}
						return b, nil
					}
				})
				began := time.Now()
				if _, err := fetch(t, l, dir, f.request()); err != nil {
					t.Fatal(err)
				}
				if took := time.Since(began); took > crewSize/crewRate*time.Second/2 {
					t.Errorf("took %v, where one connection alone takes %v", took, crewSize/crewRate*time.Second)
				}
				dir.holds(t, map[string][]byte{"acme.zip": f.data})
			})
		})
	}
}

// dribble gives 1 KiB every 5 s when so much went well.
type dribble struct {
	ctx context.Context
	io.ReadCloser
	well int
}

func (d *dribble) Read(b []byte) (int, error) {
	if d.well > 0 {
		n, err := d.ReadCloser.Read(b)
		d.well -= n
		return n, err
	}
	select {
	case <-time.After(5 * time.Second):
		return d.ReadCloser.Read(b[:min(len(b), 1<<10)])
	case <-d.ctx.Done():
		return 0, d.ctx.Err()
	}
}

// How many connections were good is remembered for the next download.
func TestConnectionsAreRemembered(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f, dir := randomFile(crewSize), newFolder(t)
		m, _ := manager(t, download.Config{Source: newLanes(f, 0, nil), Folder: dir, Connections: 4})
		var took [2]time.Duration
		for i := range took {
			r := f.request()
			r.ID, r.Name = fmt.Sprint(i), fmt.Sprintf("%d.zip", i)
			began := time.Now()
			must(t, m.Start(r))
			for m.State(r.ID).Phase != download.Done {
				pass(100 * time.Millisecond)
			}
			took[i] = time.Since(began)
		}
		if took[1] >= took[0] {
			t.Errorf("first %v, then %v", took[0], took[1])
		}
	})
}

// Everything at once, at random, on every connection: the bytes are right, or
// there is no file and a typed error.
func TestFurtherConnectionsInAStorm(t *testing.T) {
	f := randomFile(crewSize)
	other := randomFile(crewSize + 1)
	other.data = other.data[:crewSize]
	for seed := range 12 {
		synctest.Test(t, func(t *testing.T) {
			random := rand.New(rand.NewPCG(uint64(seed), 9))
			l := newLanes(f, 0, func(n int, _, _ int64) fault {
				at := random.Int64N(4 << 20)
				if n > 60 {
					return nil
				}
				switch random.IntN(16) {
				case 0, 1, 2:
					return cut(at, errReset)
				case 3:
					return cut(at, io.EOF)
				case 4:
					return stalls(at)
				case 5:
					return fails(&download.RetryAfterError{After: time.Duration(random.Int64N(int64(5 * time.Second))), Err: errors.New("503")})
				case 6:
					return fails(errReset)
				case 7:
					return changes(whole(f))
				case 8:
					return changes(func(b *download.Body) { b.ETag = "" })
				case 9:
					if seed%4 == 0 {
						return changes(whole(other))
					}
				case 10:
					if seed%4 == 1 {
						return flip(int(at))
					}
				}
				return nil
			})
			dir := newFolder(t)
			_, err := download.Fetch(t.Context(), download.Config{Source: l, Folder: dir, GiveUp: 20 * time.Minute}, f.request(), nil)
			switch {
			case err == nil:
				dir.holds(t, map[string][]byte{"acme.zip": f.data})
			case !errors.Is(err, download.ErrChanged) && !as[*download.DamagedError](err):
				t.Errorf("seed %d: %v", seed, err)
			default:
				dir.holds(t, map[string][]byte{})
			}
		})
	}
}
