package download

import (
	"math"
	"time"
)

const (
	rateWindow = 3 * time.Second // of the smoothing
	etaAfter   = 2 * time.Second // before that no estimate is worth showing
)

// speed smooths the rate of a transfer: an exponentially weighted mean that is
// right from the first sample on.
type speed struct {
	began, last time.Time
	bytes       int64
	mean, part  float64 // part of the whole weight that has been given, 0 to 1
}

func newSpeed(now time.Time, bytes int64) speed { return speed{began: now, last: now, bytes: bytes} }

// sample takes the count of bytes at a moment.
func (s *speed) sample(now time.Time, bytes int64) {
	dt := now.Sub(s.last).Seconds()
	if dt <= 0 {
		return
	}
	weight := 1 - math.Exp(-dt/rateWindow.Seconds())
	s.mean += (float64(bytes-s.bytes)/dt - s.mean) * weight
	s.part += (1 - s.part) * weight
	s.last, s.bytes = now, bytes
}

// rate is in bytes per second; 0 when not known.
func (s *speed) rate() float64 {
	if s.part == 0 {
		return 0
	}
	if r := s.mean / s.part; r >= 1 {
		return r
	}
	return 0
}

// left estimates the time for so many bytes; negative when not known.
func (s *speed) left(bytes int64) time.Duration {
	r := s.rate()
	if bytes < 0 || r == 0 || s.last.Sub(s.began) < etaAfter {
		return -1
	}
	seconds := float64(bytes) / r
	if seconds > float64(math.MaxInt64)/float64(time.Second)/2 {
		return -1
	}
	return time.Duration(seconds * float64(time.Second))
}
