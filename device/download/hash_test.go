package download

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"math/rand/v2"
	"sync"
	"testing"
)

// memory is a part in memory.
type memory struct {
	mu   sync.Mutex
	data []byte
	done spans
	fail error
}

func (m *memory) ReadAt(b []byte, at int64) (int, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.fail != nil {
		return 0, m.fail
	}
	return copy(b, m.data[at:]), nil
}

func (m *memory) front() int64 {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.done.front()
}

// write does what a transfer does with a chunk.
func (m *memory) write(h *hasher, whole []byte, at, to int64) {
	buf := getBuffer()
	n := copy(buf[:], whole[at:to])
	live := h.expect(at)
	m.mu.Lock()
	copy(m.data[at:], buf[:n])
	m.done = m.done.add(at, to)
	m.mu.Unlock()
	if live {
		h.hand(chunk{at: at, buf: buf, n: n})
	} else {
		buffers.Put(buf)
	}
}

// Whatever the order in which bytes come, from however many connections, and
// however many were there before, the digest is that of the whole.
func TestHashInAnyOrder(t *testing.T) {
	whole := make([]byte, 12<<20+5)
	_, _ = rand.NewChaCha8([32]byte{1}).Read(whole)
	want := sha256.Sum256(whole)
	size := int64(len(whole))
	for _, had := range []int64{0, 1, 1 << 20, 6 << 20, size} {
		for _, workers := range []int64{1, 3, 7} {
			m := &memory{data: make([]byte, size)}
			copy(m.data, whole[:had])
			m.done = m.done.add(0, had)
			h := newHasher(m, m.front, 0, nil, func(err error) { t.Error(err) })
			var wait sync.WaitGroup
			share := (size-had)/workers + 1
			for w := range workers {
				wait.Go(func() {
					at, end := had+w*share, min(had+(w+1)*share, size)
					for at < end {
						to := min(at+1+rand.Int64N(bufferSize), end)
						m.write(h, whole, at, to)
						at = to
					}
				})
			}
			wait.Wait()
			got, n, err := h.finish(context.Background())
			if err != nil || n != size || !bytes.Equal(got, want[:]) {
				t.Errorf("%d there before, %d workers: %d bytes, %v", had, workers, n, err)
			}
		}
	}
}

// The state that is saved goes on where it was, and notices a change.
func TestHashGoesOn(t *testing.T) {
	whole := make([]byte, 3<<20)
	_, _ = rand.NewChaCha8([32]byte{2}).Read(whole)
	first := &memory{data: bytes.Clone(whole), done: spans{{0, 2 << 20}}}
	h := newHasher(first, first.front, 0, nil, func(err error) { t.Error(err) })
	if _, _, err := h.finish(t.Context()); err != nil {
		t.Fatal(err)
	}
	hashed, state := h.saved()
	if hashed != 2<<20 {
		t.Fatalf("saved after %d", hashed)
	}
	for _, flip := range []bool{false, true} {
		m := &memory{data: bytes.Clone(whole), done: spans{{0, 3 << 20}}}
		if flip {
			m.data[99] ^= 4
		}
		var told error
		h := newHasher(m, m.front, hashed, state, func(err error) { told = err })
		got, _, err := h.finish(t.Context())
		want := sha256.Sum256(whole)
		if !flip && (err != nil || !bytes.Equal(got, want[:])) {
			t.Errorf("unharmed: %v", err)
		}
		if flip && (!errors.Is(err, errPartChanged) || !errors.Is(told, errPartChanged)) {
			t.Errorf("harmed: %v, told %v", err, told)
		}
	}
}

// A disk that cannot be read ends it, and so does the end of the context; whoever
// hands over chunks meanwhile does not hang.
func TestHashEnds(t *testing.T) {
	broken := errors.New("input/output error")
	m := &memory{data: make([]byte, 8<<20), done: spans{{0, 8 << 20}}, fail: broken}
	told := make(chan error, 1)
	h := newHasher(m, m.front, 0, nil, func(err error) { told <- err })
	if err := <-told; !errors.Is(err, broken) {
		t.Error(err)
	}
	for range 2 * handed {
		h.hand(chunk{at: 0, buf: getBuffer(), n: 1})
	}
	if _, _, err := h.finish(t.Context()); !errors.Is(err, broken) {
		t.Error(err)
	}

	stopped := errors.New("paused")
	ctx, cancel := context.WithCancelCause(t.Context())
	cancel(stopped)
	m = &memory{data: make([]byte, 64<<20), done: spans{{0, 64 << 20}}}
	h = newHasher(m, m.front, 0, nil, func(err error) { t.Errorf("told of %v", err) })
	if _, n, err := h.finish(ctx); err != nil && !errors.Is(err, stopped) || err == nil && n != 64<<20 {
		t.Errorf("%d bytes, %v", n, err)
	}
}
