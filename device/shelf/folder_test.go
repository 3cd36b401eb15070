package shelf_test

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"connectbackup/device"
	"connectbackup/device/download"
	"connectbackup/device/phone"
	"connectbackup/device/shelf"
)

// bench is a Folder on a list, with parts on a real disk.
type bench struct {
	*shelf.Folder

	t     *testing.T
	list  *list
	parts *device.Folder
	dir   string
	asked int
}

func newBench(t *testing.T) *bench {
	t.Helper()
	b := &bench{t: t, list: newList(t), dir: t.TempDir()}
	b.restart()
	return b
}

// restart is what the next run of the app finds.
func (b *bench) restart() {
	b.parts = device.OpenFolder(filepath.Join(b.dir, "parts"))
	b.Folder = shelf.Open(shelf.Options{
		Parts: b.parts, Rows: b.list, Root: "Download/", Path: "/storage/Download",
		Notes: filepath.Join(b.dir, "notes"), First: func() { b.asked++ },
	})
}

func (b *bench) fill(key, content string) {
	b.t.Helper()
	part, err := b.OpenPart(key)
	must(b.t, err)
	_, err = part.WriteAt([]byte(content), 0)
	must(b.t, err)
	must(b.t, part.Close())
	must(b.t, b.SaveJournal(key, []byte("journal")))
}

func (b *bench) sees(want map[string]string) {
	b.t.Helper()
	if got := b.list.shown(b.t); !maps.Equal(got, want) {
		b.t.Errorf("people see %q, not %q", got, want)
	}
	if n := b.list.pending(); n > 0 {
		b.t.Errorf("%d files are left that nobody sees", n)
	}
}

func (b *bench) unfinished() int {
	b.t.Helper()
	keys, err := b.Journals()
	must(b.t, err)
	return len(keys)
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

const key = "0123456789abcdef0123456789abcdef"

func TestAPartIsPublishedByCopying(t *testing.T) {
	b := newBench(t)
	b.fill(key, "the bytes")
	if b.asked != 1 {
		t.Errorf("the person was asked %d times before the first download", b.asked)
	}
	info, err := b.Publish(key, "a.zip", download.Ask)
	must(t, err)
	b.sees(map[string]string{"Download/a.zip": "the bytes"})
	if info.Name != "a.zip" || info.Size != 9 || !shelf.IsURI(info.Location) || info.ModTime.IsZero() {
		t.Errorf("published is %+v", info)
	}
	if b.unfinished() != 0 {
		t.Error("the part or its journal stays")
	}
	at, err := b.StatAt(info.Location)
	if err != nil || at != info {
		t.Errorf("by its place it is %+v, %v", at, err)
	}
	named, err := b.Stat("a.zip")
	if err != nil || named != info {
		t.Errorf("by its name it is %+v, %v", named, err)
	}
	file, size, err := b.Open(info.Location)
	must(t, err)
	content, err := io.ReadAll(io.NewSectionReader(file, 0, size))
	if err = errors.Join(err, file.Close()); err != nil || string(content) != "the bytes" {
		t.Errorf("it reads %q, %v", content, err)
	}
	found, err := b.OfSize(t.Context(), 9)
	if err != nil || len(found) != 1 || found[0] != info {
		t.Errorf("of its size are %+v, %v", found, err)
	}
	must(t, b.Remove(info.Location))
	b.sees(nil)
	for _, err := range []error{b.Remove(info.Location), second(b.StatAt(info.Location)), second(b.Stat("a.zip"))} {
		if !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("a file that is gone: %v", err)
		}
	}
}

func second[T any](_ T, err error) error { return err }

func TestAFileInTheWay(t *testing.T) {
	for _, c := range []struct {
		clash download.Clash
		want  map[string]string // nil: refused
	}{
		{download.Ask, nil},
		{download.Skip, nil},
		{download.Replace, map[string]string{"Download/a.zip": "new"}},
		{download.KeepBoth, map[string]string{"Download/a.zip": "old", "Download/a (2).zip": "new"}},
	} {
		b := newBench(t)
		b.fill(key, "old")
		_, err := b.Publish(key, "a.zip", download.Ask)
		must(t, err)
		b.fill(key, "new")
		info, err := b.Publish(key, "a.zip", c.clash)
		if c.want == nil {
			var exists *download.ExistsError
			if !errors.As(err, &exists) || exists.Name != "a.zip" || exists.Location == "" || b.unfinished() != 1 {
				t.Errorf("%d: %v, %d unfinished", c.clash, err, b.unfinished())
			}
			b.sees(map[string]string{"Download/a.zip": "old"})
			continue
		}
		must(t, err)
		b.sees(c.want)
		if c.want["Download/"+info.Name] != "new" {
			t.Errorf("%d: it is said to be %s", c.clash, info.Name)
		}
	}
}

// The file of another app cannot be seen: it is not written over, and people
// are told the name that ours got.
func TestTheFileOfAnotherAppStays(t *testing.T) {
	for _, clash := range []download.Clash{download.Ask, download.Replace, download.KeepBoth} {
		b := newBench(t)
		b.list.foreign("Download/", "a.zip")
		b.fill(key, "ours")
		info, err := b.Publish(key, "a.zip", clash)
		must(t, err)
		if info.Name != "a (1).zip" {
			t.Errorf("ours is called %q", info.Name)
		}
		b.sees(map[string]string{"Download/a (1).zip": "ours"})
	}
}

// Whatever fails, nothing half is seen or left, and the part stays to be
// published again.
func TestPublishingThatFailsKeepsThePart(t *testing.T) {
	for _, step := range []string{"Insert", "Open", "Publish"} {
		b := newBench(t)
		b.fill(key, "bytes")
		b.list.fault[step] = fs.ErrPermission
		_, err := b.Publish(key, "a.zip", download.Ask)
		var folder *download.FolderError
		if !errors.As(err, &folder) || !errors.Is(err, fs.ErrPermission) {
			t.Errorf("%s: %v", step, err)
		}
		delete(b.list.fault, step)
		b.sees(nil)
		_, err = b.Publish(key, "a.zip", download.Ask)
		must(t, err)
		b.sees(map[string]string{"Download/a.zip": "bytes"})
	}
}

func TestAFullPhoneIsSaid(t *testing.T) {
	b := newBench(t)
	b.fill(key, "bytes")
	b.list.fault["Open"] = &phone.JavaError{Class: "java.io.IOException", Message: "write failed: ENOSPC (No space left on device)"}
	_, err := b.Publish(key, "a.zip", download.Ask)
	var space *download.SpaceError
	if !errors.As(err, &space) {
		t.Errorf("%v", err)
	}
	b.list.fault["Open"] = syscall.ENOSPC
	if _, err = b.Publish(key, "a.zip", download.Ask); !errors.As(err, &space) {
		t.Errorf("%v", err)
	}
}

func TestAPartThatChangedIsNotPublished(t *testing.T) {
	b := newBench(t)
	b.fill(key, "the bytes")
	must(t, b.parts.Discard(key))
	if _, err := b.Publish(key, "a.zip", download.Ask); err == nil {
		t.Error("an empty file was published for it")
	}
	b.sees(nil)
}

// A kill leaves what is pending, and the next run ends it.
func TestWhatAKillLeftIsSwept(t *testing.T) {
	for _, c := range []struct {
		name      string
		at        string // what fails, as if the app had ended there
		discarded bool
		want      map[string]string
	}{
		{"while copying", "Open", false, map[string]string{"Download/a.zip": "bytes"}},
		{"before it is shown", "Publish", false, map[string]string{"Download/a.zip": "bytes"}},
	} {
		b := newBench(t)
		b.fill(key, "bytes")
		b.list.fault[c.at] = errors.New("killed")
		b.list.fault["Delete"] = errors.New("killed")
		if _, err := b.Publish(key, "a.zip", download.Ask); err == nil {
			t.Fatalf("%s: it went on", c.name)
		}
		clear(b.list.fault)
		if b.list.pending() != 1 {
			t.Fatalf("%s: nothing is pending", c.name)
		}
		b.restart()
		must(t, b.Sweep())
		_, err := b.Publish(key, "a.zip", download.Ask) // the engine goes on
		must(t, err)
		b.sees(c.want)
	}
}

// Between showing a file and noting that, a kill must not cost the file.
func TestAPublishedFileIsNeverSwept(t *testing.T) {
	b := newBench(t)
	b.fill(key, "bytes")
	notes := filepath.Join(b.dir, "notes")
	_, err := b.Publish(key, "a.zip", download.Ask)
	must(t, err)
	must(t, os.MkdirAll(notes, 0o700))
	info, err := b.Stat("a.zip")
	must(t, err)
	must(t, os.WriteFile(filepath.Join(notes, "3031.pending"), []byte(string(info.Location)+" a.zip\ncontent://to"), 0o600))
	b.restart()
	must(t, b.Sweep())
	b.sees(map[string]string{"Download/a.zip": "bytes"})
	if entries, err := os.ReadDir(notes); err != nil || len(entries) > 0 {
		t.Errorf("the note stays: %v, %v", entries, err)
	}
}

func TestACancelledDownloadLeavesNothing(t *testing.T) {
	b := newBench(t)
	b.fill(key, "bytes")
	b.list.fault["Publish"], b.list.fault["Delete"] = fs.ErrPermission, fs.ErrPermission
	if _, err := b.Publish(key, "a.zip", download.Ask); err == nil {
		t.Fatal("it went on")
	}
	clear(b.list.fault)
	must(t, b.Discard(key))
	b.sees(nil)
	if b.unfinished() != 0 {
		t.Error("the part stays")
	}
}

func TestASmallFileIsSavedAnew(t *testing.T) {
	b := newBench(t)
	for _, content := range []string{"one", "two"} {
		l, err := b.Save("days.ics", []byte(content))
		must(t, err)
		if !shelf.IsURI(l) {
			t.Errorf("it lies at %s", l)
		}
		b.sees(map[string]string{"Download/days.ics": content})
	}
}

func TestAPathIsStillAFile(t *testing.T) {
	b := newBench(t)
	p := filepath.Join(t.TempDir(), "older.zip")
	must(t, os.WriteFile(p, []byte("older"), 0o600))
	info, err := b.StatAt(download.Location(p))
	if err != nil || info.Name != "older.zip" || info.Size != 5 {
		t.Errorf("%+v, %v", info, err)
	}
	file, size, err := b.Open(download.Location(p))
	must(t, err)
	if must(t, file.Close()); size != 5 {
		t.Errorf("it has %d bytes", size)
	}
	if _, _, err := b.Open(download.Location(t.TempDir())); !errors.Is(err, fs.ErrInvalid) {
		t.Errorf("a folder opens as a file: %v", err)
	}
	must(t, b.Remove(download.Location(p)))
	if _, err := b.StatAt(download.Location(p)); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("%v", err)
	}
}

func TestHalfOfTheSpaceIsPromised(t *testing.T) {
	b := newBench(t)
	all, err := b.parts.Free()
	must(t, err)
	half, err := b.Free()
	if err != nil || half > all*3/4 || half < all/4 {
		t.Errorf("%d of %d are promised, %v", half, all, err)
	}
}

// server has one file.
type server struct{ content string }

func (s server) OpenRange(_ context.Context, _ string, from, to int64, _ string) (download.Body, error) {
	if to < 0 {
		to = int64(len(s.content))
	}
	return download.Body{
		ReadCloser: io.NopCloser(strings.NewReader(s.content[from:to])),
		From:       from, To: to, Total: int64(len(s.content)), ETag: `"v1"`,
	}, nil
}

// The engine publishes here as it does into a folder, and goes on where
// publishing failed, without fetching anything again.
func TestTheEngineDownloadsOntoTheShelf(t *testing.T) {
	content := strings.Repeat("every byte counts; ", 100_000)
	sum := sha256.Sum256([]byte(content))
	b := newBench(t)
	config := download.Config{Source: server{content}, Folder: b, Scope: "test"}
	request := download.Request{
		ID: "1", Name: "a.zip", Size: int64(len(content)), SHA256: hex.EncodeToString(sum[:]), ETag: `"v1"`,
	}
	b.list.fault["Publish"] = fs.ErrPermission
	if _, err := download.Fetch(t.Context(), config, request, nil); !errors.Is(err, fs.ErrPermission) {
		t.Fatalf("it may not publish: %v", err)
	}
	b.sees(nil)
	b.restart()
	clear(b.list.fault)
	config.Folder = b
	result, err := download.Fetch(t.Context(), config, request, nil)
	must(t, err)
	if result.NewFetched != 0 || result.Resumed != int64(len(content)) || !shelf.IsURI(result.Location) {
		t.Errorf("%+v", result)
	}
	b.sees(map[string]string{"Download/a.zip": content})
}
