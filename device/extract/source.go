package extract

import (
	"errors"
	"io"
	"io/fs"
	"sync/atomic"

	"connectbackup/device/download"
)

// source is the archive as a file. It remembers a fault of the disk, so that
// it is not taken for damage of the archive, and knows whether the file
// changed.
type source struct {
	r      io.ReaderAt
	size   int64
	fault  atomic.Pointer[error]
	before fs.FileInfo // nil when the reader has no Stat
}

type statter interface{ Stat() (fs.FileInfo, error) }

func newSource(r io.ReaderAt, size int64) *source {
	s := &source{r: r, size: size}
	if f, ok := r.(statter); ok {
		if info, err := f.Stat(); err == nil {
			s.before = info
		}
	}
	return s
}

func (s *source) ReadAt(b []byte, off int64) (int, error) {
	n, err := s.r.ReadAt(b, off)
	if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
		s.fault.CompareAndSwap(nil, &err)
	}
	return n, err
}

func (s *source) section(off, n int64) *io.SectionReader { return io.NewSectionReader(s, off, n) }

// explain puts the true reason first: a file that changed or could not be read
// also looks damaged.
func (s *source) explain(err error) error {
	if err == nil {
		return s.changed(nil)
	}
	if fault := s.fault.Load(); fault != nil {
		return &download.FolderError{Op: "read", Path: s.name(), Err: *fault}
	}
	var e *Error
	if errors.As(err, &e) && e.Kind == Damaged {
		return s.changed(err)
	}
	return err
}

// changed is an *Error of that kind when the file is no longer what it was,
// else err.
func (s *source) changed(err error) error {
	f, ok := s.r.(statter)
	if !ok || s.before == nil {
		return err
	}
	after, statErr := f.Stat()
	if statErr != nil {
		return err
	}
	if after.Size() != s.before.Size() || !after.ModTime().Equal(s.before.ModTime()) {
		return &Error{Kind: Changed, Err: err}
	}
	return err
}

func (s *source) name() string {
	if f, ok := s.r.(interface{ Name() string }); ok {
		return f.Name()
	}
	return "the archive"
}

func damaged(entry, detail string, err error) *Error {
	return &Error{Kind: Damaged, Entry: entry, Detail: detail, Err: err}
}

func unsafe(entry, detail string) *Error {
	return &Error{Kind: Unsafe, Entry: entry, Detail: detail}
}
