package extract

import (
	"bufio"
	"context"
	"errors"
	"io"
	"io/fs"
	"strings"

	"github.com/bodgit/sevenzip"
	"github.com/klauspost/compress/zstd"
	"github.com/mholt/archiver/v4"
	"github.com/nwaples/rardecode/v2"
	"github.com/therootcompany/xz"

	"connectbackup/device/download"
)

// extractStream writes out what has no directory that could be checked before:
// tar, packed or not, 7z and rar. Every check happens as the entries come, into
// a folder that nobody sees yet.
func extractStream(ctx context.Context, src *source, k kind, t Target, o Options) (Result, error) {
	s := &stream{src: src, t: t, allow: o.AllowRatio, names: newNameSet(), free: -1, buffer: make([]byte, copyBuffer)}
	if o.Free != nil {
		free, err := o.Free()
		if err != nil {
			return Result{}, err
		}
		s.free = free
	}
	if err := t.Begin(o.Name, o.Clash); err != nil {
		return Result{}, err
	}
	s.count = startProgress(-1, o.Report)
	defer s.count.finish()
	if err := walk(ctx, src, k, s.entry); err != nil {
		return Result{}, err
	}
	return finish(src, t, s.count)
}

// stream is the state of one such extraction.
type stream struct {
	src    *source
	t      Target
	allow  bool
	names  *nameSet // nil: names do not matter
	free   int64    // at the start; -1 when not known, or when nothing is written
	seen   int
	count  *progress
	buffer []byte
}

// walk hands every entry of an archive without a directory to visit.
func walk(ctx context.Context, src *source, k kind, visit archiver.FileHandler) error {
	var faulty error // of visit: it must not be taken for damage
	err := walkRaw(ctx, src, k, func(ctx context.Context, f archiver.FileInfo) error {
		faulty = visit(ctx, f)
		return faulty
	})
	switch {
	case err == nil:
		return nil
	case faulty != nil:
		return faulty
	case ctx.Err() != nil:
		return ctx.Err()
	}
	return streamError("", err)
}

func walkRaw(ctx context.Context, src *source, k kind, visit archiver.FileHandler) (err error) {
	defer recovered(&err)
	whole := src.section(0, src.size)
	switch k {
	case kind7z:
		if err := check7z(src); err != nil {
			return err
		}
		return archiver.SevenZip{}.Extract(ctx, whole, visit)
	case kindRar:
		return walkRar(ctx, whole, visit)
	case kindTar:
		return walkTar(ctx, bufio.NewReaderSize(whole, copyBuffer), visit)
	}
	packing := map[kind]archiver.Decompressor{
		kindGzip: archiver.Gz{}, kindBzip2: archiver.Bz2{}, kindXz: archiver.Xz{}, kindZstd: zstdFormat(),
	}[k]
	r, err := packing.OpenReader(bufio.NewReaderSize(whole, readBuffer))
	if err != nil {
		return err
	}
	defer func() { _ = r.Close() }() // it was read to its end, or is thrown away
	inner := bufio.NewReaderSize(r, readBuffer)
	head, err := inner.Peek(512)
	if err != nil && !errors.Is(err, io.EOF) {
		return err
	}
	if !isTar(head) {
		return &Error{Kind: Unsupported, Detail: "it is a single packed file, no archive"}
	}
	if err := walkTar(ctx, inner, visit); err != nil {
		return err
	}
	return drain(inner)
}

// drain reads on to the end of the packed stream, where its checksum stands. A
// tar ends in blocks of zeros; endless ones are a bomb.
func drain(r io.Reader) error {
	n, err := io.Copy(io.Discard, io.LimitReader(r, ratioFree))
	if err == nil && n == ratioFree {
		return &Error{Kind: Bomb, Detail: "it goes on after its end"}
	}
	return err
}

// entry checks one entry and writes it out.
func (s *stream) entry(ctx context.Context, f archiver.FileInfo) error {
	name := f.NameInArchive
	if s.seen++; s.seen > entriesMax {
		return &Error{Kind: Bomb, Detail: "too many entries"}
	}
	p := name
	if s.names != nil {
		var err error
		if p, err = checkStreamEntry(f); err != nil || p == "" {
			return err
		}
		if err := s.names.add(p, f.IsDir()); err != nil {
			return err
		}
	} else if !f.IsDir() && (f.LinkTarget != "" || !f.Mode().IsRegular()) {
		return nil // only looked at; it has no contents
	}
	if f.IsDir() {
		if err := s.mayHold(name, 0); err != nil {
			return err
		}
		return writeError(s.t.Mkdir(p))
	}
	if err := s.mayHold(name, f.Size()); err != nil {
		return err
	}
	s.count.entry.Store(&p)
	out, err := s.t.Create(p)
	if err != nil {
		return writeError(err)
	}
	if err := s.copy(ctx, f, out); err != nil {
		_ = out.Close() // it is thrown away
		return err
	}
	if err := out.Close(); err != nil {
		return writeError(err)
	}
	s.count.entries.Add(1)
	return nil
}

// checkStreamEntry is the path of an entry; empty for the folder itself.
func checkStreamEntry(f archiver.FileInfo) (string, error) {
	name := f.NameInArchive
	if f.IsDir() {
		name = strings.TrimSuffix(name, "/") + "/"
	}
	p, err := cleanName(name)
	switch mode := f.Mode(); {
	case err != nil:
		return "", err
	case f.LinkTarget != "" || mode&fs.ModeSymlink != 0:
		return "", unsafe(f.NameInArchive, "it is a link")
	case mode.Type()&^fs.ModeDir != 0:
		return "", unsafe(f.NameInArchive, "it is a device")
	case p == "" && !f.IsDir():
		return "", unsafe(f.NameInArchive, "it has no name")
	}
	return p, nil
}

// mayHold checks what would have come out with size bytes more.
func (s *stream) mayHold(name string, size int64) error {
	all := s.count.done.Load() + max(size, 0)
	switch {
	case all < 0, all > ratioFree && all/wholeRatioMax > s.src.size && !s.allow:
		return &Error{Kind: Bomb, Entry: name, Detail: "it holds far more than its size"}
	case s.free < 0:
		return nil
	}
	if need := all + int64(s.names.places())*blockSize; need > s.free {
		return &download.SpaceError{Need: need, Free: s.free}
	}
	return nil
}

// watched stops an entry whose size was not declared before it becomes a bomb.
type watched struct {
	s    *stream
	name string
	out  io.Writer
}

func (w *watched) Write(b []byte) (int, error) {
	if err := w.s.mayHold(w.name, int64(len(b))); err != nil {
		return 0, err
	}
	return w.out.Write(b)
}

func (s *stream) copy(ctx context.Context, f archiver.FileInfo, w io.Writer) (err error) {
	defer recovered(&err)
	in, err := f.Open()
	if err != nil {
		return streamError(f.NameInArchive, err)
	}
	defer func() { _ = in.Close() }()
	size := f.Size()
	to := &sink{ctx: ctx, out: &watched{s, f.NameInArchive, w}, left: size, count: s.count, sum: true}
	_, err = io.CopyBuffer(struct{ io.Writer }{to}, struct{ io.Reader }{in}, s.buffer)
	switch {
	case errors.Is(to.err, errTooLong):
		return damaged(f.NameInArchive, errTooLong.Error(), nil)
	case to.err != nil:
		return writeError(to.err)
	case err != nil:
		return streamError(f.NameInArchive, err)
	case size >= 0 && to.n != size:
		return damaged(f.NameInArchive, "it is shorter than declared", nil)
	}
	// The reader of 7z leaves the checksum to us; 0 means that there is none.
	if h, ok := f.Header.(sevenzip.FileHeader); ok && h.CRC32 != 0 && h.CRC32 != to.crc {
		return damaged(f.NameInArchive, "its checksum does not match", nil)
	}
	return nil
}

// streamError sorts what the readers of the formats say.
func streamError(entry string, err error) error {
	var ours *Error
	if errors.As(err, &ours) {
		if ours.Entry == "" {
			ours.Entry = entry
		}
		return ours
	}
	kind, detail := Damaged, "it cannot be unpacked"
	switch text := err.Error(); {
	case errors.Is(err, rardecode.ErrArchiveEncrypted), errors.Is(err, rardecode.ErrArchivedFileEncrypted),
		errors.Is(err, rardecode.ErrBadPassword), strings.Contains(text, "no password set"):
		kind, detail = Encrypted, ""
	case errors.Is(err, rardecode.ErrMultiVolume), errors.Is(err, rardecode.ErrUnknownDecoder),
		errors.Is(err, rardecode.ErrUnsupportedDecoder), errors.Is(err, rardecode.ErrUnknownEncryptMethod),
		errors.Is(err, xz.ErrUnsupportedCheck), errors.Is(err, xz.ErrOptions), strings.Contains(text, "unsupported compression algorithm"):
		kind, detail = Unsupported, "an unknown method of packing"
	case errors.Is(err, rardecode.ErrDictionaryTooLarge), errors.Is(err, zstd.ErrWindowSizeExceeded), errors.Is(err, xz.ErrMemlimit):
		kind, detail = Unsupported, needsMemory
	}
	return &Error{Kind: kind, Entry: entry, Detail: detail, Err: err}
}
