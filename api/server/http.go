package server

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"net"
	"net/http"
	"runtime/debug"
	"strconv"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"connectbackup/api"
)

// bodyMax is the longest request, in bytes.
const bodyMax = 64 << 10

// around gives every reply its Date and X-Request-Id, bounds the request, and
// turns a panic into a problem without details.
func (s *Server) around(next http.Handler) http.Handler {
	return http.HandlerFunc(func(raw http.ResponseWriter, r *http.Request) {
		id := "req_" + rand.Text()
		w := &replyWriter{ResponseWriter: raw}
		w.Header().Set("Date", s.clock().UTC().Format(http.TimeFormat))
		w.Header().Set("X-Request-Id", id)
		w.Header().Set("X-Content-Type-Options", "nosniff")
		log := s.log.With("request", id)
		r = r.WithContext(context.WithValue(r.Context(), logKey{}, log))
		r.Body = http.MaxBytesReader(w, r.Body, bodyMax)
		defer func() {
			p := recover()
			if p == nil {
				return
			}
			if isAbort(p) {
				panic(p)
			}
			log.Error("panic", "method", r.Method, "path", r.URL.Path, "panic", p, "stack", string(debug.Stack()))
			if w.wrote {
				panic(http.ErrAbortHandler) // the client must not take the reply for whole
			}
			writeProblem(w, internal())
		}()
		next.ServeHTTP(w, r)
	})
}

func isAbort(p any) bool {
	err, ok := p.(error)
	return ok && errors.Is(err, http.ErrAbortHandler)
}

// replyWriter knows whether the reply has begun, and leaves the fast ways of
// the writer below open.
type replyWriter struct {
	http.ResponseWriter
	wrote bool
}

func (w *replyWriter) WriteHeader(status int) {
	w.wrote = true
	w.ResponseWriter.WriteHeader(status)
}

func (w *replyWriter) Write(b []byte) (int, error) {
	w.wrote = true
	return w.ResponseWriter.Write(b)
}

// ReadFrom lets a file go to a socket without passing through the program.
func (w *replyWriter) ReadFrom(r io.Reader) (int64, error) {
	w.wrote = true
	return io.Copy(w.ResponseWriter, r)
}

// Unwrap is for http.ResponseController.
func (w *replyWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }

func writeProblem(w http.ResponseWriter, f *fault) {
	h := w.Header()
	for name, values := range f.header {
		h[name] = values
	}
	b, err := json.Marshal(f)
	if err != nil { // a problem is made of texts and numbers
		panic(err)
	}
	for _, name := range []string{"Content-Encoding", "Content-Disposition", "Etag", "Last-Modified", "Repr-Digest"} {
		h.Del(name)
	}
	h.Set("Content-Type", "application/problem+json")
	h.Set("Content-Length", strconv.Itoa(len(b)))
	w.WriteHeader(f.Status)
	if _, err := w.Write(b); err != nil {
		panic(http.ErrAbortHandler) // the client has gone
	}
}

// conditional is the reply of a JSON endpoint with an ETag.
type conditional[T any] struct {
	Status            int
	ETag              string `header:"ETag"`
	CacheControl      string `header:"Cache-Control"`
	PreferenceApplied string `header:"Preference-Applied"`
	Body              T
}

// answer is value, or 304 when the client has it already.
func answer[T any](value T, ifNoneMatch string) (*conditional[T], error) {
	tag, err := etagOf(value)
	if err != nil {
		return nil, err
	}
	c := &conditional[T]{Status: http.StatusOK, ETag: tag, CacheControl: "private, no-cache", Body: value}
	if matches(ifNoneMatch, tag) {
		c.Status = http.StatusNotModified
	}
	return c, nil
}

// etagOf is the entity tag of a JSON representation.
func etagOf(value any) (string, error) {
	b, err := json.Marshal(value)
	if err != nil {
		return "", err
	}
	sum := sha256.Sum256(b)
	return `"` + hex.EncodeToString(sum[:12]) + `"`, nil
}

// matches compares weakly with a list of entity tags (RFC 9110, 13.1.2).
func matches(list, tag string) bool { return matchesAny(list, tag, true) }

// matchesStrongly is for If-Match (RFC 9110, 13.1.1): a weak tag never does.
func matchesStrongly(list, tag string) bool { return matchesAny(list, tag, false) }

func matchesAny(list, tag string, weakToo bool) bool {
	if strings.TrimSpace(list) == "*" {
		return true
	}
	for list != "" {
		list = strings.TrimLeft(list, " \t,")
		rest, weak := strings.CutPrefix(list, "W/")
		if !strings.HasPrefix(rest, `"`) {
			return false
		}
		end := strings.IndexByte(rest[1:], '"')
		if end < 0 {
			return false
		}
		if rest[:end+2] == tag && (weakToo || !weak) {
			return true
		}
		list = rest[end+2:]
	}
	return false
}

// preferredWait reads wait=N from a Prefer header (RFC 7240), at most waitMax.
func preferredWait(prefer string) time.Duration {
	for part := range strings.SplitSeq(prefer, ",") {
		name, value, _ := strings.Cut(strings.TrimSpace(part), "=")
		if !strings.EqualFold(strings.TrimSpace(name), "wait") {
			continue
		}
		value, _, _ = strings.Cut(value, ";")
		n, err := strconv.Atoi(strings.Trim(strings.TrimSpace(value), `"`))
		if err != nil || n <= 0 {
			return 0
		}
		return time.Duration(min(n, int(waitMax/time.Second))) * time.Second
	}
	return 0
}

// addressOf is the address that failed sign-ins are counted by. Connections
// without a port, such as those in memory, count as one.
func addressOf(ctx huma.Context) string {
	if host, _, err := net.SplitHostPort(ctx.RemoteAddr()); err == nil {
		return host
	}
	return ctx.RemoteAddr()
}

// health answers /healthz: the process runs.
func (s *Server) health(w http.ResponseWriter, _ *http.Request) { writeText(w, http.StatusOK, "ok\n") }

// ready answers /readyz: the data can be read and the server is not closing.
func (s *Server) ready(w http.ResponseWriter, r *http.Request) {
	var one int
	err := s.c.Read.QueryRowContext(r.Context(), "SELECT 1").Scan(&one)
	if err != nil || s.ctx.Err() != nil {
		f := problem(http.StatusServiceUnavailable, api.CodeMaintenance, "The server is not ready.")
		writeProblem(w, f.retryAfter(5*time.Second))
		return
	}
	writeText(w, http.StatusOK, "ready\n")
}

func writeText(w http.ResponseWriter, status int, text string) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	if _, err := io.WriteString(w, text); err != nil {
		panic(http.ErrAbortHandler) // the client has gone
	}
}
