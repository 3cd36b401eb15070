package shelf_test

import (
	"errors"
	"io"
	"io/fs"
	"maps"
	"slices"
	"testing"

	"connectbackup/device/download"
	"connectbackup/device/extract"
	"connectbackup/device/shelf"
)

var twoFiles = map[string]string{"invoices.csv": "number\n", "notes/read me.txt": "hello"}

func extractInto(target extract.Target, name string, clash download.Clash, files map[string]string) (download.Location, error) {
	if err := target.Begin(name, clash); err != nil {
		return "", err
	}
	for _, entry := range slices.Sorted(maps.Keys(files)) {
		w, err := target.Create(entry)
		if err != nil {
			return "", errors.Join(err, target.Abort())
		}
		_, err = io.WriteString(w, files[entry])
		if err = errors.Join(err, w.Close()); err != nil {
			return "", errors.Join(err, target.Abort())
		}
	}
	l, err := target.Commit()
	if err != nil {
		return "", errors.Join(err, target.Abort())
	}
	return l, nil
}

func TestAnArchiveIsWrittenOutIntoDownloads(t *testing.T) {
	b := newBench(t)
	target := b.Target("")
	must(t, target.Begin("acme", download.Ask))
	must(t, target.Mkdir("notes"))
	w, err := target.Create("invoices.csv")
	must(t, err)
	_, err = io.WriteString(w, "number\n")
	must(t, err)
	must(t, w.Close())
	if seen := b.list.shown(t); len(seen) > 0 {
		t.Errorf("people see %q before all is there", seen)
	}
	l, err := target.Commit()
	if err != nil || l != "/storage/Download/acme" {
		t.Errorf("%s, %v", l, err)
	}
	must(t, target.Abort())
	b.sees(map[string]string{"Download/acme/invoices.csv": "number\n"})
	if files, err := b.Files(l); err != nil || len(files) != 1 || files[0].Name != "invoices.csv" || files[0].Size != 7 {
		t.Errorf("in it are %+v, %v", files, err)
	}
	if _, err := target.Commit(); !errors.Is(err, fs.ErrClosed) {
		t.Errorf("a second time: %v", err)
	}
}

func TestAFolderInTheWay(t *testing.T) {
	old := map[string]string{"Download/acme/old.csv": "old"}
	fresh := map[string]string{"Download/acme/invoices.csv": "number\n", "Download/acme/notes/read me.txt": "hello"}
	both := maps.Clone(old)
	for name, content := range fresh {
		both["Download/acme (2)"+name[len("Download/acme"):]] = content
	}
	for clash, want := range map[download.Clash]map[string]string{
		download.Ask: nil, download.Skip: nil, download.Replace: fresh, download.KeepBoth: both,
	} {
		b := newBench(t)
		_, err := extractInto(b.Target(""), "acme", download.Ask, map[string]string{"old.csv": "old"})
		must(t, err)
		_, err = extractInto(b.Target(""), "acme", clash, twoFiles)
		if want != nil {
			must(t, err)
			b.sees(want)
			continue
		}
		var exists *download.ExistsError
		if !errors.As(err, &exists) || exists.Name != "acme" {
			t.Errorf("%d: %v", clash, err)
		}
		b.sees(old)
	}
}

// The archive was moved into the folder that bears its name, and is the only copy.
func TestTheFolderThatHoldsTheArchiveIsNotReplaced(t *testing.T) {
	b := newBench(t)
	_, err := extractInto(b.Target(""), "acme", download.Ask, map[string]string{"old.csv": "old", "years/acme.zip": "zip"})
	must(t, err)
	rows, err := b.list.Named("Download/acme/years/", "acme.zip")
	must(t, err)
	archive := download.Location(rows[0].URI)
	var folder *download.FolderError
	_, err = extractInto(b.Target(archive), "acme", download.Replace, twoFiles)
	if !errors.Is(err, extract.ErrHoldsArchive) || !errors.As(err, &folder) || folder.Path != "/storage/Download/acme" {
		t.Errorf("got %v", err)
	}
	old := map[string]string{"Download/acme/old.csv": "old", "Download/acme/years/acme.zip": "zip"}
	b.sees(old)
	_, err = extractInto(b.Target(archive), "acme", download.KeepBoth, map[string]string{"a.csv": "1"})
	must(t, err)
	old["Download/acme (2)/a.csv"] = "1"
	b.sees(old)
}

func TestAFolderIsFoundByItsPath(t *testing.T) {
	b := newBench(t)
	l, err := extractInto(b.Target(""), "Müller & Co", download.Ask, twoFiles)
	must(t, err)
	if info, err := b.StatAt(l); err != nil || info.Name != "Müller & Co" {
		t.Errorf("%+v, %v", info, err)
	}
	if _, err := b.StatAt("/storage/Download/other"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("another one: %v", err)
	}
	want := "content://com.android.externalstorage.documents/document/primary%3ADownload%2FM%C3%BCller%20&%20Co"
	if got := shelf.DocumentURI("Download/Müller & Co"); got != want {
		t.Errorf("Android's Files would be asked for %s", got)
	}
}

func TestAnExtractionThatFailsLeavesNothing(t *testing.T) {
	for _, step := range []string{"Insert", "Open", "Publish"} {
		b := newBench(t)
		b.list.fault[step] = fs.ErrPermission
		_, err := extractInto(b.Target(""), "acme", download.Ask, twoFiles)
		var folder *download.FolderError
		if !errors.As(err, &folder) {
			t.Errorf("%s: %v", step, err)
		}
		b.sees(nil)
	}
}

func TestAKilledExtractionIsSwept(t *testing.T) {
	b := newBench(t)
	target := b.Target("")
	must(t, target.Begin("acme", download.Ask))
	w, err := target.Create("a.csv")
	must(t, err)
	must(t, w.Close())
	b.restart()
	must(t, b.Sweep())
	b.sees(nil)
}

// When what it replaces is going already, a killed extraction is ended: taking
// it back would leave neither.
func TestAKillWhileReplacingEndsWithTheNewFiles(t *testing.T) {
	for _, step := range []string{"Delete", "Publish"} {
		b := newBench(t)
		_, err := extractInto(b.Target(""), "acme", download.Ask, map[string]string{"old.csv": "old"})
		must(t, err)
		b.list.fault[step] = errors.New("killed")
		if _, err := extractInto(b.Target(""), "acme", download.Replace, twoFiles); err == nil {
			t.Fatal("it went on")
		}
		b.restart()
		if b.Sweep() == nil {
			t.Errorf("%s: what could not be ended was given up in silence", step)
		}
		clear(b.list.fault)
		b.restart()
		must(t, b.Sweep())
		b.sees(map[string]string{"Download/acme/invoices.csv": "number\n", "Download/acme/notes/read me.txt": "hello"})
	}
}

func TestANameThatIsNoFolderIsRefused(t *testing.T) {
	b := newBench(t)
	for _, name := range []string{"", ".", "..", "a/b", "a\x00"} {
		if err := b.Target("").Begin(name, download.Ask); !errors.Is(err, fs.ErrInvalid) {
			t.Errorf("%q: %v", name, err)
		}
	}
	if _, err := b.Target("").Create("a.csv"); !errors.Is(err, fs.ErrClosed) {
		t.Errorf("before it began: %v", err)
	}
}
