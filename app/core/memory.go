package core

import (
	"context"
	"net"
	"net/http"
	"sync"
	"time"
)

// memoryListener accepts connections made by its own Dial, inside this
// process: the embedded server speaks real HTTP and yet opens no port that
// others could reach.
type memoryListener struct {
	conns  chan net.Conn
	closed chan struct{}
	once   sync.Once
}

func newMemoryListener() *memoryListener {
	return &memoryListener{conns: make(chan net.Conn), closed: make(chan struct{})}
}

// Accept waits for the next Dial; net.ErrClosed after Close.
func (l *memoryListener) Accept() (net.Conn, error) {
	select {
	case c := <-l.conns:
		return c, nil
	case <-l.closed:
		return nil, net.ErrClosed
	}
}

// Close refuses all further connections. Open ones live on.
func (l *memoryListener) Close() error {
	l.once.Do(func() { close(l.closed) })
	return nil
}

// Addr is a placeholder: there is no address to reach from outside.
func (l *memoryListener) Addr() net.Addr { return memoryAddr{} }

// Dial connects to the listener; its signature is that of
// net.Dialer.DialContext, the address is ignored.
func (l *memoryListener) Dial(ctx context.Context, _, _ string) (net.Conn, error) {
	client, server := net.Pipe()
	select {
	case l.conns <- server:
		return client, nil
	case <-l.closed:
		return nil, &net.OpError{Op: "dial", Net: "memory", Addr: memoryAddr{}, Err: net.ErrClosed}
	case <-ctx.Done():
		return nil, &net.OpError{Op: "dial", Net: "memory", Addr: memoryAddr{}, Err: ctx.Err()}
	}
}

// transport is an HTTP transport whose every connection leads to l.
func (l *memoryListener) transport() *http.Transport {
	return &http.Transport{
		DialContext:         l.Dial,
		MaxIdleConnsPerHost: 8,
		IdleConnTimeout:     time.Minute,
		// Archives are compressed already, and a transparent gunzip would
		// break offsets.
		DisableCompression: true,
	}
}

type memoryAddr struct{}

func (memoryAddr) Network() string { return "memory" }
func (memoryAddr) String() string  { return "embedded" }
