package device

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"connectbackup/device/download"
)

const (
	// findMax is how many entries of folders OfSize looks at: a Downloads that
	// holds more is searched in part, rather than for minutes.
	findMax = 50_000
	// findBatch is how many are read before ctx is asked again.
	findBatch = 512
)

// OfSize finds the published files of that many bytes, in the folder itself and
// in the folders in it, but no deeper: there people move what they downloaded
// (requirement B13). It looks at findMax entries at most, follows no links, and
// passes over what it may not read. A folder that is not there holds none.
func (f *Folder) OfSize(ctx context.Context, size int64) ([]download.Info, error) {
	s := &sizeSearch{ctx: ctx, size: size, left: findMax}
	err := s.dir(f.path, true)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil && ctx.Err() == nil {
		err = folderError("read", f.path, err)
	}
	for _, sub := range s.below {
		if err != nil {
			break
		}
		// One that cannot be read, or that has gone meanwhile, hides nothing else.
		if subErr := s.dir(sub, false); ctx.Err() != nil {
			err = subErr
		}
	}
	return s.found, err
}

type sizeSearch struct {
	ctx   context.Context
	size  int64
	left  int
	below []string
	found []download.Info
}

// dir looks at the entries of one folder, and notes the folders in it.
func (s *sizeSearch) dir(path string, deeper bool) (err error) {
	d, err := os.Open(path)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, d.Close()) }()
	for s.left > 0 {
		if err := s.ctx.Err(); err != nil {
			return err
		}
		entries, err := d.ReadDir(min(findBatch, s.left))
		s.left -= len(entries)
		for _, e := range entries {
			s.entry(path, e, deeper)
		}
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func (s *sizeSearch) entry(dir string, e fs.DirEntry, deeper bool) {
	if strings.HasPrefix(e.Name(), ownPrefix) {
		return // a part is no published file
	}
	p := filepath.Join(dir, e.Name())
	if e.IsDir() && deeper {
		s.below = append(s.below, p)
	}
	if !e.Type().IsRegular() {
		return
	}
	info, err := e.Info()
	if err != nil || info.Size() != s.size {
		return // gone meanwhile, or another file
	}
	s.found = append(s.found, download.Info{
		Name: e.Name(), Size: info.Size(), ModTime: info.ModTime(), Location: download.Location(p),
	})
}

// RemoveFile deletes a file. A link is not followed and not deleted: what it
// leads to would stay.
func RemoveFile(l download.Location) error {
	p := string(l)
	info, err := os.Lstat(p)
	if err == nil && !info.Mode().IsRegular() {
		err = fmt.Errorf("is no file: %w", fs.ErrInvalid)
	}
	if err == nil {
		err = os.Remove(p)
	}
	return folderError("delete", p, err)
}
