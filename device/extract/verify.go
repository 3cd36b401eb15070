package extract

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"sync"

	"connectbackup/device/download"
)

// damagedMax is how many damaged entries Verify names: in a file of noise all
// are.
const damagedMax = 1000

// VerifyResult is what Verify found.
type VerifyResult struct {
	SHA256  string // of the archive, 64 lower-case hexadecimal digits
	Entries int    // files that are whole
	Bytes   int64  // that came out of them
	// Damaged names every file that is not what it should be, in the order of
	// the archive; at most 1,000 of them. Where a format has no directory, the
	// first damage is the last that can be found.
	Damaged []Error
}

// Verify hashes the archive and unpacks every entry to nowhere, against its
// checksum. Entries whose names are unsafe are checked all the same. report may
// be nil; its Total is -1 where the format does not say.
//
// An error means that the archive as a whole could not be checked; SHA256 is
// set all the same when the file could be read.
func Verify(ctx context.Context, r io.ReaderAt, size int64, report func(Progress)) (VerifyResult, error) {
	src := newSource(r, size)
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	var res VerifyResult
	var hashErr error
	var wait sync.WaitGroup
	wait.Go(func() { res.SHA256, hashErr = hashAll(ctx, src) })
	entries, n, bad, err := verifyEntries(ctx, src, report)
	if errors.Is(err, context.Canceled) {
		stop()
	}
	wait.Wait()
	res.Entries, res.Bytes, res.Damaged = entries, n, bad
	if hashErr != nil {
		return res, src.explain(hashErr)
	}
	return res, src.explain(err)
}

func hashAll(ctx context.Context, src *source) (string, error) {
	h := sha256.New()
	s := &sink{ctx: ctx, out: h, left: -1, count: &progress{}}
	n, err := io.CopyBuffer(s, struct{ io.Reader }{src.section(0, src.size)}, make([]byte, copyBuffer))
	if err == nil && n != src.size {
		err = damaged("", "the file is shorter than it was", nil)
	}
	if err != nil {
		return "", err
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}

func verifyEntries(ctx context.Context, src *source, report func(Progress)) (entries int, n int64, bad []Error, err error) {
	kind, err := identify(src)
	if err != nil {
		return 0, 0, nil, err
	}
	if kind != kindZip {
		return verifyStream(ctx, src, kind, report)
	}
	z, err := readZip(src)
	if err != nil {
		return 0, 0, nil, err
	}
	found := make(map[*zipEntry]Error)
	total, err := z.check(true, func(e *zipEntry, err error) error {
		var fault *Error
		if errors.As(err, &fault) && fault.Kind != Unsafe {
			found[e] = *fault
		}
		return nil
	})
	if err != nil {
		return 0, 0, nil, err
	}
	var files []planned
	for i := range z.entries {
		e := &z.entries[i]
		if _, bad := found[e]; !bad && !e.isDir() {
			files = append(files, planned{e, e.name})
		}
	}
	count := startProgress(total, report)
	defer count.finish()
	var mu sync.Mutex
	err = z.eachFile(ctx, files, workers(0), func(ctx context.Context, u *unpacker, f planned) error {
		count.entry.Store(&f.path)
		err := u.unpack(ctx, f.entry, io.Discard, count)
		var e *Error
		if !errors.As(err, &e) {
			if err == nil {
				count.entries.Add(1)
			}
			return err
		}
		mu.Lock()
		defer mu.Unlock()
		found[f.entry] = *e
		return nil
	})
	for i := range z.entries {
		if e, ok := found[&z.entries[i]]; ok && len(bad) < damagedMax {
			bad = append(bad, e)
		}
	}
	return int(count.entries.Load()), count.done.Load(), bad, err
}

// verifyStream unpacks an archive without a directory to nowhere.
func verifyStream(ctx context.Context, src *source, k kind, report func(Progress)) (int, int64, []Error, error) {
	s := &stream{src: src, t: nowhere{}, allow: true, free: -1, buffer: make([]byte, copyBuffer)}
	s.count = startProgress(-1, report)
	defer s.count.finish()
	err := walk(ctx, src, k, s.entry)
	files, n := int(s.count.entries.Load()), s.count.done.Load()
	var e *Error
	if errors.As(err, &e) && e.Kind == Damaged {
		return files, n, []Error{*e}, nil
	}
	return files, n, nil, err
}

// nowhere is a Target that keeps nothing.
type nowhere struct{}

func (nowhere) Begin(string, download.Clash) error    { return nil }
func (nowhere) Create(string) (io.WriteCloser, error) { return discarded{io.Discard}, nil }
func (nowhere) Mkdir(string) error                    { return nil }
func (nowhere) Commit() (download.Location, error)    { return "", nil }
func (nowhere) Abort() error                          { return nil }

type discarded struct{ io.Writer }

func (discarded) Close() error { return nil }
