package extract

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"io"

	"connectbackup/device/download"
)

// Archive writes an archive out into a new folder of t. Nothing is left behind
// when it fails or ctx ends.
//
// Errors: *Error; *download.SpaceError, *download.ExistsError,
// *download.FolderError, which is ErrHoldsArchive where Replace would remove the
// archive too; the context's. With Clash Skip, a folder that is there already is
// the result, marked as skipped.
func Archive(ctx context.Context, r io.ReaderAt, size int64, t Target, o Options) (Result, error) {
	src := newSource(r, size)
	if s, ok := t.(sparer); ok && src.before != nil {
		s.Spare(src.before)
	}
	res, err := archive(ctx, src, t, o)
	if err == nil {
		return res, nil
	}
	err = src.explain(err)
	abortErr := t.Abort()
	var exists *download.ExistsError
	if o.Clash == download.Skip && errors.As(err, &exists) {
		if abortErr != nil {
			return Result{}, abortErr // something is left behind
		}
		return Result{Location: exists.Location, Skipped: true}, nil
	}
	if abortErr != nil {
		err = errors.Join(err, abortErr)
	}
	return Result{}, err
}

func archive(ctx context.Context, src *source, t Target, o Options) (Result, error) {
	kind, err := identify(src)
	if err != nil {
		return Result{}, err
	}
	if kind != kindZip {
		return extractStream(ctx, src, kind, t, o)
	}
	z, err := readZip(src)
	if err != nil {
		return Result{}, err
	}
	total, err := z.check(o.AllowRatio, refuse)
	if err != nil {
		return Result{}, err
	}
	files, folders, places, err := z.plan()
	if err != nil {
		return Result{}, err
	}
	if err := enoughSpace(o, total, places); err != nil {
		return Result{}, err
	}
	if err := ctx.Err(); err != nil {
		return Result{}, err
	}
	if err := t.Begin(o.Name, o.Clash); err != nil {
		return Result{}, err
	}
	for _, f := range folders {
		if err := t.Mkdir(f.path); err != nil {
			return Result{}, writeError(err)
		}
	}
	count := startProgress(total, o.Report)
	defer count.finish()
	err = z.eachFile(ctx, files, workers(o.Workers), func(ctx context.Context, u *unpacker, f planned) error {
		return extractFile(ctx, u, f, t, count)
	})
	if err != nil {
		return Result{}, err
	}
	return finish(src, t, count)
}

// finish shows the files, unless the archive changed meanwhile: then they may
// be of two versions.
func finish(src *source, t Target, count *progress) (Result, error) {
	if err := src.changed(nil); err != nil {
		return Result{}, err
	}
	l, err := t.Commit()
	if err != nil {
		return Result{}, writeError(err)
	}
	return Result{Location: l, Files: int(count.entries.Load()), Bytes: count.done.Load()}, nil
}

// blockSize is what a file or a folder takes on the disk at least, in bytes.
const blockSize = 4096

func enoughSpace(o Options, total int64, places int) error {
	if o.Free == nil {
		return nil
	}
	free, err := o.Free()
	if err != nil {
		return err
	}
	need := total + int64(places)*blockSize
	if need < total || need > free {
		return &download.SpaceError{Need: need, Free: free}
	}
	return nil
}

// kind is the outermost format of an archive.
type kind int

const (
	kindZip kind = iota + 1
	kindTar
	kindGzip
	kindBzip2
	kindXz
	kindZstd
	kind7z
	kindRar
)

var magics = []struct {
	kind  kind
	bytes string
}{
	{kindZip, "PK\x03\x04"},
	{kindZip, "PK\x05\x06"}, // empty
	{kindZip, "PK\x07\x08"}, // was made for several disks
	{kindGzip, "\x1f\x8b"},
	{kindBzip2, "BZh"},
	{kindXz, "\xfd7zXZ\x00"},
	{kindZstd, "\x28\xb5\x2f\xfd"},
	{kind7z, "7z\xbc\xaf\x27\x1c"},
	// The whole mark: half of one makes the reader of rar search for ever.
	{kindRar, "Rar!\x1a\x07\x00"},
	{kindRar, "Rar!\x1a\x07\x01\x00"},
}

// identify tells formats by their first bytes. archiver.Identify is not asked:
// it guesses Brotli, which has no mark, in the random order of a map, and
// panics on an empty file.
func identify(src *source) (kind, error) {
	head := make([]byte, min(src.size, 64<<10))
	if _, err := src.ReadAt(head, 0); err != nil && !errors.Is(err, io.EOF) {
		return 0, damaged("", "it cannot be read", err)
	}
	for _, m := range magics {
		if bytes.HasPrefix(head, []byte(m.bytes)) {
			return m.kind, nil
		}
	}
	if isTar(head) {
		return kindTar, nil
	}
	if hasEnd(src) { // a program in front that extracts itself
		return kindZip, nil
	}
	detail := "it is of no format that is known here"
	if src.size == 0 {
		detail = "the file is empty"
	}
	return 0, &Error{Kind: NotAnArchive, Detail: detail}
}

// hasEnd looks for the end of a zip, also of one that is split: the last file
// begins in the middle of something.
func hasEnd(src *source) bool {
	end, err := findEnd(src)
	var fault *Error
	if errors.As(err, &fault) && fault.Kind == Unsupported {
		return true
	}
	if err != nil {
		return false
	}
	_, start, err := placeDirectory(src, end)
	return err == nil && (end.records == 0 || isCentral(src, start))
}

// isTar checks the sum of a tar header (POSIX ustar): a mark of its own it had
// only later.
func isTar(head []byte) bool {
	const block, sumAt, sumLen = 512, 148, 8
	if len(head) < block {
		return false
	}
	field := bytes.Trim(head[sumAt:sumAt+sumLen], " \x00")
	want, sum, signed := 0, 0, 0
	for _, c := range field {
		if c < '0' || c > '7' {
			return false
		}
		want = want*8 + int(c-'0')
	}
	for i, c := range head[:block] {
		if i >= sumAt && i < sumAt+sumLen {
			c = ' '
		}
		sum += int(c)
		signed += int(int8(c))
	}
	return len(field) > 0 && binary.LittleEndian.Uint64(head) != 0 && (want == sum || want == signed)
}
