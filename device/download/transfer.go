package download

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
	"math"
	"sync"
	"sync/atomic"
	"time"
)

// hooks join a transfer to whoever runs it.
type hooks struct {
	phase  func(Phase, error) // what goes on; called often, also with nothing new
	intent func() intent      // what the journal shall say of an unfinished transfer
	wake   <-chan struct{}    // a try at once, instead of after the wait
}

// tally is read by the progress ticker while the transfer counts.
type tally struct {
	have    atomic.Int64 // bytes in the part
	fetched atomic.Int64 // bytes that came in this run, retries included
	total   atomic.Int64 // size in all; -1 when not known
	storing stopwatch    // writing what came, and handing it to the hash
}

// stopwatch adds up how long something is done, by several goroutines at once,
// up to the moment in which it is asked.
type stopwatch struct {
	mu    sync.Mutex
	at    int // how many are at it
	since time.Time
	sum   time.Duration
}

func (s *stopwatch) start() { s.step(1) }
func (s *stopwatch) stop()  { s.step(-1) }

func (s *stopwatch) step(more int) time.Duration {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := time.Now()
	s.sum += time.Duration(s.at) * now.Sub(s.since)
	s.since, s.at = now, s.at+more
	return s.sum
}

func (s *stopwatch) total() time.Duration { return s.step(0) }

// transfer is one run of one download: from the lock on the part to the
// published file.
type transfer struct {
	cfg   *Config
	req   Request
	key   string
	began time.Time
	log   *slog.Logger
	hooks hooks
	tally *tally

	part    Part
	hash    *hasher
	fail    func(error)   // ends the pass, with the reason
	crew    *crew         // further connections
	dirty   chan struct{} // enough has come for a new journal
	alone   bool          // no further connections: the second try is as plain as can be
	changed bool          // the server's ETag was not the one asked for
	// claimsAll: the journal that was found claims all bytes, and the part has none.
	claimsAll bool
	resumed   int64

	saving sync.Mutex // one journal at a time, in order

	mu      sync.Mutex
	done    spans
	claims  []*claim  // what is being fetched
	unsaved int64     // bytes that the journal does not know of
	last    time.Time // of the last byte that came
	tag     string    // strong ETag of the bytes in the part; empty without one
	size    int64     // -1 until known
	shared  bool      // further connections may have written
	starved bool      // somebody found nothing left to fetch
	fastest float64   // bytes a second that a claim came with
	hashed  int64     // of the journal that was found: how far state has come
	state   []byte
}

func newTransfer(c *Config, r Request, key string, began time.Time, t *tally, h hooks) *transfer {
	return &transfer{
		cfg: c, req: r, key: key, began: began, tally: t, hooks: h,
		log: c.Log.With("name", r.Name, "key", key), dirty: make(chan struct{}, 1), size: r.Size,
	}
}

// open locks the part and finds out how much of it can be used.
func (t *transfer) open() error {
	part, err := t.cfg.Folder.OpenPart(t.key)
	if err != nil {
		return t.disk("create", err)
	}
	t.part = part
	if err := t.adopt(); err != nil {
		return errors.Join(err, t.close())
	}
	return nil
}

func (t *transfer) close() error {
	if t.part == nil {
		return nil
	}
	err := t.part.Close()
	t.part = nil
	return t.disk("write", err)
}

// register writes the intent of a download down that is not running, so that
// it is found again after a restart.
func (t *transfer) register(in intent) error {
	if err := t.open(); err != nil {
		return err
	}
	return errors.Join(t.save(in), t.close())
}

// run carries the download out. It returns when the file is published, when
// it failed, or, with its cause, when ctx ended; what can be resumed is kept.
func (t *transfer) run(ctx context.Context) (Result, error) {
	t.last = time.Now()
	if err := t.open(); err != nil {
		return Result{}, err
	}
	if res, ok := t.foundNamed(ctx); ok {
		return res, t.drop()
	}
	t.resumed = t.done.sum()
	// The first journal is written beside the first request, so that the
	// download is found again whatever happens.
	t.unsaved = 1
	t.due()
	res, err := t.passes(ctx)
	if err == nil {
		return res, nil
	}
	in := t.hooks.intent()
	if useless(err) || (in == intentFailed && len(t.done) == 0) { // nothing worth keeping
		if derr := t.drop(); derr != nil {
			t.log.Warn("the part could not be removed", "error", derr)
		}
		return res, err
	}
	if serr := t.save(in); serr != nil {
		t.log.Warn("the journal could not be written", "error", serr)
	}
	if cerr := t.close(); cerr != nil {
		t.log.Warn("the part could not be closed", "error", cerr)
	}
	return res, err
}

// passes fetches and checks; what turns out wrong is fetched once more from
// the start.
func (t *transfer) passes(ctx context.Context) (Result, error) {
	for pass := 1; ; {
		digest, err := t.pass(ctx)
		if err == nil {
			return t.publish(ctx, digest)
		}
		var damaged *DamagedError
		switch {
		case errors.Is(err, errPartChanged): // not the server's fault
		case pass == 1 && (errors.Is(err, ErrChanged) || errors.As(err, &damaged)):
			pass++
		case t.changed && errors.As(err, &damaged):
			return Result{}, fmt.Errorf("%w: %w", ErrChanged, err)
		default:
			return Result{}, err
		}
		t.log.Warn("start again", "error", err)
		t.alone = pass > 1
		if err := t.restart(); err != nil {
			return Result{}, err
		}
	}
}

// pass fetches what is missing and compares size and SHA-256.
func (t *transfer) pass(parent context.Context) ([]byte, error) {
	ctx, cancel := context.WithCancelCause(parent)
	defer cancel(nil)
	if err := t.room(); err != nil {
		return nil, err
	}
	t.fail = cancel
	t.startHash()
	stop := t.keep()
	err := t.fill(ctx)
	stop()
	if err != nil {
		t.stopHash()
		return nil, err
	}
	t.hooks.phase(Verifying, nil)
	digest, n, err := t.hash.finish(parent)
	t.forgetHash()
	switch {
	case err == nil:
		return digest, t.compare(digest, n)
	case parent.Err() != nil, errors.Is(err, errPartChanged):
		return nil, err
	default:
		return nil, t.disk("read", err)
	}
}

// startHash begins to hash the part from its start.
func (t *transfer) startHash() {
	h := newHasher(t.part, t.front, t.hashed, t.state, func(err error) {
		if !errors.Is(err, errPartChanged) {
			err = t.disk("read", err)
		}
		t.fail(err)
	})
	t.mu.Lock()
	t.hash = h
	t.mu.Unlock()
}

// stopHash ends the hashing.
func (t *transfer) stopHash() {
	if t.hash != nil {
		t.hash.abandon()
		t.forgetHash()
	}
}

// forgetHash keeps only the state of an ended hasher, for the journal.
func (t *transfer) forgetHash() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.hashed, t.state = t.hash.saved()
	t.hash = nil
}

func (t *transfer) compare(digest []byte, n int64) error {
	got := hex.EncodeToString(digest)
	if (t.req.Size >= 0 && n != t.req.Size) || (t.req.SHA256 != "" && got != t.req.SHA256) {
		return t.damaged(n, got)
	}
	return nil
}

func (t *transfer) damaged(size int64, sum string) error {
	return &DamagedError{
		Name: t.req.Name, WantSize: t.req.Size, GotSize: size, WantSHA256: t.req.SHA256, SHA256: sum,
	}
}

// restart throws away what has come. Nothing may be written or hashed
// meanwhile.
func (t *transfer) restart() error {
	t.saving.Lock()
	defer t.saving.Unlock()
	if err := t.part.Truncate(0); err != nil {
		return t.disk("write", err)
	}
	t.mu.Lock()
	t.done, t.tag, t.hashed, t.state = nil, "", 0, nil
	t.size, t.shared = t.req.Size, false
	t.mu.Unlock()
	t.resumed = 0
	t.tally.have.Store(0)
	return t.write(intentRun)
}

// drop removes part and journal.
func (t *transfer) drop() error {
	return errors.Join(t.close(), t.disk("write", t.cfg.Folder.Discard(t.key)))
}

// publish gives the checked part its name.
func (t *transfer) publish(ctx context.Context, digest []byte) (Result, error) {
	if err := t.save(intentRun); err != nil { // what has a name and a journal is known by it
		return Result{}, err
	}
	size := t.front()
	if ctx.Err() != nil {
		return Result{}, context.Cause(ctx)
	}
	if err := t.close(); err != nil {
		return Result{}, err
	}
	info, err := t.cfg.Folder.Publish(t.key, t.req.Name, t.req.Clash)
	var exists *ExistsError
	if errors.As(err, &exists) && t.req.Clash == Skip {
		if err := t.drop(); err != nil {
			return Result{}, err
		}
		return skipped(t.cfg.Folder, t.req)
	}
	if err != nil {
		return Result{}, t.disk("rename", err)
	}
	return Result{
		Request: t.req, Location: info.Location, FinalName: info.Name, ModTime: info.ModTime,
		Bytes: size, SHA256: hex.EncodeToString(digest), At: time.Now(),
		Resumed: t.resumed, NewFetched: t.tally.fetched.Load(),
	}, nil
}

// skipped is the result for a file that was there.
func skipped(f Folder, r Request) (Result, error) {
	info, err := f.Stat(r.Name)
	if err != nil {
		return Result{}, err
	}
	return Result{
		Request: r, Location: info.Location, FinalName: info.Name, Bytes: info.Size,
		ModTime: info.ModTime, At: time.Now(), Skipped: true,
	}, nil
}

// room checks that what is still to come has space on the disk.
func (t *transfer) room() error {
	if t.complete() {
		return nil // a name needs none
	}
	size := t.known()
	if size < 0 {
		size = t.tally.have.Load()
	}
	free, err := t.cfg.Folder.Free()
	if err != nil {
		t.log.Warn("the free space is not known", "error", err)
		return nil
	}
	if need := needed(size - t.tally.have.Load()); free < need {
		return &SpaceError{Need: need, Free: free}
	}
	return nil
}

// needed is how much room left bytes want: a full disk is trouble for every
// program, so some stays free, but not more than a small file is worth.
func needed(left int64) int64 {
	return min(left, math.MaxInt64-spaceReserve) + min(max(left, spaceLeast), spaceReserve)
}

// disk types an error of the folder.
func (t *transfer) disk(op string, err error) error {
	return diskError(op, t.req.Name, needed(max(t.known(), 0)-t.tally.have.Load()), err)
}

func (t *transfer) front() int64 {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.done.front()
}

func (t *transfer) known() int64 {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.size
}

func (t *transfer) lastByte() time.Time {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.last
}

// keyOf names part and journal of a download: an ID is the server's, and may
// be anything.
func keyOf(scope, id string) string {
	sum := sha256.Sum256([]byte(scope + "\x00" + id))
	return hex.EncodeToString(sum[:16])
}
