package extract

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"sync"

	"connectbackup/api/manifest"
)

// damagedMax is how many damaged entries Verify names: in a file of noise all
// are.
const damagedMax = 1000

// VerifyResult is what Verify found.
type VerifyResult struct {
	SHA256  string // of the archive, 64 lower-case hexadecimal digits
	Entries int    // files that are whole
	Bytes   int64  // that came out of them
	// Listed is how many of the whole files were also compared with the SHA-256
	// that the archive's own list has of them: manifest.json of Connect, or
	// checksums.sha256, of the whole or of a folder in it.
	Listed int
	// Manifest is the one in the zip of a backup; nil when there is none that is
	// whole.
	Manifest *manifest.Manifest
	// Damaged names every file that is not what it should be, in the order of
	// the archive, then those that a list names and that are missing; at most
	// 1,000 of them. Where a format has no directory, the first damage is the
	// last that can be found.
	Damaged []Error
}

// Verify hashes the archive and unpacks every entry to nowhere, against its
// checksum and what the archive's own lists say. Entries whose names are unsafe
// are checked all the same. report may be nil; its Total is -1 where the format
// does not say.
//
// An error means that the archive as a whole could not be checked; SHA256 is
// set all the same when the file could be read.
func Verify(ctx context.Context, r io.ReaderAt, size int64, report func(Progress)) (VerifyResult, error) {
	src := newSource(r, size)
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	var sum string
	var hashErr error
	var wait sync.WaitGroup
	wait.Go(func() { sum, hashErr = hashAll(ctx, src) })
	res, err := verifyEntries(ctx, src, report)
	if errors.Is(err, context.Canceled) {
		stop()
	}
	wait.Wait()
	res.SHA256 = sum
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

func verifyEntries(ctx context.Context, src *source, report func(Progress)) (VerifyResult, error) {
	kind, err := identify(src)
	if err != nil {
		return VerifyResult{}, err
	}
	if kind != kindZip {
		return verifyStream(ctx, src, kind, report)
	}
	z, err := readZip(src)
	if err != nil {
		return VerifyResult{}, err
	}
	v := &zipVerifier{zipFile: z, found: make(map[*zipEntry]Error)}
	total, err := z.check(true, func(e *zipEntry, err error) error {
		var fault *Error
		if errors.As(err, &fault) && fault.Kind != Unsafe {
			v.found[e] = *fault
		}
		return nil
	})
	if err != nil {
		return VerifyResult{}, err
	}
	var files []planned
	for i := range z.entries {
		e := &z.entries[i]
		if _, bad := v.found[e]; !bad && !e.isDir() {
			files = append(files, planned{e, e.name})
		}
	}
	v.promised, v.inside = z.readPromises(ctx, files)
	v.count = startProgress(total, report)
	defer v.count.finish()
	err = z.eachFile(ctx, files, workers(0), v.file)
	return v.result(), err
}

// zipVerifier checks the files of a zip.
type zipVerifier struct {
	*zipFile
	promised promises
	count    *progress

	mu     sync.Mutex
	found  map[*zipEntry]Error
	listed int
	inside *manifest.Manifest
}

// file checks one file. What is wrong with it is found, and no error.
func (v *zipVerifier) file(ctx context.Context, u *unpacker, f planned) error {
	v.count.entry.Store(&f.path)
	out, hashed := v.promised.writer(f.entry.name)
	err := u.unpack(ctx, f.entry, out, v.count)
	if err == nil {
		err = hashed.compare(f.entry)
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	var e *Error
	switch {
	case errors.As(err, &e):
		v.found[f.entry] = *e
		return nil
	case err != nil:
		return err
	}
	v.count.entries.Add(1)
	if hashed != nil {
		v.listed++
	}
	return nil
}

func (v *zipVerifier) result() VerifyResult {
	res := VerifyResult{Entries: int(v.count.entries.Load()), Bytes: v.count.done.Load(), Listed: v.listed, Manifest: v.inside}
	for i := range v.entries {
		if e, ok := v.found[&v.entries[i]]; ok {
			res.Damaged = append(res.Damaged, e)
		}
	}
	res.Damaged = append(res.Damaged, v.promised.missing(v.there())...)
	res.Damaged = res.Damaged[:min(len(res.Damaged), damagedMax)]
	return res
}

// verifyStream unpacks an archive without a directory to nowhere. What its lists
// say can be told only of one that was read to its end.
func verifyStream(ctx context.Context, src *source, k kind, report func(Progress)) (VerifyResult, error) {
	files := &listing{}
	s := &stream{src: src, t: files, allow: true, free: -1, buffer: make([]byte, copyBuffer)}
	s.count = startProgress(-1, report)
	defer s.count.finish()
	err := walk(ctx, src, k, s.entry)
	res := VerifyResult{Entries: int(s.count.entries.Load()), Bytes: s.count.done.Load()}
	var e *Error
	if errors.As(err, &e) && e.Kind == Damaged {
		res.Damaged = []Error{*e}
		return res, nil
	}
	if err != nil {
		return res, err
	}
	listed, changed, missing := files.compare()
	res.Listed = listed
	res.Entries -= len(changed)
	res.Damaged = append(changed, missing...)
	res.Damaged = res.Damaged[:min(len(res.Damaged), damagedMax)]
	return res, nil
}
