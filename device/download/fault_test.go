package download_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"sync"
	"syscall"
	"testing"

	"connectbackup/device"
	"connectbackup/device/download"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) {
	if child() {
		return
	}
	goleak.VerifyTestMain(m)
}

// file is what a server has.
type file struct {
	data []byte
	tag  string
}

func randomFile(size int) file {
	b := make([]byte, size)
	random := rand.NewChaCha8([32]byte{byte(size), byte(size >> 8)})
	_, _ = random.Read(b)
	return file{data: b, tag: fmt.Sprintf("%q", digest(b))}
}

func digest(b []byte) string {
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}

func (f file) request() download.Request {
	return download.Request{
		ID: "backup-1", Name: "acme.zip", Size: int64(len(f.data)), SHA256: digest(f.data), ETag: f.tag,
	}
}

// body answers as a server does that grants what is asked for.
func (f file) body(from, to int64, ifRange string) download.Body {
	size := int64(len(f.data))
	if to < 0 || to > size {
		to = size
	}
	if ifRange != "" && ifRange != f.tag {
		from, to = 0, size
	}
	return download.Body{
		ReadCloser: io.NopCloser(bytes.NewReader(f.data[from:to])), From: from, To: to, Total: size, ETag: f.tag,
	}
}

// ask is one request that a source got.
type ask struct {
	from    int64
	ifRange string
}

// source answers the n-th request, counted from 0, by a function.
type source struct {
	answer func(ctx context.Context, n int, from, to int64, ifRange string) (download.Body, error)

	mu    sync.Mutex
	asked []ask
}

func (s *source) OpenRange(ctx context.Context, _ string, from, to int64, ifRange string) (download.Body, error) {
	s.mu.Lock()
	n := len(s.asked)
	s.asked = append(s.asked, ask{from, ifRange})
	s.mu.Unlock()
	if err := ctx.Err(); err != nil {
		return download.Body{}, err
	}
	return s.answer(ctx, n, from, to, ifRange)
}

func (s *source) asks() []ask {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]ask(nil), s.asked...)
}

// good is a source without faults.
func good(f file) *source {
	return &source{answer: func(_ context.Context, _ int, from, to int64, ifRange string) (download.Body, error) {
		return f.body(from, to, ifRange), nil
	}}
}

// faulty answers the first requests by faults, the rest well.
func faulty(f file, faults ...func(ctx context.Context, from int64, b download.Body) (download.Body, error)) *source {
	return &source{answer: func(ctx context.Context, n int, from, to int64, ifRange string) (download.Body, error) {
		b := f.body(from, to, ifRange)
		if n < len(faults) {
			return faults[n](ctx, from, b)
		}
		return b, nil
	}}
}

type fault = func(ctx context.Context, from int64, b download.Body) (download.Body, error)

func fails(err error) fault {
	return func(context.Context, int64, download.Body) (download.Body, error) { return download.Body{}, err }
}

// cut ends a body after n bytes with err.
func cut(n int64, err error) fault {
	return func(_ context.Context, _ int64, b download.Body) (download.Body, error) {
		b.ReadCloser = io.NopCloser(io.MultiReader(io.LimitReader(b.ReadCloser, n), failing{err}))
		return b, nil
	}
}

type failing struct{ err error }

func (f failing) Read([]byte) (int, error) { return 0, f.err }

// changes alters what a reply says of itself.
func changes(f func(b *download.Body)) fault {
	return func(_ context.Context, _ int64, b download.Body) (download.Body, error) {
		f(&b)
		return b, nil
	}
}

// stalls sends n bytes and then nothing more.
func stalls(n int64) fault {
	return func(ctx context.Context, _ int64, b download.Body) (download.Body, error) {
		b.ReadCloser = io.NopCloser(io.MultiReader(io.LimitReader(b.ReadCloser, n), silent{ctx}))
		return b, nil
	}
}

type silent struct{ ctx context.Context }

func (s silent) Read([]byte) (int, error) {
	<-s.ctx.Done()
	return 0, s.ctx.Err()
}

// folder is a real one in which things can be made to fail.
type folder struct {
	*device.Folder
	dir     string
	free    func() (int64, error)
	write   func(at int64, n int) error // before each WriteAt
	sync    func() error                // before each Sync
	journal func() error                // before each SaveJournal
	publish func() error                // before Publish
}

func newFolder(t testing.TB) *folder {
	t.Helper()
	dir := t.TempDir()
	return &folder{Folder: device.OpenFolder(dir), dir: dir}
}

func (f *folder) Free() (int64, error) {
	if f.free != nil {
		return f.free()
	}
	return f.Folder.Free()
}

func (f *folder) SaveJournal(key string, b []byte) error {
	if f.journal != nil {
		if err := f.journal(); err != nil {
			return err
		}
	}
	return f.Folder.SaveJournal(key, b)
}

func (f *folder) Publish(key, name string, clash download.Clash) (download.Info, error) {
	if f.publish != nil {
		if err := f.publish(); err != nil {
			return download.Info{}, err
		}
	}
	return f.Folder.Publish(key, name, clash)
}

func (f *folder) OpenPart(key string) (download.Part, error) {
	p, err := f.Folder.OpenPart(key)
	if err != nil {
		return nil, err
	}
	return &part{Part: p, folder: f}, nil
}

type part struct {
	download.Part
	folder *folder
}

func (p *part) WriteAt(b []byte, at int64) (int, error) {
	if p.folder.write != nil {
		if err := p.folder.write(at, len(b)); err != nil {
			return 0, err
		}
	}
	return p.Part.WriteAt(b, at)
}

func (p *part) Sync() error {
	if p.folder.sync != nil {
		if err := p.folder.sync(); err != nil {
			return err
		}
	}
	return p.Part.Sync()
}

// partFile and journalFile are the hidden files of the only unfinished download.
func (f *folder) hidden(t *testing.T, pattern string) string {
	t.Helper()
	found, err := filepath.Glob(filepath.Join(f.dir, ".*"+pattern))
	if err != nil || len(found) != 1 {
		t.Fatalf("files %s: %v, %v", pattern, found, err)
	}
	return found[0]
}

// holds checks that the folder has exactly these published files, and nothing
// left over.
func (f *folder) holds(t *testing.T, want map[string][]byte) {
	t.Helper()
	entries, err := os.ReadDir(f.dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		data, ok := want[e.Name()]
		if !ok {
			t.Errorf("%s was left", e.Name())
			continue
		}
		if got := read(t, filepath.Join(f.dir, e.Name())); !bytes.Equal(got, data) {
			t.Errorf("%s has %d bytes, wrong ones", e.Name(), len(got))
		}
		delete(want, e.Name())
	}
	for name := range want {
		t.Errorf("%s is missing", name)
	}
}

func read(t *testing.T, path string) []byte {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

var (
	errReset = fmt.Errorf("read tcp: %w", syscall.ECONNRESET)
	errFull  = &os.PathError{Op: "write", Path: "x", Err: syscall.ENOSPC}
)

func fetch(t *testing.T, s download.Source, f download.Folder, r download.Request) (download.Result, error) {
	t.Helper()
	return download.Fetch(t.Context(), download.Config{Source: s, Folder: f}, r, nil)
}

// isDamaged and its like are for tables of wanted errors.
func as[E error](err error) bool {
	var e E
	return errors.As(err, &e)
}

func is(want error) func(error) bool {
	return func(err error) bool { return errors.Is(err, want) }
}
