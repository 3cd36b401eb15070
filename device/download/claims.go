package download

import (
	"context"
	"errors"
	"time"
)

// pieceLeast is the least, in bytes, that is worth a request of its own. It is
// more than two buffers, so that nothing is split off that is being read.
const pieceLeast = 1 << 20

// claim is a run of bytes that one connection fetches. Both ends are guarded by
// the transfer's lock; at is changed only by who fetches.
type claim struct {
	at  int64 // the next byte
	end int64 // where it ends; -1: at the end of a file of unknown size
	got bool  // something came

	from  int64 // where it began,
	since time.Time
	stop  context.CancelCauseFunc // of the request that fetches it; nil before there is one
}

// A claim is given to somebody else when nobody has anything else to do and it
// has come slowly for so long, at less than a share of what the fastest brought,
// and would go on for longer than that.
const (
	slowFor   = 5 * time.Second
	slowShare = 4
	hurryTick = time.Second
)

// errSlow ends a request that holds all others up.
var errSlow = errors.New("others are much faster")

// rate is how many bytes a second came so far; 0 while that says little.
func (c *claim) rate(now time.Time) float64 {
	took := now.Sub(c.since)
	if took < hurryTick {
		return 0
	}
	return float64(c.at-c.from) / took.Seconds()
}

// serve has a claim know how to end the request that fetches it.
func (t *transfer) serve(c *claim, stop context.CancelCauseFunc) {
	t.mu.Lock()
	defer t.mu.Unlock()
	c.from, c.since, c.stop = c.at, time.Now(), stop
}

// hurry ends the slowest request if it alone keeps the download from ending.
func (t *transfer) hurry(now time.Time) {
	t.mu.Lock()
	defer t.mu.Unlock()
	var slowest *claim
	for _, c := range t.claims {
		if c.stop == nil {
			continue
		}
		rate := c.rate(now)
		t.fastest = max(t.fastest, rate)
		left := float64(c.end - c.at)
		if now.Sub(c.since) >= slowFor && rate*slowShare < t.fastest && left > rate*slowFor.Seconds() &&
			(slowest == nil || rate < slowest.rate(now)) {
			slowest = c
		}
	}
	if slowest != nil && t.starved {
		t.log.Info("a slow connection is given up", "from", slowest.at)
		slowest.stop(errSlow)
		slowest.stop = nil
	}
}

// next finds work: the first hole that nobody fetches, else the second half of
// the largest claim; nil when others fetch all that is left.
func (t *transfer) next() (c *claim, complete bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.done.front() == t.size {
		return nil, true
	}
	taken := append(spans(nil), t.done...)
	for _, c := range t.claims {
		taken = taken.add(c.at, c.end)
	}
	from := taken.front()
	if from == t.size {
		c = t.split()
	} else {
		c = &claim{at: from, end: t.size}
		for _, s := range taken {
			if s.From > from {
				c.end = s.From
				break
			}
		}
	}
	t.starved = c == nil
	if c != nil {
		t.claims = append(t.claims, c)
	}
	return c, false
}

// split cuts the largest claim in halves; nil when none is worth it.
func (t *transfer) split() *claim {
	var largest *claim
	for _, c := range t.claims {
		if largest == nil || c.end-c.at > largest.end-largest.at {
			largest = c
		}
	}
	if largest == nil || largest.end-largest.at < 2*pieceLeast {
		return nil
	}
	middle := largest.at + (largest.end-largest.at)/2
	half := &claim{at: middle, end: largest.end}
	largest.end = middle
	return half
}

// release gives a claim back.
func (t *transfer) release(c *claim) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if c.stop != nil {
		t.fastest = max(t.fastest, c.rate(time.Now()))
		c.stop = nil
	}
	for i, other := range t.claims {
		if other == c {
			t.claims = append(t.claims[:i:i], t.claims[i+1:]...)
			break
		}
	}
}

// space says where the next byte of a claim goes, and how many may be read at
// once; to is where the reply ends, -1 when it did not say.
func (t *transfer) space(c *claim, to int64) (at, room int64) {
	t.mu.Lock()
	defer t.mu.Unlock()
	room = bufferSize
	for _, end := range []int64{c.end, to} {
		if end >= 0 {
			room = min(room, end-c.at)
		}
	}
	return c.at, max(room, 0)
}

// reached says whether a claim, or the reply to it, is at its end.
func (t *transfer) reached(c *claim, to int64) bool {
	_, room := t.space(c, to)
	return room == 0
}
