package download

import (
	"context"
	"errors"
	"io"
	"strings"
	"time"
)

const (
	saveBytes = 8 << 20         // the journal is written when so much is new,
	saveEvery = 2 * time.Second // or after so long,
	// but not at once again: on a fast line syncing would cost more than
	// fetching again what came in that time.
	saveApart = 100 * time.Millisecond
	// goodRead is enough in a buffer to write it, when more took longer to come
	// than quickRead; slower connections are written at least every slowWrite.
	goodRead  = 64 << 10
	quickRead = 20 * time.Millisecond
	slowWrite = 200 * time.Millisecond
)

// fill fetches until the part is complete. It retries what may pass.
func (t *transfer) fill(ctx context.Context) error {
	t.crew = newCrew(ctx, t)
	defer t.crew.dismiss()
	var (
		wait  backoff
		shift headway
	)
	for {
		c, complete := t.next()
		if complete {
			return nil
		}
		if c == nil { // others fetch the rest
			if err := t.crew.await(ctx); err != nil {
				return err
			}
			continue
		}
		from := c.at
		err := t.attempt(ctx, c, shift.odd >= oddAnswers/2)
		t.release(c)
		if shift.made(t.tally.have.Load(), err, c.got) || err == nil {
			wait.reset()
		}
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		if err == nil {
			continue
		}
		switch {
		case shift.odd >= oddAnswers:
			return errors.Join(ErrNotTheFile, err)
		case final(err):
			return err
		case shift.none >= sameEnds:
			return errors.Join(t.damaged(shift.last, ""), err)
		}
		t.log.Info("try again", "from", from, "error", err)
		if err := t.rest(ctx, wait.next(err), err); err != nil {
			return err
		}
	}
}

// headway looks whether replies bring a download further, or all break where the
// one before did: a server that promises more than it has, and that cannot begin
// in the middle, would be asked for all of it for ever.
type headway struct {
	most, last int64
	none       int // replies in a row with bytes that broke at last
	odd        int // replies in a row that made no sense
}

// made notes how much is there after a reply that ended with err and brought
// bytes or did not, and says whether there is more than ever before.
func (h *headway) made(have int64, err error, got bool) bool {
	if got || err == nil {
		h.odd = 0
	}
	if errors.Is(err, ErrOddAnswer) || errors.Is(err, ErrRange) {
		h.odd++
	}
	if have != h.last {
		h.none = 0
	}
	if got {
		h.none++
	}
	further := have > h.most
	h.most, h.last = max(h.most, have), have
	return further
}

// complete says whether all bytes are there.
func (t *transfer) complete() bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.done.front() == t.size
}

// resumable says whether bytes of two replies may be joined: the tag keeps
// versions apart, or else the digest will tell.
func (t *transfer) resumable() bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.tag != "" || t.req.SHA256 != ""
}

// attempt sends one request and takes what comes: from there, or, when ranges
// do not work or cannot be joined, all of it.
func (t *transfer) attempt(parent context.Context, c *claim, anew bool) error {
	if t.joins(c) && (anew || !t.resumable()) {
		if err := t.rewind(c); err != nil {
			return err
		}
	}
	ctx, cancel := context.WithCancelCause(parent)
	defer cancel(nil)
	dog := newWatchdog(cancel)
	defer dog.stop()
	t.serve(c, cancel)

	from, tag := c.at, ""
	if t.joins(c) {
		tag = t.tag
	}
	dog.watch(t.patience(openTimeout))
	body, err := t.cfg.Source.OpenRange(ctx, t.req.ID, from, -1, tag)
	dog.stop()
	if err != nil {
		return t.refused(dog.cause(ctx, err), from)
	}
	defer func() { _ = body.Close() }()
	if err := t.accept(body, c); err != nil {
		return err
	}
	t.hooks.phase(Running, nil)
	t.crew.begin()
	return dog.cause(ctx, t.copy(ctx, body, c, dog))
}

// joins says whether what comes is to be joined with what is there.
func (t *transfer) joins(c *claim) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return c.at > 0 || len(t.done) > 0
}

// refused reads an error of the Source. A server that has no bytes at from may
// mean that there are no more: where nobody knows the size, the digest decides.
func (t *transfer) refused(err error, from int64) error {
	if errors.Is(err, ErrRange) && from > 0 && t.known() < 0 && t.req.SHA256 != "" {
		t.ends(from)
		return nil
	}
	return err
}

// accept compares what the server granted with what is known; when it began at
// 0 instead of where it was asked to, c is all of the file.
func (t *transfer) accept(body Body, c *claim) error {
	if body.From != c.at && body.From != 0 {
		return unexpected("bytes from %d instead of %d", body.From, c.at)
	}
	size := t.known()
	if body.To >= 0 && ((body.To <= body.From && body.Total != 0) || (size >= 0 && body.To > size && body.Total <= size)) {
		return unexpected("bytes %d to %d of %d", body.From, body.To, size)
	}
	if err := t.sameFile(body, t.joins(c), size); err != nil {
		return err
	}
	if body.From == 0 && c.at > 0 { // the range was ignored
		if err := t.rewind(c); err != nil {
			return err
		}
	}
	return t.learn(body, c)
}

// otherThanAsked notes a whole file that is not of the version asked for. It is
// refused only where no digest would tell.
func (t *transfer) otherThanAsked(body Body) bool {
	tag, asked := strong(body.ETag), strong(t.req.ETag)
	if body.From > 0 || asked == "" || tag == "" || tag == asked {
		return false
	}
	t.changed = true
	return t.req.SHA256 == ""
}

// sameFile refuses a reply of another version of the file than the one that
// was asked for, or that the part has bytes of.
func (t *transfer) sameFile(body Body, joined bool, size int64) error {
	if t.otherThanAsked(body) {
		return ErrChanged
	}
	if body.Total >= 0 && size >= 0 && body.Total != size {
		if joined {
			return ErrChanged
		}
		return t.damaged(body.Total, "")
	}
	if !joined || t.tag == "" || body.ETag == t.tag {
		return nil
	}
	if body.ETag == "" {
		return t.untagged(body)
	}
	if opaque(body.ETag) == opaque(t.tag) && t.req.SHA256 != "" {
		return nil // a proxy made it weak; the digest decides
	}
	return ErrChanged
}

// untagged refuses the rest of a file that does not say of which version it is,
// where no digest would tell either.
func (t *transfer) untagged(body Body) error {
	if body.From == 0 || t.req.SHA256 != "" {
		return nil
	}
	return unexpected("bytes from %d without an entity tag", body.From)
}

// learn keeps what a reply says about the file.
func (t *transfer) learn(body Body, c *claim) error {
	t.mu.Lock()
	if len(t.done) == 0 {
		t.tag = strong(body.ETag)
		t.unsaved++ // without the tag a journal is worth little
		t.due()
	}
	found := t.size < 0 && body.Total >= 0
	if found {
		t.size = body.Total
		c.end = body.Total
	}
	t.mu.Unlock()
	if !found {
		return nil
	}
	t.tally.total.Store(body.Total)
	return t.room()
}

// rewind begins again at 0 within a pass, with nobody else at work; c is then
// all of the file.
func (t *transfer) rewind(c *claim) error {
	t.crew.dismiss()
	t.stopHash()
	if err := t.restart(); err != nil {
		return err
	}
	t.mu.Lock()
	c.at, c.end, c.from = 0, t.size, 0
	t.mu.Unlock()
	t.startHash()
	return nil
}

// copy writes the body to the part, up to where the claim ends by then.
func (t *transfer) copy(ctx context.Context, body Body, c *claim, dog *watchdog) error {
	for {
		at, room := t.space(c, body.To)
		if room == 0 {
			return t.tail(body, at, dog)
		}
		buf := getBuffer()
		n, came, err := read(body, buf[:room], dog, t.idle())
		if n == 0 {
			buffers.Put(buf)
		} else if werr := t.arrived(buf, c, n, came); werr != nil {
			return werr
		}
		at += int64(n)
		switch {
		case err == nil:
		case !errors.Is(err, io.EOF):
			return err
		case body.To < 0 && t.known() < 0:
			t.ends(at)
			return nil
		case !t.reached(c, body.To):
			return io.ErrUnexpectedEOF
		}
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
	}
}

// tail looks whether more comes than was promised, where neither the server's
// word nor a digest would tell.
func (t *transfer) tail(body Body, at int64, dog *watchdog) error {
	if body.Total >= 0 || t.req.SHA256 != "" || at != t.known() {
		return nil
	}
	var more [1]byte
	if n, _, _ := read(body, more[:], dog, t.idle()); n > 0 {
		return t.damaged(at+int64(n), "")
	}
	return nil
}

// ends notes where a body of unknown length ended.
func (t *transfer) ends(at int64) {
	t.mu.Lock()
	t.size = at
	t.mu.Unlock()
	t.tally.total.Store(at)
}

// read fills the buffer, or less of it when the bytes come slowly. It waits no
// longer than limit for the next one, and says when the last one came.
func read(r io.Reader, b []byte, dog *watchdog, limit time.Duration) (n int, came time.Time, err error) {
	var begin time.Time
	for n < len(b) && err == nil {
		var m int
		asked := time.Now()
		dog.watch(limit)
		m, err = r.Read(b[n:])
		dog.stop()
		n += m
		if m > 0 {
			came = time.Now()
		}
		if n >= goodRead && time.Since(asked) > quickRead {
			break
		}
		if n > 0 && begin.IsZero() {
			begin = time.Now()
		} else if n > 0 && time.Since(begin) > slowWrite {
			break
		}
	}
	return n, came, err
}

// arrived writes n bytes, the last of which came then, to the part, counts them and has them hashed.
func (t *transfer) arrived(buf *[bufferSize]byte, c *claim, n int, came time.Time) error {
	t.tally.storing.start()
	defer t.tally.storing.stop()
	at := c.at // only the one who fetches it changes it
	if m, err := t.part.WriteAt(buf[:n], at); err != nil || m != n {
		buffers.Put(buf)
		if err == nil {
			err = io.ErrShortWrite
		}
		return t.writeError(err, at+int64(n))
	}
	live := t.hash.expect(at)
	t.mu.Lock()
	t.done = t.done.add(at, at+int64(n))
	c.at, c.got = at+int64(n), true
	if came.After(t.last) {
		t.last = came
	}
	t.unsaved += int64(n)
	due := t.unsaved >= saveBytes
	t.tally.have.Store(t.done.sum())
	t.mu.Unlock()
	t.tally.fetched.Add(int64(n))
	if live {
		t.hash.hand(chunk{at: at, buf: buf, n: n})
	} else {
		buffers.Put(buf)
	}
	if due {
		t.due()
	}
	return nil
}

// strong is a tag that If-Range may carry; empty for a weak one.
func strong(tag string) string {
	if strings.HasPrefix(tag, "W/") {
		return ""
	}
	return tag
}

// opaque is a tag without the mark of weakness.
func opaque(tag string) string { return strings.TrimPrefix(tag, "W/") }
