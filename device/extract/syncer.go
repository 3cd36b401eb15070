package extract

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"sync"

	"connectbackup/device/internal/disk"
)

// syncFiles is how many files are brought to the disk one by one, while others
// are still unpacked. More are left to one call for the whole file system.
const syncFiles = 256

// outFile is a file being written. Its Close hands it to the syncer.
type outFile struct {
	*os.File
	sync *syncer
}

func (f *outFile) Close() error { return f.sync.close(f.File) }

// syncer brings files to the disk and closes them, beside the unpacking.
type syncer struct {
	files chan *os.File
	end   sync.WaitGroup

	mu    sync.Mutex
	count int
	late  bool // some files were not synced one by one
	shut  bool
	err   error
}

func newSyncer() *syncer {
	s := &syncer{files: make(chan *os.File, 16)}
	s.end.Go(func() {
		for f := range s.files {
			s.note(errors.Join(f.Sync(), f.Close()))
		}
	})
	return s
}

func (s *syncer) note(err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.err == nil {
		s.err = err
	}
}

// close closes f, now or when it was synced; then an error comes from wait.
func (s *syncer) close(f *os.File) error {
	s.mu.Lock()
	s.count++
	one := s.count <= syncFiles || !disk.CanSyncAll
	s.late = s.late || !one
	s.mu.Unlock()
	if !one {
		return f.Close()
	}
	s.files <- f
	return nil
}

// drain waits until every file is closed.
func (s *syncer) drain() error {
	s.mu.Lock()
	shut := s.shut
	s.shut = true
	s.mu.Unlock()
	if !shut {
		close(s.files)
	}
	s.end.Wait()
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.err
}

// wait returns when all files, and the names in the folders, are on the disk.
func (s *syncer) wait(root string) error {
	if err := s.drain(); err != nil {
		return err
	}
	if s.late {
		return disk.SyncAll(root)
	}
	return filepath.WalkDir(root, func(p string, e fs.DirEntry, err error) error {
		if err != nil || !e.IsDir() {
			return err
		}
		return disk.SyncDir(p)
	})
}
