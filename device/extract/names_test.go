package extract_test

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"runtime"
	"strings"
	"testing"

	"connectbackup/device/download"
	"connectbackup/device/extract"
)

// tarNaming is a packed tar of empty files.
func tarNaming(t *testing.T, n int, name func(i int) string) []byte {
	t.Helper()
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	w := tar.NewWriter(z)
	for i := range n {
		must(t, w.WriteHeader(&tar.Header{Name: name(i), Mode: 0o644}))
	}
	must(t, errors.Join(w.Close(), z.Close()))
	return b.Bytes()
}

func zipNaming(t *testing.T, n int, name func(i int) string) []byte {
	t.Helper()
	entries := make([]raw, n)
	for i := range entries {
		entries[i] = raw{name: name(i)}
	}
	return zipOf(t, entries...)
}

// lonely puts each file into 250 folders of its own.
func lonely(i int) string { return fmt.Sprintf("%06d%s/x", i, strings.Repeat("/d", 249)) }

// hollow is a Target that keeps nothing, and remembers whether it was shown.
type hollow struct{ shown bool }

func (*hollow) Begin(string, download.Clash) error    { return nil }
func (*hollow) Create(string) (io.WriteCloser, error) { return buffer{&bytes.Buffer{}}, nil }
func (*hollow) Mkdir(string) error                    { return nil }
func (h *hollow) Commit() (download.Location, error)  { h.shown = true; return "out", nil }
func (*hollow) Abort() error                          { return nil }

// A few kilobytes of archive could otherwise make fifty million folders.
func TestZ21_TooManyFoldersWithoutEntries(t *testing.T) {
	for what, b := range map[string][]byte{"tar": tarNaming(t, 801, lonely), "zip": zipNaming(t, 801, lonely)} {
		to := &hollow{}
		_, err := extract.Archive(t.Context(), bytes.NewReader(b), int64(len(b)), to, extract.Options{Name: "out"})
		if !isKind(err, extract.Bomb) || to.shown {
			t.Errorf("%s: got %v", what, err)
		}
	}
	// Many files are welcome, each in a folder of its own.
	b := tarNaming(t, 101_000, func(i int) string { return fmt.Sprintf("%d/x", i) })
	if _, err := extract.Archive(t.Context(), bytes.NewReader(b), int64(len(b)), &hollow{}, extract.Options{Name: "out"}); err != nil {
		t.Errorf("101,000 files in as many folders: %v", err)
	}
}

func TestFoldersWithoutEntriesNeedSpaceToo(t *testing.T) {
	o := extract.Options{Free: func() (int64, error) { return 1 << 20, nil }} // 256 folders take as much
	folders := tarOf(t, &tar.Header{Name: lonely(1) + "/", Typeflag: tar.TypeDir}, &tar.Header{Name: lonely(2) + "/", Typeflag: tar.TypeDir})
	for what, b := range map[string][]byte{"tar": tarNaming(t, 2, lonely), "zip": zipNaming(t, 2, lonely), "folders": folders} {
		var space *download.SpaceError
		if _, _, err := extracted(t, b, o); !errors.As(err, &space) || space.Free != 1<<20 || space.Need < 1<<20 {
			t.Errorf("%s: got %v", what, err)
		}
	}
	if _, _, err := extracted(t, tarNaming(t, 1, lonely), o); err != nil {
		t.Errorf("what fits: %v", err)
	}
}

// Memory: 32 MiB may be added, however long the names are.
func TestLongNamesTakeNoMemory(t *testing.T) {
	const n = 1000
	deep := strings.Repeat(strings.Repeat("Long", 60)+"/", 16)
	b := tarNaming(t, n, func(i int) string { return fmt.Sprintf("%s%d/x", deep, i) })
	to := &measuring{DirTarget: extract.Dir(t.TempDir())}
	live := func() int64 {
		var m runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&m)
		return int64(m.HeapAlloc)
	}
	before := live()
	to.commit = func() { to.used = live() - before }
	_, err := extract.Archive(t.Context(), bytes.NewReader(b), int64(len(b)), to, extract.Options{Name: "out"})
	must(t, err)
	if to.used > 2<<20 {
		t.Errorf("%d paths of %d bytes hold %d bytes", n, len(deep), to.used)
	}
}

// measuring looks when everything was written.
type measuring struct {
	*extract.DirTarget
	commit func()
	used   int64
}

func (m *measuring) Commit() (download.Location, error) {
	m.commit()
	return m.DirTarget.Commit()
}
