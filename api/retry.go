package api

import (
	"context"
	"errors"
	"math/rand/v2"
	"net/http"
	"strconv"
	"strings"
	"time"
)

const (
	retryMax       = 3 // further attempts after the first
	retryBase      = 500 * time.Millisecond
	retryCap       = 8 * time.Second
	retryAfterObey = 30 * time.Second // a server that asks for more is not waited for here
	retryAfterMax  = time.Hour        // more than this is taken for this
)

// retrying says after which failures a call may be made again.
type retrying int

const (
	retryNever   retrying = iota
	retryRefused          // only when the server said that it did nothing: 429, 503
	retryAlways           // whenever the failure may pass: the call changes nothing when made twice
)

// pause is how long to wait before attempt n+1 after err; false when there is
// no use in another one. Full jitter keeps many clients from coming back in
// step.
func (m retrying) pause(n int, err error) (time.Duration, bool) {
	if m == retryNever || n >= retryMax || !m.passing(err) {
		return 0, false
	}
	var p *Problem
	if errors.As(err, &p) && p.RetryAfter > retryAfterObey {
		return 0, false
	}
	wait := rand.N(min(retryBase<<n, retryCap)) + 1 //nolint:gosec // spreads load, guards nothing
	if p != nil {
		wait = max(wait, p.RetryAfter)
	}
	return wait, true
}

// passing reports whether err may be gone at the next attempt.
func (m retrying) passing(err error) bool {
	var p *Problem
	if errors.As(err, &p) {
		switch p.Status {
		case http.StatusTooManyRequests, http.StatusServiceUnavailable:
			return true
		case http.StatusInternalServerError, http.StatusBadGateway, http.StatusGatewayTimeout:
			return m == retryAlways
		}
		return m == retryAlways && p.Code == CodeIdempotencyInProgress
	}
	var u *UnreachableError
	if m != retryAlways || !errors.As(err, &u) || isDial(u.Err) {
		return false
	}
	return u.Reason == ReasonCut || u.Reason == ReasonTimeout || u.Reason == ReasonNetwork
}

// retryAfter reads the Retry-After header, seconds or a date (RFC 9110,
// 10.2.3). A date is taken against the server's own Date, because the clock of
// this device may be wrong. 0 when absent, past or unreadable.
func retryAfter(h http.Header, now time.Time) time.Duration {
	value := strings.TrimSpace(h.Get("Retry-After"))
	if value == "" {
		return 0
	}
	if strings.Trim(value, "0123456789") == "" {
		seconds, err := strconv.ParseUint(value, 10, 63)
		if err != nil || seconds > uint64(retryAfterMax/time.Second) {
			return retryAfterMax
		}
		return time.Duration(seconds) * time.Second //nolint:gosec // at most an hour
	}
	at, err := http.ParseTime(value)
	if err != nil {
		return 0
	}
	if date, err := http.ParseTime(h.Get("Date")); err == nil {
		now = date
	}
	return min(max(at.Sub(now), 0), retryAfterMax)
}

// sleep waits for d or until ctx ends, whose error it then returns.
func sleep(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
