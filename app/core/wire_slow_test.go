package core

import (
	"errors"
	"fmt"
	"net"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"connectbackup/device/download"
)

// In these tests the connections are in memory and time is virtual: what takes
// ten minutes passes at once, and waits are measured exactly.

// took runs one download in a bubble, and says how long it took.
func took(t *testing.T, f content, check func(*site, time.Duration), faults ...fault) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		s := newVirtualSite(t, f, faults...)
		began := time.Now()
		s.saves()
		check(s, time.Since(began))
	})
}

// A server that falls silent: the connection is given up after 30 s without a
// header and 15 s without a byte, and the rest is asked for.
func TestD06_Stall(t *testing.T) {
	f := newContent(wireSize)
	for name, row := range map[string]struct {
		fault  fault
		limit  time.Duration
		ranges []string
	}{
		"before the header": {func(rep *reply) { rep.headMax, rep.end = 1, stall }, 30 * time.Second, []string{"0-", "0-"}},
		"in the header":     {func(rep *reply) { rep.headMax, rep.end = 60, stall }, 30 * time.Second, []string{"0-", "0-"}},
		"after the header":  {cut(0, stall), 15 * time.Second, []string{"0-", "0-"}},
		"in the body":       {cut(5000, stall), 15 * time.Second, []string{"0-", "5000-"}},
		"at the last byte":  {cut(wireSize-1, stall), 15 * time.Second, []string{"0-", fmt.Sprint(wireSize-1, "-")}},
		"in a refusal":      {then(refuse("503 Service Unavailable"), cut(3, stall)), 30 * time.Second, []string{"0-", "0-"}},
	} {
		t.Run(name, func(t *testing.T) {
			took(t, f, func(s *site, d time.Duration) {
				s.asks(row.ranges...)
				if d < row.limit || d > row.limit+time.Second {
					t.Errorf("took %v", d)
				}
			}, row.fault)
		})
	}
}

// One byte a second is slow, but no stall: nothing is asked twice.
func TestD07_OneByteASecond(t *testing.T) {
	took(t, newContent(600), func(s *site, d time.Duration) {
		s.asks("0-")
		if d < 599*time.Second || d > 602*time.Second {
			t.Errorf("took %v", d)
		}
	}, func(rep *reply) { rep.step, rep.between = 1, func() { <-time.After(time.Second) } })
}

// The server says when to come back: to the second, by its own clock however
// wrong this device's is, and never longer than five minutes.
func TestD10_RetryAfter(t *testing.T) {
	f := newContent(5000)
	now := time.Date(2031, 5, 6, 7, 8, 9, 0, time.UTC)
	date := func(d time.Duration) string { return now.Add(d).Format(http.TimeFormat) }
	for name, row := range map[string]struct {
		value    string
		min, max time.Duration
	}{
		"seconds":      {"7", 7 * time.Second, 7 * time.Second},
		"a date":       {date(9 * time.Second), 9 * time.Second, 9 * time.Second},
		"a past date":  {date(-time.Hour), 0, 500 * time.Millisecond},
		"a year":       {"31536000", 5 * time.Minute, 5 * time.Minute},
		"a far date":   {date(10 * 365 * 24 * time.Hour), 5 * time.Minute, 5 * time.Minute},
		"beyond int64": {"99999999999999999999", 5 * time.Minute, 5 * time.Minute},
		"negative":     {"-5", 0, 500 * time.Millisecond},
		"a word":       {"soon", 0, 500 * time.Millisecond},
		"nothing":      {"", 0, 500 * time.Millisecond},
	} {
		for _, status := range []string{"503 Service Unavailable", "429 Too Many Requests"} {
			for _, off := range []time.Duration{0, 87600 * time.Hour, -87600 * time.Hour} {
				t.Run(fmt.Sprint(name, " ", status[:3], " ", off), func(t *testing.T) {
					synctest.Test(t, func(t *testing.T) {
						s := newVirtualSite(t, f, refuse(status, "Date: "+now.Format(http.TimeFormat), "Retry-After: "+row.value))
						s.clock = func() time.Time { return time.Now().Add(off) }
						began := time.Now()
						s.saves()
						s.asks("0-", "0-")
						if d := time.Since(began); d < row.min || d > row.max {
							t.Errorf("waited %v", d)
						}
					})
				})
			}
		}
	}
}

// The server is gone for five minutes in the middle of a download, and comes
// back: it goes on where it was, within the longest wait.
func TestD13_ServerGone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newContent(wireSize)
		var s *site
		s = newVirtualSite(t, f, func(rep *reply) {
			rep.bodyMax = 5000
			rep.end = func(c net.Conn) { s.refuseConnections(true); fin(c) }
		})
		back := time.AfterFunc(5*time.Minute, func() { s.refuseConnections(false) })
		defer back.Stop()
		began := time.Now()
		if res := s.saves(); res.NewFetched != wireSize {
			t.Errorf("fetched %d", res.NewFetched)
		}
		s.asks("0-", "5000-")
		if d := time.Since(began); d < 5*time.Minute || d > 5*time.Minute+31*time.Second {
			t.Errorf("took %v", d)
		}
	})
}

// A proxy that lets only so much of every reply through: the file comes in
// pieces. One that also writes its own length under it cannot be got past; that
// is said.
func TestD15_TruncatingProxy(t *testing.T) {
	f := newContent(wireSize)
	synctest.Test(t, func(t *testing.T) {
		s := newVirtualSite(t, f)
		s.answer = func(_ int, r *http.Request) *reply {
			rep := f.good(r)
			cut(64<<10, fin)(rep)
			return rep
		}
		if res := s.saves(); res.NewFetched != wireSize || len(s.ranges()) != 17 {
			t.Errorf("fetched %d in %d requests", res.NewFetched, len(s.ranges()))
		}
	})
	synctest.Test(t, func(t *testing.T) {
		s := newVirtualSite(t, f)
		s.answer = func(_ int, r *http.Request) *reply {
			rep := f.good(r)
			rep.status, rep.body = "200 OK", rep.body[:min(len(rep.body), 64<<10)]
			rep.set("Content-Range")
			rep.set("Content-Length", fmt.Sprint(len(rep.body)))
			return rep
		}
		var damaged *download.DamagedError
		if _, err := s.fetch(f.request()); !errors.As(err, &damaged) || damaged.GotSize != 64<<10 {
			t.Errorf("%v", err)
		}
	})
}

// The device's clock is wrong by ten years, and the machine sleeps for a night:
// the connection is dead without a word when it wakes up.
func TestD30_ClockAndSuspend(t *testing.T) {
	for _, off := range []time.Duration{0, 87600 * time.Hour, -87600 * time.Hour} {
		synctest.Test(t, func(t *testing.T) {
			s := newVirtualSite(t, newContent(wireSize), cut(5000, stall), func(rep *reply) {
				rep.headMax, rep.end = 1, stall // as good as lost
			})
			s.clock = func() time.Time { return time.Now().Add(off) }
			began := time.Now()
			if res := s.saves(); res.NewFetched != wireSize {
				t.Errorf("fetched %d", res.NewFetched)
			}
			s.asks("0-", "5000-", "5000-")
			if d := time.Since(began); d > 50*time.Second {
				t.Errorf("took %v", d)
			}
		})
	}
}

// The same silence, but the session's end makes the wait for a new one: a
// renewal that stalls does not hold the download for ever.
func TestD12_RenewalStalls(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newVirtualSite(t, newContent(wireSize), cut(5000, fin))
		tries := 0
		s.sessions(func(rep *reply) {
			if tries++; tries == 1 {
				rep.headMax, rep.end = 1, stall
			}
		})
		began := time.Now()
		s.saves()
		if d := time.Since(began); d < 30*time.Second || d > 40*time.Second {
			t.Errorf("took %v", d)
		}
	})
}

// A server that gives each connection so much and no more: further ones are
// opened for exact ranges of the very same version, a byte comes once, and one
// whose byte was flipped on the way does no harm.
func TestD34_FurtherConnections(t *testing.T) {
	for name, flip := range map[string]bool{"good": false, "a byte flipped in one range": true} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				f := newContent(24 << 20)
				s := newVirtualSite(t, f)
				s.answer = func(n int, r *http.Request) *reply {
					rep := f.good(r)
					rep.step, rep.between = 64<<10, func() { <-time.After(125 * time.Millisecond) } // 512 KiB/s
					if flip && n == 3 {
						rep.body = append([]byte(nil), rep.body...)
						rep.body[1000] ^= 4
					}
					return rep
				}
				began := time.Now()
				res := s.saves()
				took := time.Since(began)
				if !flip && (res.NewFetched != int64(len(f.data)) || took > 24*time.Second) { // 48 s with one
					t.Errorf("fetched %d of %d in %v", res.NewFetched, len(f.data), took)
				}
				for i, r := range s.requests()[1:] {
					if bytes := r.Header.Get("Range"); !flip && (r.Header.Get("If-Range") != f.tag || bytes[len(bytes)-1] == '-') {
						t.Errorf("request %d for %s with If-Range %s", i, bytes, r.Header.Get("If-Range"))
					}
				}
				if len(s.ranges()) < 4 {
					t.Errorf("asked %v", s.ranges())
				}
			})
		})
	}
}
