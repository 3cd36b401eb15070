package api

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"mime"
	"net/http"
	"time"

	"github.com/go-resty/resty/v2"
)

const (
	listenBase = time.Second
	listenCap  = 30 * time.Second
	// listenSilence is how long a stream may say nothing: three heartbeats.
	listenSilence = time.Minute
)

// ErrNoEvents says that this server has no events to listen to, or that what
// lies between lets none through: ask from time to time instead.
var ErrNoEvents = errors.New("the server sends no events")

// Listener hears events. Its functions are called one after the other, by the
// goroutine that listens.
type Listener struct {
	// Last is the ID of the last event that was heard before; what came later
	// is told first. Empty to begin now.
	Last string
	// Event is called with each event. Types that this version does not know
	// are possible. After EventReset everything must be read anew.
	Event func(Event)
	// Connected tells whether changes are heard right now. While they are not,
	// whoever needs them must ask (AwaitBackup, ListBackups). It is called with
	// true as soon as anything came through: what was asked for before that may
	// be out of date. nil if nobody wants to know.
	Connected func(bool)
}

// Listen hears events until ctx ends. It connects again by itself, telling the
// server what it heard last, after growing pauses.
//
// It returns ErrNoEvents where listening has no use, and ErrSignedOut or
// another error of every call where the server will not have it.
func (c *Client) Listen(ctx context.Context, l Listener) error {
	s := &listening{c: c, Listener: l, retry: listenBase}
	for failures := 0; ; failures++ {
		s.heard = false
		err := c.withToken(ctx, func(access string) error { return s.once(ctx, access) })
		if s.heard {
			failures = 0
			s.tell(false)
		}
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if final := s.final(err); final != nil {
			return final
		}
		if err := c.sleep(ctx, s.pause(failures, err)); err != nil {
			return err
		}
	}
}

// listening is the state of Listen over its connections.
type listening struct {
	c *Client
	Listener
	retry time.Duration // pause that the server wishes
	heard bool          // something came through this connection
}

func (s *listening) tell(connected bool) {
	if s.Connected != nil {
		s.Connected(connected)
	}
}

// final is the error that ends listening for good; nil if err may pass.
func (s *listening) final(err error) error {
	var p *Problem
	var foreign *NotConnectError
	switch {
	case s.heard:
		return nil
	case errors.As(err, &p):
		switch {
		case p.Status == http.StatusTooManyRequests || p.Status >= 500 && p.Status != http.StatusNotImplemented:
			return nil
		case p.Status == http.StatusNotFound || p.Status == http.StatusMethodNotAllowed || p.Status == http.StatusNotImplemented:
			return fmt.Errorf("%w: %w", ErrNoEvents, err)
		}
		return err
	case errors.As(err, &foreign):
		return fmt.Errorf("%w: %w", ErrNoEvents, err)
	}
	var u *UnreachableError
	if errors.As(err, &u) {
		return nil
	}
	return err
}

// pause before the next connection: at least what the server wishes, with
// jitter, so that many clients do not come back in step.
func (s *listening) pause(failures int, err error) time.Duration {
	most := min(listenBase<<min(failures, 10), listenCap)
	wait := s.retry + rand.N(most) //nolint:gosec // spreads load, guards nothing
	var p *Problem
	if errors.As(err, &p) {
		wait = max(wait, p.RetryAfter)
	}
	return wait
}

// once listens over one connection until that ends.
func (s *listening) once(parent context.Context, access string) error {
	ctx, cancel := context.WithCancelCause(parent)
	defer cancel(nil)
	watch := time.AfterFunc(s.c.timeout, func() { cancel(errNoReply) })
	defer watch.Stop()
	req := s.c.rest.R().SetContext(ctx).SetHeader("Authorization", "Bearer "+access).
		SetHeader("Accept", "text/event-stream, application/problem+json").SetHeader("Cache-Control", "no-store")
	if s.Last != "" {
		req.SetHeader("Last-Event-ID", s.Last)
	}
	address := s.c.base.String() + "/v1/events"
	resp, err := req.Execute(http.MethodGet, address)
	if err != nil {
		return s.lost(parent, ctx, address, err)
	}
	defer func() { _ = resp.RawBody().Close() }() // nothing more is wanted of it
	if err := s.c.isStream(resp); err != nil {
		return err
	}
	watch.Reset(listenSilence)
	r := newEventReader(resp.RawBody())
	r.lastID = s.Last
	for {
		b, err := r.next(func() {
			watch.Reset(listenSilence)
			if !s.heard {
				s.heard = true
				s.tell(true)
			}
		})
		s.Last = r.lastID
		if r.retry > 0 {
			s.retry = max(listenBase, r.retry)
		}
		if err != nil {
			return s.lost(parent, ctx, address, err)
		}
		s.Event(b.event())
	}
}

func (s *listening) lost(parent, ctx context.Context, address string, err error) error {
	if cause := context.Cause(ctx); cause != nil && parent.Err() == nil {
		err = cause
	}
	return unreachable(parent, address, err)
}

// isStream refuses a reply that is no stream of events.
func (c *Client) isStream(resp *resty.Response) error {
	raw := resp.RawResponse
	media, _, err := mime.ParseMediaType(raw.Header.Get("Content-Type"))
	if raw.StatusCode == http.StatusOK && err == nil && media == "text/event-stream" {
		return nil
	}
	body, err := io.ReadAll(io.LimitReader(raw.Body, problemMax))
	if err != nil {
		return unreachable(raw.Request.Context(), raw.Request.URL.String(), err)
	}
	r := reply{
		url: withoutSecrets(raw.Request.URL.String()), contentType: raw.Header.Get("Content-Type"), status: raw.StatusCode, body: body,
	}
	if raw.StatusCode >= 200 && raw.StatusCode <= 299 {
		return r.foreign(nil)
	}
	return c.failure(raw, r)
}

// event reads what a block tells. One that cannot be read was missed.
func (b block) event() Event {
	e := Event{}
	err := json.Unmarshal([]byte(b.data), &e)
	if err == nil && e.Backup != nil {
		err = checkBackup(e.Backup)
	}
	if b.tooLong || err != nil {
		return Event{ID: b.id, Type: EventReset}
	}
	if e.Type == "" {
		e.Type = EventType(b.name)
	}
	e.ID = b.id
	return e
}
