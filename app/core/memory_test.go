package core

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/nettest"
)

func TestMemoryConnBehavesAsAnyOther(t *testing.T) {
	nettest.TestConn(t, func() (c1, c2 net.Conn, stop func(), err error) {
		l := newMemoryListener()
		accepted := make(chan net.Conn, 1)
		go func() {
			c, err := l.Accept()
			if err == nil {
				accepted <- c
			}
		}()
		c1, err = l.Dial(context.Background(), "", "")
		if err != nil {
			return nil, nil, nil, err
		}
		c2 = <-accepted
		return c1, c2, func() { _, _, _ = c1.Close(), c2.Close(), l.Close() }, nil
	})
}

func TestDialOfAClosedListenerFailsAtOnce(t *testing.T) {
	l := newMemoryListener()
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := l.Dial(t.Context(), "", ""); !errors.Is(err, net.ErrClosed) {
		t.Fatalf("Dial after Close: %v, want net.ErrClosed", err)
	}
	if _, err := l.Accept(); !errors.Is(err, net.ErrClosed) {
		t.Fatalf("Accept after Close: %v, want net.ErrClosed", err)
	}
}

func TestDialStopsWithItsContext(t *testing.T) {
	l := newMemoryListener()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := l.Dial(ctx, "", ""); !errors.Is(err, context.Canceled) {
		t.Fatalf("Dial with an ended context: %v", err)
	}
}

func TestHTTPRunsOverMemory(t *testing.T) {
	l := newMemoryListener()
	s := NewHTTPServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		http.ServeContent(w, r, "f", time.Time{}, strings.NewReader("0123456789"))
	}), nil)
	done := make(chan error, 1)
	go func() { done <- s.Serve(l) }()
	transport := l.transport()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://localhost/", nil)
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Range", "bytes=3-5")
	reply, err := transport.RoundTrip(request)
	if err != nil {
		t.Fatal(err)
	}
	b, err := io.ReadAll(reply.Body)
	if err != nil || string(b) != "345" || reply.StatusCode != http.StatusPartialContent {
		t.Fatalf("got %d %q %v", reply.StatusCode, b, err)
	}
	if err := errors.Join(reply.Body.Close(), s.Close()); err != nil {
		t.Fatal(err)
	}
	if err := <-done; !errors.Is(err, http.ErrServerClosed) {
		t.Fatalf("Serve ended with %v", err)
	}
	transport.CloseIdleConnections()
}
