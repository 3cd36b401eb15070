package api

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"
)

// content is the archive of these tests; its own server is net/http's.
var content = bytes.Repeat([]byte("0123456789abcdef"), 100)

const strongTag = `"sha256-x"`

func goodArchive(w http.ResponseWriter, r *http.Request) {
	sum := sha256.Sum256(content)
	w.Header().Set("ETag", strongTag)
	w.Header().Set("Content-Type", "application/zip")
	w.Header().Set("Content-Disposition", `attachment; filename="acme.zip"; filename*=UTF-8''M%C3%BCller.zip`)
	w.Header().Set("Repr-Digest", "sha-512=:AAAA:, sha-256=:"+base64.StdEncoding.EncodeToString(sum[:])+":")
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(content))
}

// opening opens the archive by both ways, which must do the same.
func opening(t *testing.T, answer http.HandlerFunc, from, to int64, ifRange string, check func(t *testing.T, b *ArchiveBody, err error)) *site {
	t.Helper()
	s := serve(t, answer)
	c, _ := client(t, s, signedIn())
	t.Run("client", func(t *testing.T) {
		b, err := c.OpenArchive(t.Context(), "bkp_1", from, to, ifRange)
		check(t, b, err)
	})
	t.Run("fetcher", func(t *testing.T) {
		b, err := NewFetcher(FetchOptions{}).Open(t.Context(), s.URL+"/x.zip?sig=SECRET", from, to, ifRange)
		check(t, b, err)
		silentAbout(t, err)
	})
	if got := len(s.requests()); got != 2 {
		t.Errorf("an archive is asked for once, not %v", s.requests())
	}
	return s
}

func TestOpenArchive(t *testing.T) {
	size := int64(len(content))
	sum := sha256.Sum256(content)
	for _, c := range []struct {
		name     string
		from, to int64
		ifRange  string
		asked    string
		gFrom    int64
		gTo      int64
	}{
		{"all", 0, -1, "", "bytes=0-", 0, size},
		{"the rest", 100, -1, strongTag, "bytes=100-", 100, size},
		{"the middle", 100, 200, strongTag, "bytes=100-199", 100, 200},
		{"one byte", 7, 8, "", "bytes=7-7", 7, 8},
		{"more than there is", 1500, 99999, "", "bytes=1500-99998", 1500, size},
		{"of a file that has changed", 100, -1, `"other"`, "bytes=100-", 0, size}, // 200
	} {
		t.Run(c.name, func(t *testing.T) {
			s := opening(t, goodArchive, c.from, c.to, c.ifRange, func(t *testing.T, b *ArchiveBody, err error) {
				if err != nil {
					t.Fatal(err)
				}
				all, err := io.ReadAll(b)
				if err = errors.Join(err, b.Close()); err != nil {
					t.Fatal(err)
				}
				if b.From != c.gFrom || b.To != c.gTo || b.Total != size {
					t.Errorf("granted %d to %d of %d", b.From, b.To, b.Total)
				}
				if !bytes.Equal(all, content[c.gFrom:c.gTo]) {
					t.Errorf("%d other bytes", len(all))
				}
				if b.ETag != strongTag || b.SHA256 != hex.EncodeToString(sum[:]) || b.FileName != "Müller.zip" {
					t.Errorf("ETag %s, SHA-256 %s, name %q", b.ETag, b.SHA256, b.FileName)
				}
			})
			for n := range 2 {
				if s.header(n, "Range") != c.asked || s.header(n, "If-Range") != c.ifRange || s.header(n, "Accept-Encoding") != "identity" {
					t.Errorf("asked with %v", s.asked[n].Header)
				}
			}
		})
	}
}

func TestNonsenseRangesAreNotAsked(t *testing.T) {
	s := serve(t, goodArchive)
	c, _ := client(t, s, signedIn())
	for _, r := range [][2]int64{{-1, -1}, {5, 5}, {5, 4}, {0, 0}} {
		_, err := c.OpenArchive(t.Context(), "bkp_1", r[0], r[1], "")
		isA[*RangeError](t, err)
	}
	if len(s.requests()) != 0 {
		t.Errorf("asked %v", s.requests())
	}
}

// partial answers 206 with these headers, "Name: value", and this body.
func partial(body string, headers ...string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/zip")
		for _, h := range headers {
			name, value, _ := strings.Cut(h, ": ")
			if name == "Content-Type" {
				w.Header().Del(name)
			}
			w.Header().Add(name, value)
		}
		w.WriteHeader(206)
		_, _ = io.WriteString(w, body)
	}
}

func TestPartialRepliesThatAreWrong(t *testing.T) {
	for _, c := range []struct {
		name   string
		answer http.HandlerFunc
		to     int64
	}{
		{"begins before", partial("0123456789", "Content-Range: bytes 9-18/100"), -1},
		{"begins after", partial("0123456789", "Content-Range: bytes 11-20/100"), -1},
		{"begins at 0", partial("0123456789", "Content-Range: bytes 0-9/100"), -1},
		{"reaches further", partial("0123456789x", "Content-Range: bytes 10-20/100"), 20},
		{"ends before it begins", partial("", "Content-Range: bytes 10-9/100"), -1},
		{"ends past the end", partial("0123456789", "Content-Range: bytes 10-19/19"), -1},
		{"size not told", partial("0123456789", "Content-Range: bytes 10-19/*"), -1},
		{"no Content-Range", partial("0123456789"), -1},
		{"two of them", partial("0123456789", "Content-Range: bytes 10-19/100", "Content-Range: bytes 0-9/100"), -1},
		{"another unit", partial("0123456789", "Content-Range: lines 10-19/100"), -1},
		{"garbage", partial("0123456789", "Content-Range: bytes ten-nineteen/100"), -1},
		{"signs", partial("0123456789", "Content-Range: bytes +10-19/100"), -1},
		{"overflow", partial("0123456789", "Content-Range: bytes 10-19/99999999999999999999"), -1},
		{"length differs", partial("0123456789", "Content-Range: bytes 10-99/100", "Content-Length: 10"), -1},
		{"several ranges", partial("--x\r\n", "Content-Type: multipart/byteranges; boundary=x"), -1},
	} {
		t.Run(c.name, func(t *testing.T) {
			opening(t, c.answer, 10, c.to, "", func(t *testing.T, _ *ArchiveBody, err error) {
				if e := as[*GrantError](t, err); e.Detail == "" || !strings.HasPrefix(e.Asked, "bytes=10-") {
					t.Errorf("%+v", e)
				}
			})
		})
	}
}

func TestLessThanAskedIsReported(t *testing.T) {
	opening(t, partial("0123456789", "Content-Range: bytes 10-19/100", `ETag: W/"weak"`), 10, -1, "", func(t *testing.T, b *ArchiveBody, err error) {
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = b.Close() }()
		if b.From != 10 || b.To != 20 || b.Total != 100 || b.ETag != `W/"weak"` || b.SHA256 != "" || b.FileName != "" {
			t.Errorf("%+v", b)
		}
	})
}

func TestRepliesThatAreNoArchive(t *testing.T) {
	reply := func(status int, header, body string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			name, value, _ := strings.Cut(header, ": ")
			w.Header().Set("Content-Type", "application/zip")
			w.Header().Set(name, value)
			w.WriteHeader(status)
			_, _ = io.WriteString(w, body)
		}
	}
	problem := func(code Code, status int) func(*testing.T, error) {
		return func(t *testing.T, err error) {
			if p := as[*Problem](t, err); p.Code != code || p.Status != status {
				t.Errorf("%+v", p)
			}
		}
	}
	foreign := func(t *testing.T, err error) {
		if n := as[*NotConnectError](t, err); n.URL == "" || strings.Contains(n.URL, "?") {
			t.Errorf("%+v", n)
		}
	}
	for _, c := range []struct {
		name   string
		answer http.HandlerFunc
		check  func(*testing.T, error)
	}{
		{"login page", reply(200, "Content-Type: text/html; charset=utf-8", "<html>"), foreign},
		{"login page in part", reply(206, "Content-Type: text/html", "<html>"), foreign},
		{"JSON", reply(200, "Content-Type: application/json", "{}"), foreign},
		{"no content", reply(204, "X: y", ""), foreign},
		{"not modified", reply(304, "X: y", ""), foreign},
		{"redirect without a target", reply(302, "X: y", ""), foreign},
		{"gzip", reply(200, "Content-Encoding: gzip", "\x1f\x8b"), func(t *testing.T, err error) {
			if e := as[*EncodingError](t, err); e.Encoding != "gzip" {
				t.Errorf("%+v", e)
			}
		}},
		{"gzip in part", reply(206, "Content-Encoding: gzip", "\x1f\x8b"), func(t *testing.T, err error) { isA[*EncodingError](t, err) }},
		{"416", reply(416, "Content-Range: bytes */1600", ""), func(t *testing.T, err error) {
			if e := as[*RangeError](t, err); e.Total != 1600 || e.From != 10 {
				t.Errorf("%+v", e)
			}
		}},
		{"416 without the size", reply(416, "X: y", ""), func(t *testing.T, err error) {
			if e := as[*RangeError](t, err); e.Total != -1 {
				t.Errorf("%+v", e)
			}
		}},
		{"not ready", status(409, CodeBackupNotReady, "5"), func(t *testing.T, err error) {
			problem(CodeBackupNotReady, 409)(t, err)
			if p := as[*Problem](t, err); p.RetryAfter != 5*time.Second || p.RequestID != "req-7" {
				t.Errorf("%+v", p)
			}
		}},
		{"expired", func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "application/problem+json")
			w.WriteHeader(410)
			_, _ = io.WriteString(w, `{"code":"archive-expired","deleted_at":"2026-01-02T03:04:05Z"}`)
		}, func(t *testing.T, err error) {
			problem(CodeArchiveExpired, 410)(t, err)
			if p := as[*Problem](t, err); p.DeletedAt == nil || p.DeletedAt.Year() != 2026 {
				t.Errorf("%+v", p)
			}
		}},
		{"403 of a store for signed addresses", reply(403, "Content-Type: application/xml", "<Error>SECRET</Error>"), problem(CodePermissionDenied, 403)},
		{"404 of a file server", reply(404, "Content-Type: text/html", "<html>"), problem(CodeNotFound, 404)},
		{"410 of a file server", reply(410, "Content-Type: text/plain", "gone"), problem(CodeArchiveDeleted, 410)},
		{"412", reply(412, "X: y", ""), problem(CodePreconditionFailed, 412)},
		{"429 with a date", func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Date", "Sun, 01 Mar 2020 08:00:00 GMT")
			w.Header().Set("Retry-After", "Sun, 01 Mar 2020 08:00:45 GMT")
			w.WriteHeader(429)
		}, func(t *testing.T, err error) {
			problem(CodeRateLimited, 429)(t, err)
			if p := as[*Problem](t, err); p.RetryAfter != 45*time.Second {
				t.Errorf("%+v", p)
			}
		}},
		{"500", reply(500, "X: y", ""), problem(CodeInternal, 500)},
		{"502", reply(502, "Content-Type: text/html", "<html>"), problem(CodeInternal, 502)},
		{"503 with a problem cut short", reply(503, "Content-Type: application/problem+json", `{"code":"mainte`), problem(CodeMaintenance, 503)},
		{"400", reply(400, "X: y", ""), problem(CodeValidation, 400)},
		{"cut before the reply", cut, func(t *testing.T, err error) { unreachableFor(ReasonCut)(t, err) }},
	} {
		t.Run(c.name, func(t *testing.T) {
			// net/http itself tries again when an idle connection breaks off;
			// opening counts on one request for each.
			opening(t, c.answer, 10, -1, strongTag, func(t *testing.T, b *ArchiveBody, err error) {
				if b != nil {
					t.Error("a body beside an error")
				}
				c.check(t, err)
				silentAbout(t, err)
			})
		})
	}
}

func TestABodyThatEndsEarlyIsNoProperEnd(t *testing.T) {
	for name, answer := range map[string]http.HandlerFunc{
		"reset": func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Range", "bytes 10-1599/1600")
			w.Header().Set("Content-Length", "1590")
			w.WriteHeader(206)
			_, _ = w.Write(content[10:500])
			_ = http.NewResponseController(w).Flush()
			panic(http.ErrAbortHandler)
		},
		"chunked, with a clean end": partial(string(content[10:500]), "Content-Range: bytes 10-1599/1600", "Transfer-Encoding: chunked"),
		"till the connection closes": func(w http.ResponseWriter, _ *http.Request) {
			conn, buf, err := http.NewResponseController(w).Hijack()
			if err != nil {
				return
			}
			_, _ = fmt.Fprintf(buf, "HTTP/1.1 206 Partial Content\r\nContent-Range: bytes 10-1599/1600\r\nConnection: close\r\n\r\n%s", content[10:500])
			_ = buf.Flush()
			_ = conn.Close()
		},
	} {
		t.Run(name, func(t *testing.T) {
			opening(t, answer, 10, -1, "", func(t *testing.T, b *ArchiveBody, err error) {
				if err != nil {
					t.Fatal(err)
				}
				defer func() { _ = b.Close() }()
				got, err := io.ReadAll(b)
				unreachableFor(ReasonCut)(t, err)
				silentAbout(t, err)
				if !bytes.HasPrefix(content[10:], got) {
					t.Error("other bytes")
				}
			})
		})
	}
}

func TestABodyIsNeverLongerThanGranted(t *testing.T) {
	long := func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Range", "bytes 10-19/1600")
		w.Header().Set("Transfer-Encoding", "chunked")
		w.WriteHeader(206)
		_, _ = w.Write(content[10:])
	}
	opening(t, long, 10, 20, "", func(t *testing.T, b *ArchiveBody, err error) {
		if err != nil {
			t.Fatal(err)
		}
		got, err := io.ReadAll(b)
		if err = errors.Join(err, b.Close()); err != nil || !bytes.Equal(got, content[10:20]) {
			t.Errorf("%q, %v", got, err)
		}
	})
}

func TestABodyWithoutLength(t *testing.T) {
	chunked := func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/zip")
		_ = http.NewResponseController(w).Flush()
		_, _ = w.Write(content)
	}
	opening(t, chunked, 0, -1, "", func(t *testing.T, b *ArchiveBody, err error) {
		if err != nil {
			t.Fatal(err)
		}
		got, err := io.ReadAll(b)
		if err = errors.Join(err, b.Close()); err != nil || !bytes.Equal(got, content) || b.From != 0 || b.To != -1 || b.Total != -1 {
			t.Errorf("%d bytes, %d to %d of %d, %v", len(got), b.From, b.To, b.Total, err)
		}
	})
}

func TestCancellingABody(t *testing.T) {
	s := serve(t, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Length", "1600")
		_, _ = w.Write(content[:100])
		_ = http.NewResponseController(w).Flush()
		<-r.Context().Done()
	})
	c, _ := client(t, s, signedIn())
	ctx, cancel := context.WithCancel(t.Context())
	b, err := c.OpenArchive(ctx, "bkp_1", 0, -1, "")
	if err != nil {
		t.Fatal(err)
	}
	cancel()
	if _, err := io.ReadAll(b); !errors.Is(err, context.Canceled) {
		t.Errorf("reading: %v", err)
	}
	if err := b.Close(); err != nil {
		t.Errorf("closing: %v", err)
	}

	// Closing alone ends the reply too, and frees the server.
	if b, err = c.OpenArchive(t.Context(), "bkp_1", 0, -1, ""); err != nil {
		t.Fatal(err)
	}
	if err := b.Close(); err != nil {
		t.Errorf("closing: %v", err)
	}
}

// A refusal whose words never end must not hold the caller.
func TestARefusalThatStalls(t *testing.T) {
	s := serve(t, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/problem+json")
		w.WriteHeader(410)
		_, _ = io.WriteString(w, `{"code":"archive-`)
		_ = http.NewResponseController(w).Flush()
		<-r.Context().Done()
	})
	c, _ := client(t, s, signedIn())
	c.archive.timeout = 100 * time.Millisecond
	_, err := c.OpenArchive(t.Context(), "bkp_1", 0, -1, "")
	if p := as[*Problem](t, err); p.Status != 410 || p.Code != CodeArchiveDeleted {
		t.Errorf("%+v", p)
	}
}

func TestArchivesGoOverHTTP1(t *testing.T) {
	// Every stream of a download then has a connection of its own.
	proto := make(chan string, 1)
	s := serveTLS(t, func(w http.ResponseWriter, r *http.Request) { proto <- r.Proto; goodArchive(w, r) })
	transport := newTransport(true)
	transport.TLSClientConfig.RootCAs = s.Client().Transport.(*http.Transport).TLSClientConfig.RootCAs
	b, err := NewFetcher(FetchOptions{Transport: transport}).Open(t.Context(), s.URL, 0, -1, "")
	if err != nil {
		t.Fatal(err)
	}
	_ = b.Close()
	if got := <-proto; got != "HTTP/1.1" {
		t.Errorf("got %s", got)
	}
}

func TestDigestsAndNames(t *testing.T) {
	sum := strings.Repeat("ab", 32)
	raw, err := hex.DecodeString(sum)
	if err != nil {
		t.Fatal(err)
	}
	good := ":" + base64.StdEncoding.EncodeToString(raw) + ":"
	for _, c := range []struct {
		fields []string
		want   string
	}{
		{[]string{"sha-256=" + good}, sum},
		{[]string{"SHA-256=" + good}, sum},
		{[]string{"sha-512=:AAAA:, sha-256=" + good}, sum},
		{[]string{"sha-512=:AAAA:", "sha-256=" + good + ";q=1"}, sum},
		{[]string{"sha-256=" + strings.Trim(good, ":")}, ""},
		{[]string{"sha-256=:AAAA:"}, ""},
		{[]string{"sha-256=:!:"}, ""},
		{[]string{"sha-256=:"}, ""},
		{[]string{"sha-256"}, ""},
		{nil, ""},
	} {
		if got := sha256Of(c.fields); got != c.want {
			t.Errorf("%q: got %q", c.fields, got)
		}
	}
	for disposition, want := range map[string]string{
		"":                                   "",
		"attachment":                         "",
		`attachment; filename="a b.zip"`:     "a b.zip",
		`attachment; filename=a.zip`:         "a.zip",
		`attachment; filename="../../x.zip"`: "../../x.zip", // whoever uses it makes it safe
		`attachment; filename*=UTF-8''%e2%82%ac%20rates.zip`: "€ rates.zip",
		`attachment; filename="a`:                            "",
	} {
		if got := fileNameOf(disposition); got != want {
			t.Errorf("%s: got %q, want %q", disposition, got, want)
		}
	}
}

// D53: a download that fails again and again must not wear the program out.
func TestFailuresLeaveNothingBehind(t *testing.T) {
	s := serve(t, func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Query().Get("n") {
		case "0":
			status(503, CodeMaintenance, "")(w, r)
		case "1":
			cut(w, r)
		case "2":
			partial("x", "Content-Range: bytes 0-0/9")(w, r)
		default:
			goodArchive(w, r)
		}
	})
	before := goleak.IgnoreCurrent()
	transport := newTransport(true)
	f := NewFetcher(FetchOptions{Transport: transport})
	for n := range 200 {
		b, err := f.Open(t.Context(), fmt.Sprintf("%s/?n=%d", s.URL, n%5), 1, -1, "")
		if err != nil {
			continue
		}
		if n%5 == 4 { // given up in the middle
			_, err = io.CopyN(io.Discard, b, 3)
		} else {
			_, err = io.Copy(io.Discard, b)
		}
		if err = errors.Join(err, b.Close()); err != nil {
			t.Error(err)
		}
	}
	transport.CloseIdleConnections()
	s.CloseClientConnections()
	goleak.VerifyNone(t, before)
}

func FuzzContentRange(f *testing.F) {
	for _, s := range []string{"bytes 0-99/100", "bytes */100", "bytes 0-0/*", "Bytes 5-9/10", "bytes 9-5/10", "bytes  1-2/3 ", ""} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		start, end, total, ok := parseContentRange(s)
		if ok && (start < 0 || end <= start || total < end) {
			t.Errorf("%q was read as %d to %d of %d", s, start, end, total)
		}
		if totalOf(s) < -1 {
			t.Errorf("%q has size %d", s, totalOf(s))
		}
	})
}
