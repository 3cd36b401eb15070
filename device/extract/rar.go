package extract

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"path"
	"time"

	"github.com/mholt/archiver/v4"
	"github.com/nwaples/rardecode/v2"
)

// walkRar is archiver's own walk through a rar, but for one thing that archiver
// cannot be told: how much memory the archive may ask for, 4 GiB by default.
func walkRar(ctx context.Context, r io.Reader, visit archiver.FileHandler) error {
	rar, err := rardecode.NewReader(r, rardecode.MaxDictionarySize(dictionaryMax))
	if err != nil {
		return err
	}
	for {
		if err := ctx.Err(); err != nil {
			return err
		}
		h, err := rar.Next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		info := rarInfo{h}
		err = visit(ctx, archiver.FileInfo{
			FileInfo: info, Header: h, NameInArchive: h.Name,
			Open: func() (fs.File, error) { return rarFile{rar, info}, nil },
		})
		if err != nil {
			return err
		}
	}
}

// rarInfo describes one entry of a rar.
type rarInfo struct{ h *rardecode.FileHeader }

func (i rarInfo) Name() string       { return path.Base(i.h.Name) }
func (i rarInfo) Mode() fs.FileMode  { return i.h.Mode() }
func (i rarInfo) ModTime() time.Time { return i.h.ModificationTime }
func (i rarInfo) IsDir() bool        { return i.h.IsDir }
func (i rarInfo) Sys() any           { return nil }

// Size is -1 when the archive does not say.
func (i rarInfo) Size() int64 {
	if i.h.UnKnownSize {
		return -1
	}
	return i.h.UnPackedSize
}

// rarFile reads the entry that the reader stands at.
type rarFile struct {
	io.Reader
	info rarInfo
}

func (f rarFile) Stat() (fs.FileInfo, error) { return f.info, nil }
func (f rarFile) Close() error               { return nil }
