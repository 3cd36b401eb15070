//go:build unix

package device

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"

	"connectbackup/device/download"
)

const testKey = "0123456789abcdef0123456789abcdef"

func init() {
	roles["hold a part"] = func(args []string) error {
		if _, err := OpenFolder(args[0]).OpenPart(args[1]); err != nil {
			return err
		}
		fmt.Println("ready")
		_, err := io.Copy(io.Discard, os.Stdin)
		return err
	}
	roles["open a part"] = func(args []string) error {
		_, err := OpenFolder(args[0]).OpenPart(args[1])
		var locked *download.LockedError
		fmt.Println(errors.As(err, &locked), err)
		return nil
	}
}

// fill makes a closed part and its journal.
func fill(t *testing.T, f *Folder, key, text string) {
	t.Helper()
	p, err := f.OpenPart(key)
	must(t, err)
	_, err = p.WriteAt([]byte(text), 0)
	must(t, err)
	must(t, p.Truncate(int64(len(text))))
	must(t, p.Sync())
	must(t, p.Close())
	must(t, f.SaveJournal(key, []byte("journal of "+text)))
}

func TestPublishGivesTheNameAndLeavesNothing(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "missing", "Downloads")
	f := OpenFolder(dir)
	if keys, err := f.Journals(); err != nil || len(keys) > 0 {
		t.Errorf("a folder that is not there has journals %q, %v", keys, err)
	}
	fill(t, f, testKey, "content")
	if keys, err := f.Journals(); err != nil || !slices.Equal(keys, []string{testKey}) {
		t.Errorf("journals are %q, %v", keys, err)
	}
	if b, err := f.LoadJournal(testKey); err != nil || string(b) != "journal of content" {
		t.Errorf("the journal is %q, %v", b, err)
	}
	for _, name := range names(t, dir) {
		if !strings.HasPrefix(name, ".") {
			t.Errorf("%q shows before it is complete", name)
		}
	}
	info, err := f.Publish(testKey, "backup.zip", download.Ask)
	must(t, err)
	if info.Name != "backup.zip" || info.Size != 7 || string(info.Location) != filepath.Join(dir, "backup.zip") || info.ModTime.IsZero() {
		t.Errorf("published is %+v", info)
	}
	if got := names(t, dir); !slices.Equal(got, []string{"backup.zip"}) {
		t.Errorf("there is %q", got)
	}
	r, size, err := f.Open(info.Location)
	must(t, err)
	b := make([]byte, size)
	_, err = r.ReadAt(b, 0)
	must(t, err)
	must(t, r.Close())
	if string(b) != "content" {
		t.Errorf("it holds %q", b)
	}
	if again, err := f.StatAt(info.Location); err != nil || again != info {
		t.Errorf("looked at again it is %+v, %v", again, err)
	}
}

func TestD44_PublishNeverReplacesUnasked(t *testing.T) {
	dir := t.TempDir()
	f := OpenFolder(dir)
	must(t, os.WriteFile(filepath.Join(dir, "a.zip"), []byte("old"), 0o644))
	fill(t, f, testKey, "new")
	for _, clash := range []download.Clash{download.Ask, download.Skip} {
		_, err := f.Publish(testKey, "a.zip", clash)
		var exists *download.ExistsError
		if !errors.As(err, &exists) || exists.Name != "a.zip" || string(exists.Location) != filepath.Join(dir, "a.zip") {
			t.Errorf("got %v", err)
		}
	}
	if _, err := f.LoadJournal(testKey); err != nil {
		t.Errorf("the journal went: %v", err)
	}
	info, err := f.Publish(testKey, "a.zip", download.KeepBoth)
	if err != nil || info.Name != "a (2).zip" {
		t.Errorf("got %+v, %v", info, err)
	}
	fill(t, f, testKey, "third")
	if info, err = f.Publish(testKey, "a.zip", download.KeepBoth); err != nil || info.Name != "a (3).zip" {
		t.Errorf("got %+v, %v", info, err)
	}
	if b, err := os.ReadFile(filepath.Join(dir, "a.zip")); err != nil || string(b) != "old" {
		t.Errorf("the old file is %q, %v", b, err)
	}
	fill(t, f, testKey, "fourth")
	if info, err = f.Publish(testKey, "a.zip", download.Replace); err != nil || info.Name != "a.zip" || info.Size != 6 {
		t.Errorf("got %+v, %v", info, err)
	}
}

func TestLinksAndFoldersCountAsThere(t *testing.T) {
	dir := t.TempDir()
	f := OpenFolder(dir)
	must(t, os.Symlink("nowhere", filepath.Join(dir, "link.zip")))
	must(t, os.Mkdir(filepath.Join(dir, "dir.zip"), 0o755))
	if _, err := f.Stat("none.zip"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("got %v", err)
	}
	for _, name := range []string{"link.zip", "dir.zip"} {
		if _, err := f.Stat(name); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		fill(t, f, testKey, "new")
		var exists *download.ExistsError
		if _, err := f.Publish(testKey, name, download.Ask); !errors.As(err, &exists) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, _, err := f.Open(download.Location(filepath.Join(dir, "dir.zip"))); err == nil {
		t.Error("a folder was opened as a file")
	}
	must(t, syscall.Mkfifo(filepath.Join(dir, "pipe.zip"), 0o644))
	if _, _, err := f.Open(download.Location(filepath.Join(dir, "pipe.zip"))); err == nil {
		t.Error("a pipe was opened as a file")
	}
}

func TestD31_PartIsLocked(t *testing.T) {
	dir := t.TempDir()
	f := OpenFolder(dir)
	p, err := f.OpenPart(testKey)
	must(t, err)
	var locked *download.LockedError
	if _, err := f.OpenPart(testKey); !errors.As(err, &locked) || locked.Key != testKey {
		t.Errorf("opened twice here: %v", err)
	}
	if out := play(t, "open a part", dir, testKey); !strings.HasPrefix(out, "true") {
		t.Errorf("opened elsewhere too: %s", out)
	}
	must(t, p.Close())
	if out := play(t, "open a part", dir, testKey); !strings.HasPrefix(out, "false <nil>") {
		t.Errorf("still locked: %s", out)
	}
	fill(t, f, testKey, "x")
	other := keepPlaying(t, "hold a part", dir, testKey)
	if _, err := f.Publish(testKey, "a.zip", download.Ask); !errors.As(err, &locked) {
		t.Errorf("published what another process writes: %v", err)
	}
	must(t, other.Process.Kill())
	_ = other.Wait()
	// The lock dies with its owner.
	if _, err := f.Publish(testKey, "a.zip", download.Ask); err != nil {
		t.Errorf("after the kill: %v", err)
	}
}

// A child that is being started has every file of its parent open for a moment,
// and must not keep a lock that the parent gives back.
func TestD31_ALockEndsWithItsPart(t *testing.T) {
	f := OpenFolder(t.TempDir())
	for _, next := range []func() error{
		func() error {
			p, err := f.OpenPart(testKey)
			if err == nil {
				err = p.Close()
			}
			return err
		},
		func() error {
			_, err := f.Publish(testKey, "a.zip", download.Ask)
			return err
		},
	} {
		p, err := f.OpenPart(testKey)
		must(t, err)
		child, err := syscall.Dup(int(p.(*part).file.Fd()))
		must(t, err)
		must(t, p.Close())
		if err := next(); err != nil {
			t.Error(err)
		}
		must(t, syscall.Close(child))
	}
}

func TestPublishRefusesAForeignPart(t *testing.T) {
	dir := t.TempDir()
	f := OpenFolder(dir)
	fill(t, f, testKey, "mine")
	must(t, OpenFolder(dir).Discard(testKey))
	fill(t, OpenFolder(dir), testKey, "theirs")
	if info, err := f.Publish(testKey, "a.zip", download.Ask); err == nil {
		t.Errorf("published %+v", info)
	}
	var fault *download.FolderError
	if _, err := f.Publish("ffff", "a.zip", download.Ask); !errors.As(err, &fault) || !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("published nothing: %v", err)
	}
}

func TestDiscardForgets(t *testing.T) {
	dir := t.TempDir()
	f := OpenFolder(dir)
	must(t, f.Discard(testKey))
	fill(t, f, testKey, "x")
	must(t, f.Discard(testKey))
	if got := names(t, dir); len(got) > 0 {
		t.Errorf("there is %q", got)
	}
	if _, err := f.LoadJournal(testKey); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("got %v", err)
	}
}

func TestJournalIsReplacedWhole(t *testing.T) {
	dir := t.TempDir()
	f := OpenFolder(dir)
	// What a crash left, even a link, does no harm.
	elsewhere := filepath.Join(t.TempDir(), "precious")
	must(t, os.WriteFile(elsewhere, []byte("precious"), 0o644))
	must(t, os.Symlink(elsewhere, filepath.Join(dir, ownPrefix+testKey+".journal.new")))
	for _, text := range []string{"first, long", "2"} {
		must(t, f.SaveJournal(testKey, []byte(text)))
		if b, err := f.LoadJournal(testKey); err != nil || string(b) != text {
			t.Errorf("got %q, %v", b, err)
		}
	}
	if b, err := os.ReadFile(elsewhere); err != nil || string(b) != "precious" {
		t.Errorf("it wrote through a link: %q, %v", b, err)
	}
	// A link in the place of a part is refused.
	must(t, os.Symlink(elsewhere, filepath.Join(dir, ownPrefix+"aa.part")))
	if p, err := f.OpenPart("aa"); err == nil {
		t.Errorf("opened %v through a link", p)
	}
}

func TestD43_FolderThatCannotBeUsed(t *testing.T) {
	base := t.TempDir()
	must(t, os.WriteFile(filepath.Join(base, "file"), nil, 0o644))
	must(t, os.Symlink("nowhere", filepath.Join(base, "dangling")))
	dirs := []string{filepath.Join(base, "file"), filepath.Join(base, "dangling"), filepath.Join(base, "file", "below")}
	if os.Getuid() != 0 {
		must(t, os.Mkdir(filepath.Join(base, "readonly"), 0o500))
		dirs = append(dirs, filepath.Join(base, "readonly"))
	} else {
		dirs = append(dirs, "/proc/1/nothing")
	}
	for _, dir := range dirs {
		f := OpenFolder(dir)
		var fault *download.FolderError
		if _, err := f.OpenPart(testKey); !errors.As(err, &fault) || fault.Path == "" {
			t.Errorf("%s: %v", dir, err)
		}
		if err := f.SaveJournal(testKey, nil); !errors.As(err, &fault) {
			t.Errorf("%s: %v", dir, err)
		}
	}
}

func TestD49_OnlyPlainNamesArePublished(t *testing.T) {
	dir := t.TempDir()
	f := OpenFolder(filepath.Join(dir, "in"))
	fill(t, f, testKey, "x")
	for _, name := range []string{"", ".", "..", "../x", "/etc/x", "a/b", `a\b`, "a\x00b", ownPrefix + "x.part"} {
		if info, err := f.Publish(testKey, name, download.Replace); err == nil {
			t.Errorf("%q was published as %+v", name, info)
		}
		if _, err := f.Stat(name); err == nil {
			t.Errorf("%q is there", name)
		}
	}
	for _, name := range []string{"-rf", "a b\nc.zip", "客户.zip", strings.Repeat("ü", 127)} {
		info, err := f.Publish(testKey, name, download.Ask)
		if err != nil || info.Name != name {
			t.Errorf("%q: %+v, %v", name, info, err)
		}
		fill(t, f, testKey, "x")
		if _, err := f.Publish(testKey, name, download.KeepBoth); err != nil {
			t.Errorf("%q twice: %v", name, err)
		}
		fill(t, f, testKey, "x")
	}
	if got := names(t, dir); !slices.Equal(got, []string{"in"}) {
		t.Errorf("beside the folder there is %q", got)
	}
}

func TestKeysOfAnyKind(t *testing.T) {
	f := OpenFolder(t.TempDir())
	keys := []string{"A", "a", "../x", "ü/..", "con", "%41", "a.b", " "}
	for _, key := range keys {
		fill(t, f, key, key)
	}
	got, err := f.Journals()
	slices.Sort(keys)
	if err != nil || !slices.Equal(got, keys) {
		t.Errorf("got %q, %v", got, err)
	}
	for _, key := range []string{"", strings.Repeat("x", 300)} {
		if _, err := f.OpenPart(key); err == nil {
			t.Errorf("key %q was accepted", key)
		}
	}
}

func TestD41_FullDiskIsASpaceError(t *testing.T) {
	if _, err := os.Stat("/dev/full"); err != nil {
		t.Skip("this system has no full device")
	}
	file, err := os.OpenFile("/dev/full", os.O_RDWR, 0)
	must(t, err)
	p := &part{file: file, done: func(fs.FileInfo) {}}
	_, err = p.WriteAt([]byte("12345"), 0)
	var space *download.SpaceError
	if !errors.As(err, &space) || space.Need != 5 || space.Free != -1 || !errors.Is(err, syscall.ENOSPC) {
		t.Errorf("got %v", err)
	}
	must(t, p.Close())
}

// Downloads is a link to another disk: part and file lie there both, so that
// publishing is a rename and nothing is copied.
func TestD45_DownloadsOnAnotherFileSystem(t *testing.T) {
	other, err := os.MkdirTemp("/dev/shm", "device-test-")
	if err != nil {
		t.Skip("this system has no second file system to write to")
	}
	t.Cleanup(func() { _ = os.RemoveAll(other) })
	dir := filepath.Join(t.TempDir(), "Downloads")
	must(t, os.Symlink(other, dir))
	f := OpenFolder(dir)
	fill(t, f, testKey, "content")
	info, err := f.Publish(testKey, "a.zip", download.Ask)
	must(t, err)
	if b, err := os.ReadFile(string(info.Location)); err != nil || string(b) != "content" {
		t.Errorf("it holds %q, %v", b, err)
	}
	if got := names(t, other); !slices.Equal(got, []string{"a.zip"}) {
		t.Errorf("there is %q", got)
	}
}

func TestFreeSpace(t *testing.T) {
	dir := t.TempDir()
	for _, p := range []string{dir, filepath.Join(dir, "not", "yet")} {
		if n, err := OpenFolder(p).Free(); err != nil || n <= 0 {
			t.Errorf("%s: %d, %v", p, n, err)
		}
	}
}
