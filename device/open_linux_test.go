//go:build linux && !android

package device

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"github.com/godbus/dbus/v5"

	"connectbackup/device/download"
)

// fakeOpener puts an xdg-open into the path that writes its arguments down, one
// a line between brackets, and ends with a code.
func fakeOpener(t *testing.T, code string) (log string) {
	t.Helper()
	bin := t.TempDir()
	log = filepath.Join(bin, "log")
	script := "#!/bin/sh\nfor a in \"$@\"; do printf '[%s]' \"$a\"; done >>" + log + "\nexit " + code + "\n"
	must(t, os.WriteFile(filepath.Join(bin, "xdg-open"), []byte(script), 0o755))
	t.Setenv("PATH", bin+":/usr/bin:/bin")
	return log
}

func said(t *testing.T, log string) string {
	t.Helper()
	b, err := os.ReadFile(log)
	if errors.Is(err, fs.ErrNotExist) {
		return ""
	}
	must(t, err)
	must(t, os.Remove(log))
	return string(b)
}

func TestOpenHandsOverOnePath(t *testing.T) {
	log := fakeOpener(t, "0")
	dir := t.TempDir()
	for _, name := range []string{"a.zip", "-rf.zip", "a b.csv", "$(touch x).zip", "a\nb.zip", "javascript:alert(1).zip", "%41.zip", "客户.CSV"} {
		p := filepath.Join(dir, name)
		must(t, os.WriteFile(p, nil, 0o644))
		if err := Open(download.Location(p)); err != nil {
			t.Errorf("%q: %v", name, err)
		}
		if got := said(t, log); got != "["+p+"]" {
			t.Errorf("%q: it was called with %q", name, got)
		}
	}
	if err := Open(download.Location(dir)); err != nil || said(t, log) != "["+dir+"]" {
		t.Errorf("a folder: %v", err)
	}
}

func TestOpenRefusesPrograms(t *testing.T) {
	log := fakeOpener(t, "0")
	dir := t.TempDir()
	for _, name := range []string{"x.desktop", "x.zip.exe", "x.sh", "x.html", "x", "x.lnk", "x.zip "} {
		p := filepath.Join(dir, name)
		must(t, os.WriteFile(p, nil, 0o755))
		if err := Open(download.Location(p)); !errors.Is(err, ErrUnsafe) {
			t.Errorf("%q: %v", name, err)
		}
	}
	for _, l := range []download.Location{"", "a.zip", "-a.zip", "https://example.org/a.zip", "file:///etc/passwd", "/missing/a.zip"} {
		if err := Open(l); err == nil {
			t.Errorf("%q was opened", l)
		}
		if err := Reveal(l); err == nil {
			t.Errorf("%q was revealed", l)
		}
	}
	if got := said(t, log); got != "" {
		t.Errorf("called with %q", got)
	}
	if err := Open("/missing/a.zip"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a file that is gone: %v", err)
	}
}

func TestOpenSaysWhatIsMissing(t *testing.T) {
	p := filepath.Join(t.TempDir(), "a.zip")
	must(t, os.WriteFile(p, nil, 0o644))
	for code, missing := range map[string]string{"3": "zip", "4": "zip", "1": ""} {
		fakeOpener(t, code)
		var fault *OpenError
		if err := Open(download.Location(p)); !errors.As(err, &fault) || fault.Missing != missing || fault.Program != "" {
			t.Errorf("exit %s: %v", code, err)
		}
	}
	t.Setenv("PATH", t.TempDir())
	var fault *OpenError
	if err := Open(download.Location(p)); !errors.As(err, &fault) || fault.Program != "xdg-open" {
		t.Errorf("got %v", err)
	}
	if CanOpen() || CanReveal() || CanShare() {
		t.Error("it can do what it cannot")
	}
}

func TestCanOpenNeedsAScreen(t *testing.T) {
	fakeOpener(t, "0")
	if CanOpen() {
		t.Error("without a screen")
	}
	t.Setenv("WAYLAND_DISPLAY", "wayland-0")
	if !CanOpen() {
		t.Error("with a screen")
	}
}

// A program that shows the file and stays is a success, and is not waited for.
func TestOpenDoesNotWaitForTheApp(t *testing.T) {
	bin := t.TempDir()
	must(t, os.WriteFile(filepath.Join(bin, "xdg-open"), []byte("#!/bin/sh\necho $$ >"+filepath.Join(bin, "pid")+"\nexec sleep 60\n"), 0o755))
	t.Setenv("PATH", bin+":/usr/bin:/bin")
	p := filepath.Join(t.TempDir(), "a.zip")
	must(t, os.WriteFile(p, nil, 0o644))
	must(t, Open(download.Location(p)))
	b, err := os.ReadFile(filepath.Join(bin, "pid"))
	must(t, err)
	stat, err := os.ReadFile("/proc/" + strings.TrimSpace(string(b)) + "/stat")
	must(t, err)
	fields := strings.Fields(string(stat))
	if session := fields[5]; session != fields[0] {
		t.Errorf("it belongs to session %s, and would end with ours", session)
	}
	pid, err := strconv.Atoi(fields[0])
	must(t, err)
	must(t, syscall.Kill(pid, syscall.SIGKILL))
}

func TestOpenURLOnlyPages(t *testing.T) {
	log := fakeOpener(t, "0")
	for _, bad := range []string{
		"", "example.org", "javascript:alert(1)", "file:///etc/passwd", "data:text/html,x", "ftp://example.org/", "http:", "https:///x",
		"-https://example.org", "https://example.org/a b", "https://example.org/\n", "https://exa mple.org", "http://[", "mailto:a@b.c",
	} {
		if err := OpenURL(bad); !errors.Is(err, ErrUnsafe) {
			t.Errorf("%q: %v", bad, err)
		}
	}
	if got := said(t, log); got != "" {
		t.Errorf("called with %q", got)
	}
	page := "https://example.org/reset?a=1&b=$(x)#y"
	if err := OpenURL(page); err != nil || said(t, log) != "["+page+"]" {
		t.Errorf("%v", err)
	}
}

// fileManager is a file manager on the session bus.
type fileManager struct{ asked chan []string }

func (f fileManager) ShowItems(uris []string, _ string) *dbus.Error {
	f.asked <- uris
	return nil
}

func TestRevealAsksTheFileManager(t *testing.T) {
	log := fakeOpener(t, "0")
	dir := t.TempDir()
	p := filepath.Join(dir, "a b#%41?.zip")
	must(t, os.WriteFile(p, nil, 0o644))
	// Without one the folder opens.
	must(t, Reveal(download.Location(p)))
	if got := said(t, log); got != "["+dir+"]" {
		t.Errorf("it was called with %q", got)
	}
	startBus(t)
	conn := connect(t)
	f := fileManager{make(chan []string, 1)}
	must(t, conn.Export(f, "/org/freedesktop/FileManager1", "org.freedesktop.FileManager1"))
	own(t, conn, "org.freedesktop.FileManager1")
	must(t, Reveal(download.Location(p)))
	if got := receive(t, f.asked); len(got) != 1 || got[0] != "file://"+dir+"/a%20b%23%2541%3F.zip" {
		t.Errorf("it was asked for %q", got)
	}
	if got := said(t, log); got != "" {
		t.Errorf("and called with %q", got)
	}
}
