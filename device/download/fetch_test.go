package download_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"connectbackup/device/download"
)

const size = 3<<20 + 77

// Every fault that may pass ends with the right bytes, and asks for no byte
// twice that it could have kept. The same over the wire: app/core.
func TestPassingFaults(t *testing.T) {
	f := randomFile(size)
	other := randomFile(size + 1)
	other.data = other.data[:size]
	busy := fails(&download.RetryAfterError{After: 3 * time.Second, Err: errors.New("503")})
	tests := map[string]struct {
		faults  []fault
		request func(*download.Request)
		asks    []ask // nil: any
	}{
		"none":           {asks: []ask{{0, ""}}},
		"reset at once":  {faults: []fault{cut(0, errReset)}, asks: []ask{{0, ""}, {0, ""}}},
		"reset at 1":     {faults: []fault{cut(1, errReset)}, asks: []ask{{0, ""}, {1, f.tag}}},
		"reset at 2^20":  {faults: []fault{cut(1<<20, errReset)}, asks: []ask{{0, ""}, {1 << 20, f.tag}}},
		"reset at end-1": {faults: []fault{cut(size-1, errReset)}, asks: []ask{{0, ""}, {size - 1, f.tag}}},
		"early FIN":      {faults: []fault{cut(4097, io.EOF)}, asks: []ask{{0, ""}, {4097, f.tag}}},
		"chunked cut":    {faults: []fault{cut(65536, io.ErrUnexpectedEOF)}, asks: []ask{{0, ""}, {65536, f.tag}}},
		"cut five times": {faults: []fault{
			cut(100, io.EOF), cut(100, io.EOF), cut(100, io.EOF), cut(100, io.EOF), cut(100, io.EOF),
		}, asks: []ask{{0, ""}, {100, f.tag}, {200, f.tag}, {300, f.tag}, {400, f.tag}, {500, f.tag}}},
		"no connection":        {faults: []fault{fails(errReset), fails(errReset), fails(errReset)}},
		"500, 503, 504":        {faults: []fault{fails(errors.New("500")), busy, fails(errors.New("504"))}},
		"stall in body":        {faults: []fault{stalls(1000)}, asks: []ask{{0, ""}, {1000, f.tag}}},
		"stall at once":        {faults: []fault{stalls(0)}},
		"range ignored":        {faults: []fault{cut(1000, errReset), changes(whole(f))}, asks: []ask{{0, ""}, {1000, f.tag}}},
		"wrong start":          {faults: []fault{cut(1000, errReset), changes(func(b *download.Body) { b.From++ })}},
		"wrong end":            {faults: []fault{changes(func(b *download.Body) { b.To += 5; b.Total = -1 })}},
		"empty range":          {faults: []fault{changes(func(b *download.Body) { b.To = b.From })}},
		"wrong total":          {faults: []fault{cut(1000, errReset), changes(func(b *download.Body) { b.Total++ })}},
		"total unknown":        {faults: []fault{cut(1000, errReset), changes(func(b *download.Body) { b.Total = -1 })}, asks: []ask{{0, ""}, {1000, f.tag}}},
		"nothing said":         {faults: []fault{changes(func(b *download.Body) { b.To, b.Total, b.ETag = -1, -1, "" })}, asks: []ask{{0, ""}}},
		"less granted":         {faults: []fault{shorter(f, 5000)}, asks: []ask{{0, ""}, {5000, f.tag}}},
		"416":                  {faults: []fault{cut(1000, errReset), fails(download.ErrRange)}},
		"412":                  {faults: []fault{cut(1000, errReset), fails(download.ErrChanged)}},
		"ETag changed":         {faults: []fault{cut(1000, errReset), changes(func(b *download.Body) { b.ETag = `"new"` })}},
		"ETag weak":            {faults: []fault{weak(cut(1000, errReset))}, asks: []ask{{0, ""}, {1000, ""}}},
		"made weak by a proxy": {faults: []fault{cut(1000, errReset), changes(func(b *download.Body) { b.ETag = "W/" + b.ETag })}, asks: []ask{{0, ""}, {1000, f.tag}}},
		"ETag missing":         {faults: []fault{cut(1000, errReset), changes(func(b *download.Body) { b.ETag = "" })}, asks: []ask{{0, ""}, {1000, f.tag}}},
		"ETag unasked":         {request: func(r *download.Request) { r.ETag = "" }, faults: []fault{cut(1000, errReset)}, asks: []ask{{0, ""}, {1000, f.tag}}},
		"other version":        {faults: []fault{cut(1000, errReset), changes(whole(other))}},
		"flipped byte":         {faults: []fault{flipped(f, 1<<20)}, asks: []ask{{0, ""}, {0, ""}}},
		"other file":           {faults: []fault{changes(whole(other))}},
		"longer than due":      {faults: []fault{changes(whole(file{data: append(bytes.Clone(f.data), 1), tag: f.tag}))}},
		"size unknown":         {request: func(r *download.Request) { r.Size = -1 }, faults: []fault{cut(1000, errReset)}, asks: []ask{{0, ""}, {1000, f.tag}}},
		"size and total unknown": {
			request: func(r *download.Request) { r.Size = -1 },
			faults:  []fault{changes(func(b *download.Body) { b.To, b.Total = -1, -1 })}, asks: []ask{{0, ""}},
		},
		"cut where nobody knows the size": {
			request: func(r *download.Request) { r.Size = -1 },
			faults:  []fault{unknown(cut(1000, io.EOF))}, asks: []ask{{0, ""}, {0, ""}},
		},
		"416 at the end of who knows what": {
			request: func(r *download.Request) { r.Size = -1 },
			faults:  []fault{unknown(cut(size, errReset)), fails(download.ErrRange)}, asks: []ask{{0, ""}, {size, f.tag}},
		},
		"416 where the size is not known": {
			request: func(r *download.Request) { r.Size = -1 },
			faults:  []fault{unknown(cut(1000, errReset)), fails(download.ErrRange)}, asks: []ask{{0, ""}, {1000, f.tag}, {0, ""}},
		},
		"digest unknown": {request: func(r *download.Request) { r.SHA256 = "" }, faults: []fault{cut(1000, errReset)}, asks: []ask{{0, ""}, {1000, f.tag}}},
		"digest and ETag unknown": {
			request: func(r *download.Request) { r.SHA256, r.ETag = "", "" },
			faults:  []fault{weak(cut(1000, errReset)), weak(cut(2000, errReset))}, asks: []ask{{0, ""}, {0, ""}, {0, ""}},
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				r := f.request()
				if test.request != nil {
					test.request(&r)
				}
				s, dir := faulty(f, test.faults...), newFolder(t)
				res, err := fetch(t, s, dir, r)
				if err != nil {
					t.Fatalf("%v, asked %v", err, s.asks())
				}
				dir.holds(t, map[string][]byte{"acme.zip": f.data})
				if res.SHA256 != digest(f.data) || res.Bytes != size || res.FinalName != "acme.zip" {
					t.Errorf("result %+v", res)
				}
				if got := s.asks(); test.asks != nil && fmt.Sprint(got) != fmt.Sprint(test.asks) {
					t.Errorf("asked %v, want %v", got, test.asks)
				}
			})
		})
	}
}

func whole(f file) func(*download.Body) {
	return func(b *download.Body) { *b = f.body(0, -1, "") }
}

func shorter(f file, n int64) fault {
	return changes(func(b *download.Body) {
		*b = f.body(b.From, b.From+n, "")
		b.Total = int64(len(f.data))
	})
}

func weak(next fault) fault {
	return func(ctx context.Context, from int64, b download.Body) (download.Body, error) {
		b.ETag = "W/" + b.ETag
		return next(ctx, from, b)
	}
}

func unknown(next fault) fault {
	return func(ctx context.Context, from int64, b download.Body) (download.Body, error) {
		b.To, b.Total = -1, -1
		return next(ctx, from, b)
	}
}

func flipped(f file, at int) fault {
	data := bytes.Clone(f.data)
	data[at] ^= 0x10
	return changes(func(b *download.Body) { *b = file{data, f.tag}.body(b.From, -1, "") })
}

// What cannot pass is a typed error at once, and nothing is published.
func TestFinalFaults(t *testing.T) {
	f := randomFile(size)
	always := func(fs fault) []fault { return []fault{fs, fs, fs, fs, fs, fs, fs, fs} }
	tests := map[string]struct {
		faults  []fault
		request func(*download.Request)
		want    func(error) bool
		asks    int
		kept    bool // what has come is kept for a resume
	}{
		"401": {faults: always(fails(download.ErrAuthExpired)), want: is(download.ErrAuthExpired), asks: 1},
		"401 in the middle": {
			faults: append([]fault{cut(5000, errReset)}, always(fails(download.ErrAuthExpired))...),
			want:   is(download.ErrAuthExpired), asks: 2, kept: true,
		},
		"403":             {faults: always(fails(fmt.Errorf("wrapped: %w", download.ErrDenied))), want: is(download.ErrDenied), asks: 1},
		"404":             {faults: always(fails(download.ErrNotFound)), want: is(download.ErrNotFound), asks: 1},
		"410 in between":  {faults: append([]fault{cut(5000, errReset)}, always(fails(download.ErrGone))...), want: is(download.ErrGone), asks: 2},
		"409":             {faults: always(fails(download.ErrNotReady)), want: is(download.ErrNotReady), asks: 1},
		"login page":      {faults: always(fails(download.ErrNotTheFile)), want: is(download.ErrNotTheFile), asks: 1},
		"untrusted":       {faults: always(fails(download.ErrUntrusted)), want: is(download.ErrUntrusted), asks: 1},
		"always flipped":  {faults: always(flipped(f, 9)), want: as[*download.DamagedError], asks: 2},
		"always longer":   {faults: always(changes(whole(file{append(bytes.Clone(f.data), 1), f.tag}))), want: as[*download.DamagedError], asks: 2},
		"always shorter":  {faults: always(changes(whole(file{f.data[:100], f.tag}))), want: as[*download.DamagedError], asks: 2},
		"another version": {faults: always(changes(whole(file{randomFile(size - 1).data, `"new"`}))), want: is(download.ErrChanged), asks: 2},
		"changes again and again": {
			faults: []fault{cut(9, errReset), fails(download.ErrChanged), cut(9, errReset), fails(download.ErrChanged)},
			want:   is(download.ErrChanged), asks: 4,
		},
		"nonsense": {faults: always(changes(func(b *download.Body) { b.From += 7 })), want: is(download.ErrNotTheFile), asks: 5, kept: true},
		"longer, without a digest": {
			request: func(r *download.Request) { r.SHA256 = "" },
			faults: always(unknown(changes(func(b *download.Body) {
				b.ReadCloser = io.NopCloser(io.MultiReader(b.ReadCloser, strings.NewReader("x")))
			}))),
			want: as[*download.DamagedError], asks: 2,
		},
		"other tag, without a digest": {
			request: func(r *download.Request) { r.SHA256, r.ETag = "", `"asked"` }, want: is(download.ErrChanged), asks: 2,
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				r := f.request()
				if test.request != nil {
					test.request(&r)
				}
				s, dir := faulty(f, test.faults...), newFolder(t)
				if _, err := fetch(t, s, dir, r); !test.want(err) {
					t.Fatalf("error %v", err)
				}
				if got := len(s.asks()); got != test.asks {
					t.Errorf("asked %d times: %v", got, s.asks())
				}
				if !test.kept {
					dir.holds(t, map[string][]byte{})
					return
				}
				// Once the reason is gone, the rest comes and no more.
				again := good(f)
				res, err := fetch(t, again, dir, r)
				if err != nil || res.Resumed+res.NewFetched != size || again.asks()[0].from != res.Resumed {
					t.Errorf("again: %+v, %v", res, err)
				}
				dir.holds(t, map[string][]byte{"acme.zip": f.data})
			})
		})
	}
}

// D38: a file of no bytes is a file.
func TestD38_EmptyFile(t *testing.T) {
	for _, known := range []int64{0, -1} {
		f, dir := file{tag: `"empty"`}, newFolder(t)
		r := f.request()
		r.Size = known
		if _, err := fetch(t, good(f), dir, r); err != nil {
			t.Fatalf("size %d: %v", known, err)
		}
		dir.holds(t, map[string][]byte{"acme.zip": {}})
	}
}

// The waits are those of the design: Retry-After to the second but five
// minutes at most; a stalled reply 15 s; else under 30 s, sooner after progress (D06, D10).
func TestWaits(t *testing.T) {
	f := randomFile(1000)
	later := func(d time.Duration) fault { return fails(&download.RetryAfterError{After: d, Err: errors.New("429")}) }
	tests := map[string]struct {
		faults   []fault
		min, max time.Duration
	}{
		"Retry-After 7":           {[]fault{later(7 * time.Second)}, 7 * time.Second, 7 * time.Second},
		"Retry-After a year":      {[]fault{later(365 * 24 * time.Hour)}, 5 * time.Minute, 5 * time.Minute},
		"Retry-After not set":     {[]fault{later(0)}, 0, 500 * time.Millisecond},
		"Retry-After in the past": {[]fault{later(-time.Hour)}, 0, 500 * time.Millisecond},
		"stall":                   {[]fault{stalls(0)}, 15 * time.Second, 15500 * time.Millisecond},
		"progress":                {[]fault{cut(1, errReset), cut(1, errReset), cut(1, errReset), cut(1, errReset), cut(1, errReset)}, 0, 2500 * time.Millisecond},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				began := time.Now()
				if _, err := fetch(t, faulty(f, test.faults...), newFolder(t), f.request()); err != nil {
					t.Fatal(err)
				}
				if took := time.Since(began); took < test.min || took > test.max {
					t.Errorf("waited %v", took)
				}
			})
		})
	}
}

// D13: a server that is gone for hours. After ten minutes the state says so,
// and it goes on by itself.
func TestD13_ServerGone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f, dir := randomFile(size), newFolder(t)
		began := time.Now()
		s := &source{answer: func(_ context.Context, n int, from, to int64, ifRange string) (download.Body, error) {
			if n == 0 {
				return cut(7777, errReset)(t.Context(), from, f.body(from, to, ifRange))
			}
			if time.Since(began) < 3*time.Hour {
				return download.Body{}, errReset
			}
			return f.body(from, to, ifRange), nil
		}}
		var waited time.Duration
		res, err := download.Fetch(t.Context(), download.Config{Source: s, Folder: dir}, f.request(), func(st download.State) {
			if st.Phase == download.Waiting && waited == 0 {
				waited = time.Since(began)
				if !as[*download.StalledError](st.Err) || !errors.Is(st.Err, errReset) {
					t.Errorf("waits because of %v", st.Err)
				}
			}
		})
		if err != nil || res.NewFetched != size {
			t.Fatalf("%+v, %v", res, err)
		}
		if waited < 10*time.Minute || waited > 10*time.Minute+time.Second {
			t.Errorf("Waiting after %v", waited)
		}
		// Requests at full-jitter intervals up to 30 s: some 700 in three hours.
		if n := len(s.asks()); n < 300 || n > 1500 {
			t.Errorf("asked %d times", n)
		}
	})
}

// A server that promises more than it has, and cannot begin in the middle, is
// not asked again and again for all of it.
func TestD05_AlwaysTooShort(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f, dir := randomFile(size), newFolder(t)
		s := &source{answer: func(_ context.Context, n int, _, _ int64, _ string) (download.Body, error) {
			if n == 50 {
				return download.Body{}, download.ErrGone
			}
			b := f.body(0, -1, "") // no ranges
			b.Total, b.To, b.ETag = size+1000, size+1000, ""
			return b, nil
		}}
		r := f.request()
		r.Size, r.SHA256 = -1, ""
		_, err := fetch(t, s, dir, r)
		var damaged *download.DamagedError
		if !errors.As(err, &damaged) || damaged.GotSize != size || len(s.asks()) > 8 {
			t.Errorf("asked %d times: %v", len(s.asks()), err)
		}
		dir.holds(t, nil)
	})
}

// A command does not wait for ever.
func TestGiveUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f, dir := randomFile(size), newFolder(t)
		s := &source{answer: func(context.Context, int, int64, int64, string) (download.Body, error) {
			return download.Body{}, errReset
		}}
		began := time.Now()
		_, err := download.Fetch(t.Context(), download.Config{Source: s, Folder: dir, GiveUp: 2 * time.Minute}, f.request(), nil)
		if !as[*download.StalledError](err) || !errors.Is(err, errReset) || time.Since(began) != 2*time.Minute {
			t.Errorf("%v after %v", err, time.Since(began))
		}
		// Nor for a server that takes the question and never answers.
		s.answer = func(ctx context.Context, _ int, _, _ int64, _ string) (download.Body, error) {
			<-ctx.Done()
			return download.Body{}, ctx.Err()
		}
		began = time.Now()
		_, err = download.Fetch(t.Context(), download.Config{Source: s, Folder: dir, GiveUp: 5 * time.Second}, f.request(), nil)
		if !as[*download.StalledError](err) || time.Since(began) != 5*time.Second {
			t.Errorf("%v after %v", err, time.Since(began))
		}
		// Nor for one that stops in the middle.
		s.answer = func(ctx context.Context, _ int, _, _ int64, _ string) (download.Body, error) {
			b := f.body(0, -1, "")
			b.ReadCloser = io.NopCloser(io.MultiReader(io.LimitReader(b.ReadCloser, 1000), silent{ctx}))
			return b, nil
		}
		began = time.Now()
		_, err = download.Fetch(t.Context(), download.Config{Source: s, Folder: dir, GiveUp: 5 * time.Second}, f.request(), nil)
		if !as[*download.StalledError](err) || time.Since(began) != 5*time.Second {
			t.Errorf("%v after %v", err, time.Since(began))
		}
	})
}

// D41: a full disk is found before the first byte, and later; nothing is lost.
func TestD41_DiskFull(t *testing.T) {
	f := randomFile(size)
	t.Run("before", func(t *testing.T) {
		for _, c := range []struct{ size, need int64 }{ // some stays free, but not much for a small file
			{31 << 10, 1<<20 + 31<<10},
			{10 << 20, 20 << 20},
			{1 << 30, 1<<30 + 64<<20},
			{math.MaxInt64, math.MaxInt64},
		} {
			dir, s, r := newFolder(t), good(f), f.request()
			dir.free = func() (int64, error) { return c.need - 1, nil }
			r.Size = c.size
			_, err := fetch(t, s, dir, r)
			var space *download.SpaceError
			if !errors.As(err, &space) || space.Need != c.need || space.Free != c.need-1 || len(s.asks()) != 0 {
				t.Errorf("%#v, asked %v", err, s.asks())
			}
		}
	})
	t.Run("size told late", func(t *testing.T) {
		dir, s, r := newFolder(t), good(f), f.request()
		r.Size = -1
		dir.free = func() (int64, error) { return size, nil }
		if _, err := fetch(t, s, dir, r); !as[*download.SpaceError](err) {
			t.Fatal(err)
		}
	})
	t.Run("free space unknown", func(t *testing.T) {
		dir := newFolder(t)
		dir.free = func() (int64, error) { return 0, errors.ErrUnsupported }
		if _, err := fetch(t, good(f), dir, f.request()); err != nil {
			t.Fatal(err)
		}
	})
	t.Run("in the middle", func(t *testing.T) {
		dir := newFolder(t)
		full := true
		dir.write = func(at int64, _ int) error {
			if full && at >= 1<<20 {
				return errFull
			}
			return nil
		}
		_, err := fetch(t, good(f), dir, f.request())
		var space *download.SpaceError
		if !errors.As(err, &space) || space.Free != -1 || space.Need < size-1<<20 {
			t.Fatalf("%#v", err)
		}
		full = false
		if res, err := fetch(t, good(f), dir, f.request()); err != nil || res.Resumed < 1<<20 {
			t.Fatalf("%+v, %v", res, err)
		}
		dir.holds(t, map[string][]byte{"acme.zip": f.data})
	})
	t.Run("for the journal", func(t *testing.T) {
		dir := newFolder(t)
		dir.journal = func() error { return errFull }
		if _, err := fetch(t, faulty(f, stalls(1000)), dir, f.request()); !as[*download.SpaceError](err) {
			t.Fatal(err)
		}
	})
	t.Run("broken", func(t *testing.T) {
		dir := newFolder(t)
		dir.write = func(int64, int) error { return os.ErrPermission }
		if _, err := fetch(t, good(f), dir, f.request()); !as[*download.FolderError](err) {
			t.Fatal(err)
		}
	})
}

// S18, S19, D44: what is already there is never lost by accident.
func TestD44_TargetExists(t *testing.T) {
	f := randomFile(5000)
	old := []byte("what was there before")
	tests := map[string]struct {
		clash   download.Clash
		want    map[string][]byte
		final   string
		asks    int
		failure func(error) bool
	}{
		"ask":       {download.Ask, map[string][]byte{"acme.zip": old}, "", 0, as[*download.ExistsError]},
		"skip":      {download.Skip, map[string][]byte{"acme.zip": old}, "acme.zip", 0, nil},
		"replace":   {download.Replace, map[string][]byte{"acme.zip": f.data}, "acme.zip", 1, nil},
		"keep both": {download.KeepBoth, map[string][]byte{"acme.zip": old, "acme (2).zip": f.data}, "acme (2).zip", 1, nil},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			dir, s, r := newFolder(t), good(f), f.request()
			put(t, filepath.Join(dir.dir, "acme.zip"), old)
			r.Clash = test.clash
			res, err := fetch(t, s, dir, r)
			if test.failure != nil && !test.failure(err) || test.failure == nil && err != nil {
				t.Fatal(err)
			}
			if res.FinalName != test.final || res.Skipped != (test.clash == download.Skip) || len(s.asks()) != test.asks {
				t.Errorf("%+v, asked %v", res, s.asks())
			}
			if err == nil && string(res.Location) != filepath.Join(dir.dir, test.final) {
				t.Errorf("location %q", res.Location)
			}
			dir.holds(t, test.want)
		})
	}
	t.Run("replace keeps the old one until the new one is verified", func(t *testing.T) {
		dir, r := newFolder(t), f.request()
		put(t, filepath.Join(dir.dir, "acme.zip"), old)
		r.Clash = download.Replace
		if _, err := fetch(t, faulty(f, flipped(f, 1), flipped(f, 1)), dir, r); !as[*download.DamagedError](err) {
			t.Fatal(err)
		}
		dir.holds(t, map[string][]byte{"acme.zip": old})
	})
	t.Run("somebody was faster", func(t *testing.T) {
		dir, r := newFolder(t), f.request()
		dir.publish = func() error { put(t, filepath.Join(dir.dir, "acme.zip"), old); return nil }
		if _, err := fetch(t, good(f), dir, r); !as[*download.ExistsError](err) {
			t.Fatal(err)
		}
		if got := read(t, filepath.Join(dir.dir, "acme.zip")); !bytes.Equal(got, old) {
			t.Error("the other file was changed")
		}
		// The answer needs no second download.
		dir.publish = nil
		r.Clash = download.KeepBoth
		s := good(f)
		if _, err := fetch(t, s, dir, r); err != nil || len(s.asks()) != 0 {
			t.Fatalf("%v, asked %v", err, s.asks())
		}
		dir.holds(t, map[string][]byte{"acme.zip": old, "acme (2).zip": f.data})
	})
	t.Run("somebody was faster, and it is to be skipped", func(t *testing.T) {
		dir, r := newFolder(t), f.request()
		r.Clash = download.Skip
		dir.publish = func() error { put(t, filepath.Join(dir.dir, "acme.zip"), old); return nil }
		if res, err := fetch(t, good(f), dir, r); err != nil || !res.Skipped {
			t.Fatalf("%+v, %v", res, err)
		}
		dir.holds(t, map[string][]byte{"acme.zip": old})
	})
}

func put(t *testing.T, path string, b []byte) {
	t.Helper()
	if err := os.WriteFile(path, b, 0o600); err != nil {
		t.Fatal(err)
	}
}

func TestBadRequests(t *testing.T) {
	dir, s := newFolder(t), good(randomFile(10))
	for _, r := range []download.Request{
		{Name: "x", Size: 1},
		{ID: "1", Name: "x", Size: -2},
		{ID: "1", Name: "x", SHA256: "abc"},
		{ID: "1", Name: "x", SHA256: strings.Repeat("z", 64)},
	} {
		if _, err := fetch(t, s, dir, r); !as[*download.RequestError](err) {
			t.Errorf("%+v: %v", r, err)
		}
	}
	if len(s.asks()) != 0 {
		t.Error("asked")
	}
}
