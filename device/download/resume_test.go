package download_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"testing"
	"testing/synctest"

	"connectbackup/device"
	"connectbackup/device/download"
)

// interrupted leaves a part of n bytes and its journal, as a failed run does.
func interrupted(t *testing.T, f file, n int64, r download.Request) *folder {
	t.Helper()
	dir := newFolder(t)
	s := &source{answer: func(_ context.Context, _ int, from, to int64, ifRange string) (download.Body, error) {
		b, _ := cut(n, download.ErrAuthExpired)(t.Context(), from, f.body(from, to, ifRange))
		return b, nil
	}}
	if _, err := fetch(t, s, dir, r); !errors.Is(err, download.ErrAuthExpired) {
		t.Fatalf("not interrupted: %v", err)
	}
	return dir
}

// Whatever became of part and journal between two runs, the file
// is right in the end, and no more is fetched again than has to be.
func TestD27_PartAndJournalBetweenRuns(t *testing.T) {
	f := randomFile(size)
	const had = 2 << 20
	truncate := func(name string, n int64) func(*testing.T, *folder) {
		return func(t *testing.T, dir *folder) { must(t, os.Truncate(dir.hidden(t, name), n)) }
	}
	edit := func(name string, change func([]byte) []byte) func(*testing.T, *folder) {
		return func(t *testing.T, dir *folder) {
			path := dir.hidden(t, name)
			put(t, path, change(read(t, path)))
		}
	}
	tests := map[string]struct {
		harm func(*testing.T, *folder)
		from int64 // of the first request
	}{
		"nothing": {func(*testing.T, *folder) {}, had},
		"part longer, after a power cut": {func(t *testing.T, dir *folder) {
			edit(".part", func(b []byte) []byte { return append(b, "unsynced tail"...) })(t, dir)
			reboot(t, dir)
		}, had},
		"part shorter":    {truncate(".part", 1<<20), 1 << 20},
		"part empty":      {truncate(".part", 0), 0},
		"part deleted":    {func(t *testing.T, dir *folder) { must(t, os.Remove(dir.hidden(t, ".part"))) }, 0},
		"journal deleted": {func(t *testing.T, dir *folder) { must(t, os.Remove(dir.hidden(t, ".journal"))) }, 0},
		"journal empty":   {truncate(".journal", 0), 0},
		"journal torn":    {truncate(".journal", 150), 0},
		"journal garbage": {edit(".journal", func([]byte) []byte { return bytes.Repeat([]byte("\x00\xff{"), 500) }), 0},
		"journal huge":    {edit(".journal", func(b []byte) []byte { return append(b, make([]byte, 2<<20)...) }), 0},
		"journal changed": {edit(".journal", replace(fmt.Sprint(had), fmt.Sprint(had+1))), 0},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			dir := interrupted(t, f, had, f.request())
			test.harm(t, dir)
			s := good(f)
			res, err := fetch(t, s, dir, f.request())
			if err != nil {
				t.Fatal(err)
			}
			dir.holds(t, map[string][]byte{"acme.zip": f.data})
			if asks := s.asks(); len(asks) != 1 || asks[0].from != test.from || res.NewFetched != size-test.from {
				t.Errorf("asked %v, fetched %d", asks, res.NewFetched)
			}
		})
	}
}

// replace is the change from old to new, which must be there.
func replace(old, new string) func([]byte) []byte {
	return func(b []byte) []byte {
		changed := bytes.Replace(b, []byte(old), []byte(new), 1)
		if bytes.Equal(b, changed) {
			panic(fmt.Sprintf("%q is not in %q", old, b))
		}
		return changed
	}
}

// The journal of another version of the app, older or newer, is not read: the
// download begins anew and is right.
func TestD32_JournalOfAnotherVersion(t *testing.T) {
	for _, version := range []string{"0", "2", "10", ""} {
		f := randomFile(size)
		dir := interrupted(t, f, 2<<20, f.request())
		path := dir.hidden(t, ".journal")
		put(t, path, replace("connect-backup-journal 1", "connect-backup-journal "+version)(read(t, path)))
		s := good(f)
		res, err := fetch(t, s, dir, f.request())
		if err != nil || res.Resumed != 0 || fmt.Sprint(s.asks()) != fmt.Sprint([]ask{{0, ""}}) {
			t.Errorf("version %q: %+v, %v, asked %v", version, res, err, s.asks())
		}
		dir.holds(t, map[string][]byte{"acme.zip": f.data})
	}
}

// reboot makes the journal one of an earlier run of the system.
func reboot(t *testing.T, dir *folder) {
	key := keyOfPath(dir.hidden(t, ".journal"))
	b, err := dir.LoadJournal(key)
	must(t, err)
	must(t, dir.SaveJournal(key, download.Edit(t, b, func(_ *[]byte, boot *string) { *boot = "another" })))
}

// After a mere kill all that was written is used, also what the journal does
// not know of yet; if that is wrong after all, the digest tells.
func TestTailAfterAKill(t *testing.T) {
	if !download.KnowsBoots() {
		t.Skip("this system does not tell boots apart")
	}
	f := randomFile(size)
	for name, test := range map[string]struct {
		tail []byte
		asks []ask
	}{
		"right":              {f.data[1<<20 : 2<<20], []ask{{2 << 20, f.tag}}},
		"wrong":              {make([]byte, 1<<20), []ask{{2 << 20, f.tag}, {0, ""}}},
		"more than there is": {append(bytes.Clone(f.data[1<<20:]), 0), []ask{{1 << 20, f.tag}}},
		"all":                {f.data[1<<20:], nil},
	} {
		t.Run(name, func(t *testing.T) {
			dir := interrupted(t, f, 1<<20, f.request())
			path := dir.hidden(t, ".part")
			put(t, path, append(read(t, path), test.tail...))
			s := good(f)
			if _, err := fetch(t, s, dir, f.request()); err != nil {
				t.Fatal(err)
			}
			dir.holds(t, map[string][]byte{"acme.zip": f.data})
			if asks := s.asks(); fmt.Sprint(asks) != fmt.Sprint(test.asks) {
				t.Errorf("asked %v", asks)
			}
		})
	}
}

// Without a digest only the tag keeps two versions apart: a rest that comes
// without one is not joined.
func TestD24_RestWithoutTagAndDigest(t *testing.T) {
	synctest.Test(t, restWithoutTagAndDigest)
}

func restWithoutTagAndDigest(t *testing.T) {
	one, other, dir := randomFile(size), file{data: bytes.Repeat([]byte("b"), size), tag: `"other"`}, newFolder(t)
	r := one.request()
	r.SHA256, r.ETag = "", ""
	tagless := func(ctx context.Context, from int64, _ download.Body) (download.Body, error) {
		b := other.body(from, -1, "")
		b.ETag = ""
		return b, nil
	}
	s := faulty(one, cut(size/2, io.ErrUnexpectedEOF), tagless, tagless, tagless, tagless, tagless, tagless)
	res, err := fetch(t, s, dir, r)
	if err != nil {
		t.Fatal(err)
	}
	dir.holds(t, map[string][]byte{"acme.zip": other.data})
	if res.NewFetched < size {
		t.Errorf("%d bytes fetched, asked %v", res.NewFetched, s.asks())
	}
}

// A bit that flipped on the disk never gets into the file: what was there is
// hashed again, and compared with the digest that was saved.
func TestD27_PartFlipped(t *testing.T) {
	for _, at := range []int{0, 1<<20 + 3, 2<<20 - 1} {
		f := randomFile(size)
		dir := interrupted(t, f, 2<<20, f.request())
		path := dir.hidden(t, ".part")
		b := read(t, path)
		b[at] ^= 1
		put(t, path, b)
		s := good(f)
		if _, err := fetch(t, s, dir, f.request()); err != nil {
			t.Fatal(err)
		}
		dir.holds(t, map[string][]byte{"acme.zip": f.data})
		if asks := s.asks(); len(asks) > 2 || asks[len(asks)-1].from != 0 {
			t.Errorf("asked %v", asks)
		}
	}
	t.Run("without a digest from the server", func(t *testing.T) {
		f := randomFile(size)
		r := f.request()
		r.SHA256 = ""
		dir := interrupted(t, f, 2<<20, r)
		path := dir.hidden(t, ".part")
		b := read(t, path)
		b[77] ^= 1
		put(t, path, b)
		if _, err := fetch(t, good(f), dir, r); err != nil {
			t.Fatal(err)
		}
		dir.holds(t, map[string][]byte{"acme.zip": f.data})
	})
}

// Only bytes of the same version are joined (D24).
func TestOtherFileNow(t *testing.T) {
	old, now := randomFile(size), randomFile(size+1)
	dir := interrupted(t, old, 1<<20, old.request())
	s := good(now)
	if _, err := fetch(t, s, dir, now.request()); err != nil {
		t.Fatal(err)
	}
	dir.holds(t, map[string][]byte{"acme.zip": now.data})
	if asks := s.asks(); len(asks) != 1 || asks[0].from != 0 {
		t.Errorf("asked %v", asks)
	}
}

// A hash state that this Go cannot read is only a check less.
func TestUnreadableHashState(t *testing.T) {
	f := randomFile(size)
	dir := interrupted(t, f, 1<<20, f.request())
	key := keyOfPath(dir.hidden(t, ".journal"))
	b, err := dir.LoadJournal(key)
	must(t, err)
	must(t, dir.SaveJournal(key, download.Edit(t, b, func(state *[]byte, _ *string) { *state = []byte("of another Go") })))
	res, err := fetch(t, good(f), dir, f.request())
	if err != nil || res.Resumed != 1<<20 {
		t.Fatalf("%+v, %v", res, err)
	}
	dir.holds(t, map[string][]byte{"acme.zip": f.data})
}

func keyOfPath(path string) string {
	_, key, _ := strings.Cut(path, ".connect-backup-")
	key, _, _ = strings.Cut(key, ".")
	return key
}

// A journal that cannot be read is not taken up, nor deleted: it may be a newer
// app's.
func TestRestoreLeavesWhatItCannotRead(t *testing.T) {
	f := randomFile(size)
	dir := interrupted(t, f, 1<<20, f.request())
	path := dir.hidden(t, ".journal")
	put(t, path, []byte("connect-backup-journal 9 x\n{}"))
	m, _ := manager(t, download.Config{Source: good(f), Folder: dir})
	must(t, m.Restore())
	m.Forget()
	if len(m.States()) != 0 || len(read(t, path)) == 0 {
		t.Errorf("taken up: %v", m.States())
	}
}

// The journal never claims bytes that are not on the disk: each is written
// after a sync of the part, and claims no more than that sync made safe.
func TestJournalClaimsOnlyWhatIsSynced(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := randomFile(40 << 20)
		dir := &syncing{folder: newFolder(t)}
		_, err := download.Fetch(t.Context(), download.Config{Source: throttled(f, 256<<10), Folder: dir, Connections: 1}, f.request(), nil)
		must(t, err)
		if dir.wrong != "" {
			t.Error(dir.wrong)
		}
		// 160 s at 256 KiB/s: by time, not by size.
		if dir.journals < 70 || dir.journals > 90 {
			t.Errorf("%d journals", dir.journals)
		}
	})
}

// syncing knows what was written when the part was synced last.
type syncing struct {
	*folder
	journals int
	synced   int64
	wrong    string
}

func (s *syncing) OpenPart(key string) (download.Part, error) {
	p, err := s.folder.OpenPart(key)
	return &syncedPart{Part: p, of: s}, err
}

func (s *syncing) SaveJournal(key string, b []byte) error {
	s.journals++
	if front := download.FrontOf(b); front > s.synced {
		s.wrong = fmt.Sprintf("%d bytes claimed, %d synced", front, s.synced)
	}
	return s.folder.SaveJournal(key, b)
}

type syncedPart struct {
	download.Part
	of *syncing
}

func (p *syncedPart) Sync() error {
	size, err := p.Size()
	if err == nil {
		p.of.synced = size
		err = p.Part.Sync()
	}
	return err
}

var _ download.Folder = (*device.Folder)(nil)
