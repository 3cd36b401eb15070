package api

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/iotest"
	"testing/synctest"
	"time"
)

func TestEventsAreReadAsTheStandardSays(t *testing.T) { // WHATWG HTML, 9.2.6
	long := strings.Repeat("x", eventMax)
	for name, c := range map[string]struct{ stream, want string }{
		"plain":               {"data: a\n\n", "[  a]"},
		"all fields":          {"id: 7\nevent: e\ndata: a\n\n", "[7 e a]"},
		"several lines":       {"data: a\ndata\ndata:b\n\n", "[  a\n\nb]"},
		"CR and CRLF":         {"data: a\r\rdata: b\r\n\r\ndata: c\n\r\n", "[  a][  b][  c]"},
		"a mark at the start": {"\ufeffdata: a\n\n\ufeffdata: b\n\n", "[  a]"},
		"comments":            {": x\ndata: a\n: y\n\n:\n\n", "[  a]"},
		"one space only":      {"data:  a\ndata:b: c\n\n", "[   a\nb: c]"},
		"unknown fields":      {"data: a\nx: y\ndatax: z\n\n", "[  a]"},
		"IDs stay":            {"id: 1\ndata: a\n\ndata: b\n\nid\ndata: c\n\n", "[1  a][1  b][  c]"},
		"an ID alone counts":  {"id: 9\n\ndata: a\n\n", "[9  a]"},
		"an ID with NUL":      {"id: 1\n\nid: 2\x00\ndata: a\n\n", "[1  a]"},
		"no data, no event":   {"event: e\n\ndata: a\n\n", "[  a]"},
		"cut off":             {"data: a\n\ndata: b\n", "[  a]"},
		"cut off in a line":   {"data: a\n\ndata: b", "[  a]"},
		"empty data":          {"data:\n\n", "[  ]"},
		"too long a line":     {"id: 3\ndata: " + long + "y\n\ndata: b\n\n", "[3  too long][3  b]"},
		"too many lines":      {"data: " + long[:eventMax/2] + "\ndata: " + long[:eventMax/2] + "\ndata: z\n\ndata: b\n\n", "[  too long][  b]"},
	} {
		for _, wrap := range []func(io.Reader) io.Reader{func(r io.Reader) io.Reader { return r }, iotest.OneByteReader} {
			r, got := newEventReader(wrap(strings.NewReader(c.stream))), ""
			for {
				b, err := r.next(nil)
				if err != nil {
					if !errors.Is(err, io.ErrUnexpectedEOF) {
						t.Errorf("%s: %v", name, err)
					}
					break
				}
				if b.tooLong {
					b.data += "too long"
				}
				got += fmt.Sprintf("[%s %s %s]", b.id, b.name, b.data)
			}
			if got != c.want {
				t.Errorf("%s: got %.100q, want %q", name, got, c.want)
			}
		}
	}
}

func TestThePauseThatAServerWishes(t *testing.T) {
	for text, want := range map[string]time.Duration{"3000": 3 * time.Second, "x": 0, "-1": 0, "": 0, "99999999999999999999": retryCap, "1e3": 0} {
		r := newEventReader(strings.NewReader("retry: " + text + "\n\n"))
		if _, err := r.next(nil); err == nil || r.retry != want {
			t.Errorf("%q: %v", text, r.retry)
		}
	}
}

// FuzzEvents: whatever comes, reading ends, keeps its bounds, and does not
// depend on where the network cuts.
func FuzzEvents(f *testing.F) {
	for _, seed := range []string{"", "data: a\n\n", "\ufeffid: 1\r\nevent: e\rdata: {}\r\n\r\n", ":\nretry: 10\n\ndata\n\n", "id: \x00\ndata: \xff\n\n"} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, stream []byte) {
		read := func(from io.Reader) (all []block) {
			r := newEventReader(from)
			for {
				b, err := r.next(nil)
				if err != nil {
					return all
				}
				if len(b.data) > eventMax || strings.ContainsAny(b.id+b.name, "\r\n") || strings.Contains(b.id, "\x00") {
					t.Fatalf("%+v", b)
				}
				if e := b.event(); e.Type == "" && b.name != "" {
					t.Fatalf("%+v lost its name", b)
				}
				all = append(all, b)
			}
		}
		whole := read(strings.NewReader(string(stream)))
		if cut := read(iotest.HalfReader(strings.NewReader(string(stream)))); !slices.Equal(whole, cut) {
			t.Fatalf("%+v is not %+v", cut, whole)
		}
	})
}

// streamed answers with these pieces of a stream, and then ends it.
func streamed(w http.ResponseWriter, pieces ...string) {
	w.Header().Set("Content-Type", "text/event-stream; charset=utf-8")
	for _, p := range pieces {
		_, _ = io.WriteString(w, p)
		_ = http.NewResponseController(w).Flush()
	}
}

// heard is what a listener hears, in words, until it has heard so much.
type heard struct {
	words []string
	stop  int
	end   context.CancelFunc
}

func (h *heard) add(word string) {
	if h.stop > 0 && len(h.words) == h.stop { // what ending brings about
		return
	}
	if h.words = append(h.words, word); len(h.words) == h.stop {
		h.end()
	}
}

func (h *heard) listener() Listener {
	return Listener{
		Event: func(e Event) {
			title := ""
			if e.Backup != nil {
				title = " " + string(e.Backup.Status)
			}
			h.add(e.ID + " " + string(e.Type) + title)
		},
		Connected: func(on bool) { h.add(fmt.Sprint(on)) },
	}
}

// listenTo listens until stop words were heard, or for good.
func listenTo(t *testing.T, c *Client, last string, stop int) ([]string, error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	h := &heard{stop: stop, end: cancel}
	l := h.listener()
	l.Last = last
	err := c.Listen(ctx, l)
	return h.words, err
}

func TestListeningGoesOnWhereItWas(t *testing.T) {
	n := 0
	s := serve(t, func(w http.ResponseWriter, r *http.Request) {
		switch n++; n {
		case 1:
			streamed(w, "retry: 2000\nid: 5\n\n", "id: 6\nevent: backup.created\ndata: {\"type\":\"backup.created\",\"backup\":"+pendingBackup+"}\n\n")
		case 2: // a refusal that passes
			w.Header().Set("Retry-After", "7")
			sendProblem(w, 503, CodeMaintenance)
		case 3:
			streamed(w, "data: {\"type\":\"backup.progress\"}\n\n", "id: 7\ndata: {\"type\":\"backup.ready\",\"backup\":{\"id\":\"b\",\"status\":\"brand-new\"}}\n\n",
				"id: 8\ndata: not JSON\n\n", "id: 9\nevent: something.new\ndata: {}\n\n", ": alive\n\n", "id: 10\ndata: {\"type\":\"backup")
		default:
			streamed(w, "id: 10\nevent: reset\ndata: {\"type\":\"reset\"}\n\n")
		}
	})
	c, naps := client(t, s, signedIn())
	got, err := listenTo(t, c, "4", 11)
	want := []string{
		"true", "6 backup.created pending", "false",
		"true", "6 backup.progress", "7 backup.ready other", "8 reset", "9 something.new", "false",
		"true", "10 reset",
	}
	if !slices.Equal(got, want) || !errors.Is(err, context.Canceled) {
		t.Errorf("%v\n got %q\nwant %q", err, got, want)
	}
	var last []string
	for i := range 4 {
		last = append(last, s.header(i, "Last-Event-ID"))
	}
	// The event that was cut off is asked for again.
	if !slices.Equal(last, []string{"4", "6", "6", "9"}) || s.header(0, "Accept") != "text/event-stream, application/problem+json" || s.header(0, "Authorization") != "Bearer "+oldToken {
		t.Errorf("asked after %q with %v", last, s.asked[0].Header)
	}
	pauses := naps.all()
	if len(pauses) != 3 || pauses[0] < 2*time.Second || pauses[0] > 3*time.Second || pauses[1] < 7*time.Second || pauses[2] < 2*time.Second {
		t.Errorf("pauses %v", pauses)
	}
}

func TestListeningEndsWhereItHasNoUse(t *testing.T) {
	for name, c := range map[string]struct {
		answer http.HandlerFunc
		want   func(error) bool
	}{
		"not there":    {func(w http.ResponseWriter, _ *http.Request) { sendProblem(w, 404, CodeNotFound) }, func(err error) bool { return errors.Is(err, ErrNoEvents) }},
		"not built":    {func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(501) }, func(err error) bool { return errors.Is(err, ErrNoEvents) }},
		"another page": {func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "<html>") }, func(err error) bool { return errors.Is(err, ErrNoEvents) }},
		"JSON":         {answering(`{}`), func(err error) bool { return errors.Is(err, ErrNoEvents) }},
		"forbidden":    {func(w http.ResponseWriter, _ *http.Request) { sendProblem(w, 403, CodePermissionDenied) }, func(err error) bool { return IsCode(err, CodePermissionDenied) }},
		"signed out":   {func(w http.ResponseWriter, _ *http.Request) { sendProblem(w, 401, CodeSessionExpired) }, func(err error) bool { return errors.Is(err, ErrSignedOut) }},
	} {
		t.Run(name, func(t *testing.T) {
			c2, naps := client(t, serve(t, c.answer), signedIn())
			words, err := listenTo(t, c2, "", 0)
			if !c.want(err) || len(words) > 0 || len(naps.all()) > 0 {
				t.Errorf("%v, heard %q", err, words)
			}
			silentAbout(t, err)
		})
	}
}

func TestListeningRenewsTheSession(t *testing.T) {
	s := serve(t, func(w http.ResponseWriter, r *http.Request) {
		switch {
		case r.URL.Path == "/v1/session/refresh":
			sendJSON(w, 200, sessionReply)
		case r.Header.Get("Authorization") == "Bearer "+oldToken:
			sendProblem(w, 401, CodeSessionExpired)
		default:
			streamed(w, "id: 1\ndata: {\"type\":\"modules.changed\"}\n\n")
		}
	})
	c, _ := client(t, s, signedIn())
	if got, _ := listenTo(t, c, "", 2); !slices.Equal(got, []string{"true", "1 modules.changed"}) {
		t.Errorf("heard %q", got)
	}
}

func TestAServerThatIsAwayIsWaitedFor(t *testing.T) {
	s := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, "") // says nothing that could be understood: the connection is cut
		panic(http.ErrAbortHandler)
	})
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	c, naps := client(t, s, signedIn())
	naps.nap = func(n int) error {
		if n == 8 {
			cancel()
			return ctx.Err()
		}
		return nil
	}
	err := c.Listen(ctx, Listener{Event: func(Event) { t.Error("what?") }})
	pauses := naps.all()
	if !errors.Is(err, context.Canceled) || len(pauses) != 8 || slices.Max(pauses) > listenCap+listenBase || slices.Min(pauses) < listenBase {
		t.Errorf("%v after %v", err, pauses)
	}
}

// silentTransport opens a stream that says one thing and then nothing.
type silentTransport struct{ opened int }

func (s *silentTransport) RoundTrip(r *http.Request) (*http.Response, error) {
	s.opened++
	pr, pw := io.Pipe()
	go func() {
		_, _ = io.WriteString(pw, "id: 1\n\n")
		<-r.Context().Done()
		_ = pw.CloseWithError(context.Cause(r.Context()))
	}()
	return &http.Response{
		StatusCode: 200, Header: http.Header{"Content-Type": {"text/event-stream"}}, Body: pr, Request: r, ProtoMajor: 1, ProtoMinor: 1,
	}, nil
}

func TestAConnectionThatDiedIsNoticed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		transport := &silentTransport{}
		c, err := New(Options{BaseURL: "http://localhost", Transport: transport, Tokens: signedIn()})
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
		defer cancel()
		var on int
		err = c.Listen(ctx, Listener{Event: func(Event) {}, Connected: func(b bool) {
			if b {
				on++
			}
		}})
		if !errors.Is(err, context.DeadlineExceeded) || transport.opened != 5 || on != 5 {
			t.Errorf("%v: opened %d times in five minutes, connected %d times", err, transport.opened, on)
		}
	})
}
