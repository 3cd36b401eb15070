package api

import (
	"context"
	"errors"
	"io"
	"net/http"
	"testing"
	"time"
)

// failing answers the first n requests by fail, then all by answer.
func failing(n int, fail, answer http.HandlerFunc) http.HandlerFunc {
	left := make(chan struct{}, n)
	for range n {
		left <- struct{}{}
	}
	return func(w http.ResponseWriter, r *http.Request) {
		select {
		case <-left:
			fail(w, r)
		default:
			answer(w, r)
		}
	}
}

func cut(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }

func status(code int, c Code, retryAfter string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		if retryAfter != "" {
			w.Header().Set("Retry-After", retryAfter)
		}
		sendProblem(w, code, c)
	}
}

func TestRetriesOfWhatChangesNothingTwice(t *testing.T) {
	for _, c := range []struct {
		name  string
		fail  http.HandlerFunc
		fails int
		asked int
		ok    bool
	}{
		{"cut", cut, 3, 4, true},
		{"cut for long", cut, 9, 4, false},
		{"500", status(500, CodeInternal, ""), 2, 3, true},
		{"502 of a gateway, in HTML", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(502); _, _ = io.WriteString(w, "<html>") }, 1, 2, true},
		{"503", status(503, CodeMaintenance, ""), 3, 4, true},
		{"504", status(504, CodeInternal, ""), 9, 4, false},
		{"429", status(429, CodeRateLimited, "3"), 1, 2, true},
		{"503 for an hour", status(503, CodeMaintenance, "3600"), 1, 1, false},
		{"404", status(404, CodeNotFound, ""), 1, 1, false},
		{"403", status(403, CodePermissionDenied, ""), 1, 1, false},
		{"422", status(422, CodeValidation, ""), 1, 1, false},
		{"501", status(501, CodeInternal, ""), 1, 1, false},
		{"507", status(507, CodeInsufficientStorage, ""), 1, 1, false},
		{"body cut short", func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "application/json")
			w.Header().Set("Content-Length", "1000")
			_, _ = io.WriteString(w, completedBackup)
		}, 1, 2, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			calls := map[string]func(*Client) error{
				"get": func(client *Client) error { _, err := client.Backup(t.Context(), "bkp_1"); return err },
				"create": func(client *Client) error {
					_, err := client.CreateBackup(t.Context(), "key-1", NewBackup{Title: "T"})
					return err
				},
			}
			for name, call := range calls {
				s := serve(t, failing(c.fails, c.fail, func(w http.ResponseWriter, _ *http.Request) { sendJSON(w, 202, pendingBackup) }))
				client, n := client(t, s, signedIn())
				err := call(client)
				if (err == nil) != c.ok || len(s.requests()) != c.asked || len(n.all()) != c.asked-1 {
					t.Errorf("%s: %v after %v, pauses %v", name, err, s.requests(), n.all())
				}
				for i := range s.requests() {
					if name == "create" && s.header(i, "Idempotency-Key") != "key-1" {
						t.Errorf("attempt %d has key %q", i, s.header(i, "Idempotency-Key"))
					}
				}
			}
		})
	}
}

func TestCreateIsRepeatedWhileItsFirstAttemptIsWorkedOn(t *testing.T) {
	s := serve(t, failing(2, status(409, CodeIdempotencyInProgress, "1"), func(w http.ResponseWriter, _ *http.Request) { sendJSON(w, 202, pendingBackup) }))
	c, n := client(t, s, signedIn())
	if _, err := c.CreateBackup(t.Context(), "k", NewBackup{}); err != nil || len(n.all()) != 2 {
		t.Errorf("%v, pauses %v", err, n.all())
	}
}

func TestWhatMayHaveBeenDoneIsNotRepeated(t *testing.T) {
	for name, call := range map[string]func(*Client) error{
		"sign in": func(c *Client) error { _, err := c.SignIn(t.Context(), SignIn{}); return err },
		"cancel":  func(c *Client) error { _, err := c.CancelBackup(t.Context(), "bkp_1"); return err },
	} {
		s := serve(t, cut)
		c, _ := client(t, s, signedIn())
		if err := call(c); err == nil || len(s.requests()) != 1 {
			t.Errorf("%s: %v after %v", name, err, s.requests())
		}
	}
	// A server that says it did nothing may be asked again.
	s := serve(t, failing(1, status(503, CodeMaintenance, ""), func(w http.ResponseWriter, _ *http.Request) { sendJSON(w, 200, completedBackup) }))
	c, _ := client(t, s, signedIn())
	if _, err := c.CancelBackup(t.Context(), "bkp_1"); err != nil || len(s.requests()) != 2 {
		t.Errorf("cancel: %v after %v", err, s.requests())
	}
}

func TestPausesBetweenAttempts(t *testing.T) {
	s := serve(t, failing(3, status(503, CodeMaintenance, "25"), func(w http.ResponseWriter, _ *http.Request) { sendJSON(w, 200, completedBackup) }))
	c, n := client(t, s, signedIn())
	if _, err := c.Backup(t.Context(), "bkp_1"); err != nil {
		t.Fatal(err)
	}
	for _, d := range n.all() {
		if d < 25*time.Second || d > 33*time.Second {
			t.Errorf("waited %v although the server said 25 s", d)
		}
	}
	// Full jitter: anything up to 0.5, 1, 2 s, and not always the same.
	differ := map[time.Duration]bool{}
	for range 200 {
		for i, longest := range []time.Duration{500 * time.Millisecond, time.Second, 2 * time.Second} {
			d, again := retryAlways.pause(i, &Problem{Status: 500})
			if !again || d <= 0 || d > longest {
				t.Fatalf("pause %d is %v, %v", i, d, again)
			}
			differ[d] = true
		}
	}
	if len(differ) < 100 {
		t.Errorf("only %d different pauses", len(differ))
	}
	if _, again := retryAlways.pause(retryMax, &Problem{Status: 500}); again {
		t.Error("a fourth retry")
	}
}

func TestTheContextEndsRetries(t *testing.T) {
	ctx, cancel := context.WithCancelCause(t.Context())
	s := serve(t, cut)
	c, n := client(t, s, signedIn())
	n.nap = func(int) error { cancel(nil); return ctx.Err() }
	if _, err := c.Backup(ctx, "bkp_1"); !errors.Is(err, context.Canceled) || len(s.requests()) != 1 {
		t.Errorf("%v after %v", err, s.requests())
	}
	if err := sleep(ctx, time.Hour); !errors.Is(err, context.Canceled) {
		t.Errorf("sleeping: %v", err)
	}
	if err := sleep(t.Context(), time.Nanosecond); err != nil {
		t.Errorf("sleeping: %v", err)
	}
}

func TestRetryAfter(t *testing.T) {
	now := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	const serverDate = "Sun, 01 Mar 2020 08:00:00 GMT" // far from the device's clock
	for _, c := range []struct {
		value, date string
		want        time.Duration
	}{
		{"", "", 0},
		{"0", "", 0},
		{"7", "", 7 * time.Second},
		{" 7 ", "", 7 * time.Second},
		{"-7", "", 0},
		{"7.5", "", 0},
		{"soon", "", 0},
		{"3600", "", time.Hour},
		{"3601", "", time.Hour},
		{"99999999999999999999999999", "", time.Hour},
		{"Sun, 01 Mar 2026 12:00:30 GMT", "", 30 * time.Second},
		{"Sun, 01 Mar 2026 11:00:00 GMT", "", 0},
		{"Sunday, 01-Mar-26 12:00:30 GMT", "", 30 * time.Second}, // the old form of RFC 850
		{"Fri, 31 Dec 9999 23:59:59 GMT", "", time.Hour},
		{"Sun, 01 Mar 2020 08:00:45 GMT", serverDate, 45 * time.Second},
		{"Sun, 01 Mar 2020 08:00:45 GMT", "garbage", 0},
	} {
		h := http.Header{}
		h.Set("Retry-After", c.value)
		h.Set("Date", c.date)
		if got := retryAfter(h, now); got != c.want {
			t.Errorf("%q, Date %q: got %v, want %v", c.value, c.date, got, c.want)
		}
	}
}

func FuzzRetryAfter(f *testing.F) {
	f.Add("7", "")
	f.Add("Sun, 01 Mar 2026 12:00:30 GMT", "Sun, 01 Mar 2026 12:00:00 GMT")
	f.Fuzz(func(t *testing.T, value, date string) {
		if d := retryAfter(http.Header{"Retry-After": {value}, "Date": {date}}, time.Unix(0, 0)); d < 0 || d > time.Hour {
			t.Errorf("%v", d)
		}
	})
}
