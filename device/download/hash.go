package download

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding"
	"errors"
	"fmt"
	"hash"
	"io"
	"sync"
	"sync/atomic"
)

const (
	bufferSize = 256 << 10
	// behindMost is how far the hash may be behind the writing before chunks
	// are no longer handed to it but read back from the part.
	behindMost = 4 << 20
	// handed is how many chunks wait for the hash at most.
	handed = 4
)

// errPartChanged says that bytes of the part are not those that were written.
var errPartChanged = errors.New("the part was changed on the disk")

// buffers are those of all transfers.
var buffers = sync.Pool{New: func() any { return new([bufferSize]byte) }}

func getBuffer() *[bufferSize]byte { return buffers.Get().(*[bufferSize]byte) }

// chunk is a piece that was just written to the part.
type chunk struct {
	at  int64
	buf *[bufferSize]byte // of buffers; the hasher gives it back
	n   int
}

// hasher computes the SHA-256 of a part beside the writing of it. It takes the
// chunks that come in order, and reads back from the part what came out of
// order, was there before, or came while it was behind.
type hasher struct {
	part  io.ReaderAt
	front func() int64 // how many bytes of the part can be read, from 0, without a gap
	fail  func(error)  // told once if it cannot go on

	in     chan chunk
	behind atomic.Bool // chunks are to be dropped: it reads back
	ended  chan struct{}

	mu      sync.Mutex
	h       hash.Hash
	at      int64 // bytes hashed
	err     error
	coming  map[int64]bool // where chunks begin that are on their way
	checkAt int64          // where the digest is known from an earlier run; 0: nowhere
	checkTo []byte         // that digest
	known   []byte         // the state it was restored from
}

// newHasher starts a hasher. With a state that was saved after hashed bytes,
// it checks on its way that these bytes are still the same.
func newHasher(part io.ReaderAt, front func() int64, hashed int64, state []byte, fail func(error)) *hasher {
	h := &hasher{
		part: part, front: front, fail: fail,
		in: make(chan chunk, handed), ended: make(chan struct{}),
		h: sha256.New(), coming: map[int64]bool{},
	}
	if known, ok := restore(state); ok && hashed > 0 {
		h.checkAt, h.checkTo, h.known = hashed, known.Sum(nil), state
	}
	h.behind.Store(front() > behindMost)
	go h.run()
	return h
}

func restore(state []byte) (hash.Hash, bool) {
	h := sha256.New()
	u, ok := h.(encoding.BinaryUnmarshaler)
	if !ok || len(state) == 0 || u.UnmarshalBinary(state) != nil {
		return nil, false
	}
	return h, true
}

// expect announces a chunk, before front includes it; hand then hands it over.
// False: the hasher will read it back, keep the buffer.
func (h *hasher) expect(at int64) bool {
	if h.behind.Load() {
		return false
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	h.coming[at] = true
	return true
}

// hand hands over a chunk that was announced. It waits while the hash is slower
// than the network.
func (h *hasher) hand(c chunk) {
	select {
	case h.in <- c:
	case <-h.ended:
		buffers.Put(c.buf)
	}
}

// finish waits until all that is there has been hashed, or ctx ends. Nothing
// may be handed over any more.
func (h *hasher) finish(ctx context.Context) (digest []byte, n int64, err error) {
	close(h.in)
	select {
	case <-h.ended:
	case <-ctx.Done():
		h.end(context.Cause(ctx))
		<-h.ended
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.h.Sum(nil), h.at, h.err
}

// abandon ends the hasher without a result.
func (h *hasher) abandon() {
	h.end(context.Canceled)
	close(h.in)
	<-h.ended
}

// end makes the hasher stop with that error, if it has none yet.
func (h *hasher) end(err error) (first bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.err != nil {
		return false
	}
	h.err = err
	return true
}

// saved is the state so far, for the journal.
func (h *hasher) saved() (int64, []byte) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.at < h.checkAt {
		return h.checkAt, h.known
	}
	m, ok := h.h.(encoding.BinaryMarshaler)
	if !ok {
		return 0, nil
	}
	state, err := m.MarshalBinary()
	if err != nil {
		return 0, nil
	}
	return h.at, state
}

func (h *hasher) run() {
	defer close(h.ended)
	for {
		if err := h.readBack(); err != nil {
			h.stop(err)
			return
		}
		c, ok := <-h.in
		if !ok {
			// Chunks that were dropped at the end are still to be read.
			if err := h.readBack(); err != nil {
				h.stop(err)
			}
			return
		}
		h.take(c)
	}
}

// stop keeps the error and tells of it, unless the hasher was stopped already.
func (h *hasher) stop(err error) {
	if h.end(err) {
		h.fail(err)
	}
}

// take hashes a chunk if it is the next one.
func (h *hasher) take(c chunk) {
	defer buffers.Put(c.buf)
	h.mu.Lock()
	defer h.mu.Unlock()
	delete(h.coming, c.at)
	if c.at == h.at && h.at >= h.checkAt {
		h.at += int64(c.n)
		_, _ = h.h.Write(c.buf[:c.n]) // a hash never fails
	}
}

// target is how far the part is to be read back: to the next chunk that is on
// its way, or to the first gap.
func (h *hasher) target() (at, to int64, err error) {
	to = h.front()
	h.mu.Lock()
	defer h.mu.Unlock()
	for from := range h.coming {
		if from >= h.at && from < to {
			to = from
		}
	}
	if h.at < h.checkAt && h.checkAt <= to {
		to = h.checkAt
	}
	return h.at, to, h.err
}

func (h *hasher) readBack() error {
	var buf *[bufferSize]byte
	defer func() {
		h.behind.Store(false)
		if buf != nil {
			buffers.Put(buf)
		}
	}()
	for {
		at, to, err := h.target()
		if err != nil || at >= to {
			return err
		}
		h.behind.Store(to-at > behindMost)
		if buf == nil {
			buf = getBuffer()
		}
		n, err := h.part.ReadAt(buf[:min(to-at, bufferSize)], at)
		if n == 0 && err != nil {
			return fmt.Errorf("read the part at %d: %w", at, err)
		}
		if err := h.add(buf[:n]); err != nil {
			return err
		}
	}
}

// add hashes bytes that were read back, and compares with what was known.
func (h *hasher) add(b []byte) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.at += int64(len(b))
	_, _ = h.h.Write(b) // a hash never fails
	if h.checkAt > 0 && h.at == h.checkAt {
		if !bytes.Equal(h.h.Sum(nil), h.checkTo) {
			return errPartChanged
		}
		h.checkAt = 0
	}
	return nil
}
