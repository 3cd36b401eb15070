package api

import (
	"slices"
	"sync"
)

// What the memory of replies holds at most.
const (
	seenMax      = 64
	seenMaxBytes = 8 << 20
)

// seen remembers the last replies together with their ETags, so that asking
// again for what has not changed costs a 304. The oldest are forgotten first.
type seen struct {
	mu      sync.Mutex
	era     int // grows whenever everything is forgotten
	order   []string
	replies map[string]seenReply
	bytes   int
}

type seenReply struct {
	etag string
	body []byte
}

// get returns what was seen under key, and the era to put its successor with.
func (s *seen) get(key string) (reply seenReply, found bool, era int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	reply, found = s.replies[key]
	return reply, found, s.era
}

// put remembers a reply, unless everything was forgotten since get: the reply
// may belong to a session that has ended.
func (s *seen) put(key string, r seenReply, era int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if era != s.era {
		return
	}
	s.drop(key)
	if r.etag == "" || len(r.body) > seenMaxBytes/4 {
		return
	}
	if s.replies == nil {
		s.replies = map[string]seenReply{}
	}
	s.replies[key] = r
	s.order = append(s.order, key)
	s.bytes += len(r.body)
	for len(s.order) > seenMax || s.bytes > seenMaxBytes {
		s.drop(s.order[0])
	}
}

// drop forgets one reply; the lock is held.
func (s *seen) drop(key string) {
	old, found := s.replies[key]
	if !found {
		return
	}
	delete(s.replies, key)
	s.bytes -= len(old.body)
	s.order = slices.DeleteFunc(s.order, func(k string) bool { return k == key })
}

// forget drops everything.
func (s *seen) forget() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.era++
	s.order, s.replies, s.bytes = nil, nil, 0
}
