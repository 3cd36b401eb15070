package server

import "sync"

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
