package server

import (
	"context"
	"net/http"
	"sync"
)

// hub tells those who wait for a backup to change that one has. It does not
// say which: they are few, and look again. The zero hub is ready for use.
type hub struct {
	mu   sync.Mutex
	more chan struct{}
}

// next is closed at the next change.
func (h *hub) next() <-chan struct{} {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.more == nil {
		h.more = make(chan struct{})
	}
	return h.more
}

// tell lets all who wait look again.
func (h *hub) tell() {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.more != nil {
		close(h.more)
		h.more = nil
	}
}

// shutdowns tells requests that are held when the HTTP server under them shuts
// down: it would wait for them. The zero shutdowns is ready for use.
type shutdowns struct {
	mu  sync.Mutex
	own map[*http.Server]chan struct{}
}

// of is closed when the HTTP server that brought this request shuts down; nil,
// which never is, when there is none.
func (d *shutdowns) of(ctx context.Context) <-chan struct{} {
	under, ok := ctx.Value(http.ServerContextKey).(*http.Server)
	if !ok {
		return nil
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.own == nil {
		d.own = map[*http.Server]chan struct{}{}
	}
	if d.own[under] == nil {
		over := make(chan struct{})
		d.own[under] = over
		var once sync.Once
		under.RegisterOnShutdown(func() { once.Do(func() { close(over) }) })
	}
	return d.own[under]
}
