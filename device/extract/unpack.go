package extract

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"hash/crc32"
	"io"

	"github.com/klauspost/compress/flate"
	"github.com/klauspost/compress/zstd"
	"github.com/mholt/archiver/v4"

	"connectbackup/device/download"
	"connectbackup/device/internal/disk"
)

const (
	readBuffer = 64 << 10
	copyBuffer = 256 << 10
	// wholeMax is how much packed data a worker holds in memory at most, in
	// bytes: four workers stay within the 32 MiB that extracting may take.
	wholeMax = 6 << 20
	// windowMax is the most memory that one stream may ask for, in bytes.
	windowMax = 128 << 20

	needsMemory = "it needs more memory than is reasonable"
)

// errTooLong says that more came out than was declared.
var errTooLong = errors.New("it is longer than declared")

// sink takes what comes out of one entry: it counts, checks, and never passes
// on more than was declared. It keeps its own error, so that a full disk is not
// taken for a damaged archive.
type sink struct {
	ctx   context.Context
	out   io.Writer
	left  int64 // bytes that may still come; negative: no limit was declared
	n     int64
	crc   uint32
	sum   bool // keep a CRC
	count *progress
	err   error
}

func (s *sink) Write(b []byte) (int, error) {
	if s.err == nil {
		s.err = s.ctx.Err()
	}
	if s.err != nil {
		return 0, s.err
	}
	if s.left >= 0 {
		if int64(len(b)) > s.left {
			s.err = errTooLong
			return 0, s.err
		}
		s.left -= int64(len(b))
	}
	if s.sum {
		s.crc = crc32.Update(s.crc, crc32.IEEETable, b)
	}
	n, err := s.out.Write(b)
	s.n += int64(n)
	s.count.done.Add(int64(n))
	if err == nil && n < len(b) {
		err = io.ErrShortWrite
	}
	s.err = err
	return n, err
}

// unpacker unpacks one entry after the other, in the same memory.
type unpacker struct {
	src    *source
	in     *bufio.Reader
	flate  io.ReadCloser
	buffer []byte
	packed []byte
	whole  bytes.Reader // of packed
}

func newUnpacker(src *source) *unpacker {
	return &unpacker{src: src, in: bufio.NewReaderSize(nil, readBuffer)}
}

// unpack writes the entry to out and makes sure that it is what it should be.
func (u *unpacker) unpack(ctx context.Context, e *zipEntry, out io.Writer, count *progress) error {
	s := &sink{ctx: ctx, out: out, left: e.size, sum: true, count: count}
	err := u.decode(e, s)
	switch {
	case errors.Is(s.err, errTooLong):
		return damaged(e.name, errTooLong.Error(), nil)
	case s.err != nil:
		return writeError(s.err)
	case err != nil:
		return streamError(e.name, err)
	case s.n != e.size:
		return damaged(e.name, "it is shorter than declared", nil)
	case s.crc != e.crc:
		return damaged(e.name, "its checksum does not match", nil)
	}
	return nil
}

func (u *unpacker) decode(e *zipEntry, s *sink) (err error) {
	defer recovered(&err)
	if e.method == methodDeflate && e.packed <= wholeMax {
		if err := u.readWhole(e); err != nil {
			return err
		}
		return u.inflate(s, &u.whole)
	}
	section := u.src.section(e.data, e.packed)
	if e.method == methodStore {
		return u.copy(s, section)
	}
	u.in.Reset(section)
	if e.method == methodDeflate {
		return u.inflate(s, u.in)
	}
	if e.method == methodLZMA {
		return u.unLZMA(s, e.size)
	}
	var r io.ReadCloser
	switch e.method {
	case methodBzip2:
		r, err = archiver.Bz2{}.OpenReader(u.in)
	case methodXz:
		r, err = archiver.Xz{}.OpenReader(u.in)
	case methodZstd:
		r, err = zstdFormat().OpenReader(u.in)
	}
	if err != nil {
		return err
	}
	return errors.Join(u.copy(s, r), r.Close())
}

func (u *unpacker) unLZMA(s *sink, size int64) error {
	if size == 0 {
		return nil // no stream says so well
	}
	r, err := openLZMA(u.in, size)
	if err != nil {
		return err
	}
	return u.copy(s, r)
}

// readWhole reads all that is packed of an entry. The decoder has a way of its
// own to read from memory, which costs a seventh less of its time.
func (u *unpacker) readWhole(e *zipEntry) error {
	if int64(cap(u.packed)) < e.packed {
		u.packed = make([]byte, e.packed) // the biggest come first
	}
	b := u.packed[:e.packed]
	if _, err := io.ReadFull(u.src.section(e.data, e.packed), b); err != nil {
		return err
	}
	u.whole.Reset(b)
	return nil
}

// inflate lets the decoder write from its own window, without another copy.
func (u *unpacker) inflate(s *sink, in io.Reader) error {
	if u.flate == nil {
		u.flate = flate.NewReader(in)
	} else if err := u.flate.(flate.Resetter).Reset(in, nil); err != nil {
		return err
	}
	if w, ok := u.flate.(io.WriterTo); ok {
		_, err := w.WriteTo(s)
		return err
	}
	return u.copy(s, u.flate)
}

// copy hides WriterTo and ReaderFrom: the buffer is ours, and large.
func (u *unpacker) copy(s *sink, r io.Reader) error {
	if u.buffer == nil {
		u.buffer = make([]byte, copyBuffer)
	}
	_, err := io.CopyBuffer(struct{ io.Writer }{s}, struct{ io.Reader }{r}, u.buffer)
	return err
}

func zstdFormat() archiver.Zstd {
	return archiver.Zstd{DecoderOptions: []zstd.DOption{
		zstd.WithDecoderConcurrency(1), zstd.WithDecoderLowmem(true), zstd.WithDecoderMaxWindow(windowMax),
	}}
}

// recovered turns a panic of a decoder, fed with garbage, into an error.
func recovered(err *error) {
	if v := recover(); v != nil {
		*err = fmt.Errorf("the decoder gave up: %v", v)
	}
}

// writeError sorts an error of writing.
func writeError(err error) error {
	var space *download.SpaceError
	if disk.IsFull(err) && !errors.As(err, &space) {
		return &download.SpaceError{Free: -1, Err: err}
	}
	return err
}
