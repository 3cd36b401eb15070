package extract_test

import (
	"archive/zip"
	"bytes"
	"errors"
	"io"
	"strings"
	"sync"
	"testing"

	"connectbackup/device/download"
	"connectbackup/device/extract"
)

// memory is a Target that keeps files of up to a few MiB.
type memory struct {
	mu       sync.Mutex
	files    map[string]*bytes.Buffer
	folders  map[string]bool
	commits  int
	aborted  bool
	offences []string
}

func newMemory() *memory {
	return &memory{files: make(map[string]*bytes.Buffer), folders: make(map[string]bool)}
}

func (m *memory) Begin(string, download.Clash) error { return nil }

func (m *memory) note(p string, file bool) {
	if p == "" || p[0] == '/' || strings.HasSuffix(p, "/") || strings.Contains("/"+p+"/", "/../") || strings.Contains(p, "//") || strings.ContainsRune(p, 0) {
		m.offences = append(m.offences, p)
	}
	if m.files[p] != nil || file && m.folders[p] {
		m.offences = append(m.offences, "twice: "+p)
	}
	for i := range len(p) {
		if p[i] == '/' && m.files[p[:i]] != nil {
			m.offences = append(m.offences, "below a file: "+p)
		}
		if p[i] == '/' {
			m.folders[p[:i]] = true
		}
	}
}

func (m *memory) Create(p string) (io.WriteCloser, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.note(p, true)
	m.files[p] = &bytes.Buffer{}
	return buffer{m.files[p]}, nil
}

func (m *memory) Mkdir(p string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.note(p, false)
	m.folders[p] = true
	return nil
}

func (m *memory) Commit() (download.Location, error) { m.commits++; return "out", nil }
func (m *memory) Abort() error                       { m.aborted = true; return nil }

type buffer struct{ *bytes.Buffer }

func (buffer) Close() error { return nil }

// FuzzZip looks for a zip whose pre-flight or extraction panics, leads out of
// the folder, writes other bytes than Go's own reader of zips, or is shown
// although it is damaged.
func FuzzZip(f *testing.F) {
	archives, _ := odd(f)
	for name, b := range archives {
		if strings.HasSuffix(name, ".zip") && len(b) < 1<<16 {
			f.Add(b)
		}
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		to := newMemory()
		res, err := extract.Archive(t.Context(), bytes.NewReader(b), int64(len(b)), to, extract.Options{
			Name: "out", Free: func() (int64, error) { return 16 << 20, nil },
		})
		if len(to.offences) > 0 {
			t.Errorf("it wrote %q", to.offences)
		}
		var fault *extract.Error
		var space *download.SpaceError
		if err != nil {
			if !errors.As(err, &fault) && !errors.As(err, &space) {
				t.Errorf("an error without a type: %v", err)
			}
			if to.commits > 0 || !to.aborted {
				t.Errorf("shown %d times, aborted %v, with %v", to.commits, to.aborted, err)
			}
			return
		}
		if to.commits != 1 || res.Files != len(to.files) {
			t.Errorf("shown %d times, %d files, %+v", to.commits, len(to.files), res)
		}
		if bytes.HasPrefix(b, []byte("PK")) {
			compareWithGo(t, b, to)
		}
	})
}

// compareWithGo holds what was extracted against archive/zip.
func compareWithGo(t *testing.T, b []byte, to *memory) {
	t.Helper()
	r, err := zip.NewReader(bytes.NewReader(b), int64(len(b)))
	if err != nil && !errors.Is(err, zip.ErrInsecurePath) {
		t.Fatalf("Go does not read it: %v", err)
	}
	files, wrote := 0, 0
	for _, got := range to.files {
		wrote += got.Len()
	}
	total := 0
	for _, e := range r.File {
		if e.FileInfo().IsDir() || strings.HasSuffix(e.Name, "\\") {
			continue
		}
		files++
		total += int(e.UncompressedSize64)
		if e.Method != zip.Store && e.Method != zip.Deflate {
			continue
		}
		in, err := e.Open()
		if err != nil {
			t.Fatalf("Go does not open %q: %v", e.Name, err)
		}
		want, err := io.ReadAll(in)
		if err = errors.Join(err, in.Close()); err != nil && e.Flags&8 != 0 {
			continue // Go believes the descriptor behind the data; the directory counts
		} else if err != nil {
			t.Fatalf("Go does not read %q: %v", e.Name, err)
		}
		if got := to.files[e.Name]; got != nil && !bytes.Equal(got.Bytes(), want) {
			t.Errorf("%q is %d bytes %.40q, Go has %d bytes %.40q", e.Name, got.Len(), got.Bytes(), len(want), want)
		}
	}
	if files != len(to.files) || total != wrote {
		t.Errorf("%d files, %d bytes; Go has %d, %d", len(to.files), wrote, files, total)
	}
}
