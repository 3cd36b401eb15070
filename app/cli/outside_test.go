//go:build unix

package cli

import (
	"archive/zip"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"connectbackup/api/manifest"
)

// started is the program in a process of its own.
type started struct {
	*exec.Cmd
	out, err bytes.Buffer
}

// program is the program with these arguments, not yet started.
func program(t *testing.T, args ...string) *exec.Cmd {
	t.Helper()
	p := exec.CommandContext(t.Context(), os.Args[0], args...)
	p.Env = append(os.Environ(), asProgram+"=1")
	return p
}

func start(t *testing.T, args ...string) *started {
	t.Helper()
	p := &started{Cmd: program(t, args...)}
	p.Stdout, p.Stderr = &p.out, &p.err
	if err := p.Start(); err != nil {
		t.Fatal(err)
	}
	return p
}

func (p *started) result(t *testing.T) result {
	t.Helper()
	err := p.Wait()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	return result{p.ProcessState.ExitCode(), p.out.String(), p.err.String()}
}

// expectation is how a command must end.
type expectation struct {
	name string
	args []string
	code int
	out  string // in what it prints
	err  string // in what it complains of
	left string // names in the folder afterwards, besides those before
}

// expect runs the program in dir as a person would, and looks at everything
// that can be seen from outside.
func expect(t *testing.T, dir string, rows []expectation) {
	t.Helper()
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			before := names(t, dir)
			t.Chdir(dir)
			r := start(t, row.args...).result(t)
			if r.code != row.code {
				t.Errorf("exit %d, want %d", r.code, row.code)
			}
			if !strings.Contains(r.out, row.out) || !strings.Contains(r.err, row.err) {
				t.Errorf("want %q printed and %q complained of", row.out, row.err)
			}
			if wordless := regexp.MustCompile(`%!|unexpected|Settings|[{}]`).FindString(r.err); wordless != "" {
				t.Errorf("the complaint holds %q", wordless)
			}
			if (row.code == exitDone) != (r.err == "") && row.err == "" {
				t.Errorf("exit %d, with the complaint %q", row.code, r.err)
			}
			var left []string
			for _, name := range names(t, dir) {
				if !contains(before, name) {
					left = append(left, name)
				}
			}
			if got := strings.Join(left, " "); got != row.left {
				t.Errorf("it left %q, want %q", got, row.left)
			}
			if t.Failed() {
				t.Logf("printed:\n%s\ncomplained:\n%s", r.out, r.err)
			}
		})
	}
}

func contains(list []string, s string) bool {
	for _, x := range list {
		if x == s {
			return true
		}
	}
	return false
}

func put(t *testing.T, dir, name string, b []byte) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(dir, name), b, 0o644); err != nil {
		t.Fatal(err)
	}
}

func archiveBytes(t *testing.T, entries map[string]string) []byte {
	t.Helper()
	b, err := os.ReadFile(archiveWith(t, entries))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// flipped changes a byte of an entry's data, which is stored or packed behind
// its name.
func flipped(b []byte, entry string) []byte {
	b = bytes.Clone(b)
	b[bytes.Index(b, []byte(entry))+len(entry)+10] ^= 0xff
	return b
}

// archives puts one of each kind into a folder.
func archives(t *testing.T) (dir string) {
	t.Helper()
	dir = t.TempDir()
	good := archiveBytes(t, map[string]string{"staff.csv": strings.Repeat("id,name\r\n", 1000), "README.txt": "read me"})
	secret := bytes.Clone(good)
	for _, sig := range []string{"PK\x03\x04", "PK\x01\x02"} { // the flag of encryption in every header
		for at := 0; ; {
			i := bytes.Index(secret[at:], []byte(sig))
			if i < 0 {
				break
			}
			off := map[string]int{"PK\x03\x04": 6, "PK\x01\x02": 8}[sig]
			secret[at+i+off] |= 1
			at += i + 4
		}
	}
	bomb := archiveBytes(t, map[string]string{"zeros": string(make([]byte, 20<<20))})
	for name, b := range map[string][]byte{
		"good.zip": good, "damaged.zip": flipped(good, "staff.csv"), "cut.zip": good[:len(good)-30], "secret.zip": secret,
		"hostile.zip":  archiveBytes(t, map[string]string{"ok.csv": "1", "../escaped.csv": "x"}),
		"terminal.zip": flipped(archiveBytes(t, map[string]string{"\x1b[2J\u202eevil.csv": strings.Repeat("12345", 100)}), "evil.csv"),
		"bomb.zip":     bomb, "page.zip": []byte("<html>Please sign in</html>"), "empty.zip": nil,
		"void.zip": archiveBytes(t, nil),
	} {
		put(t, dir, name, b)
	}
	return dir
}

func TestExtractFromOutside(t *testing.T) {
	dir := archives(t)
	if err := os.Mkdir(filepath.Join(dir, "folder"), 0o755); err != nil {
		t.Fatal(err)
	}
	put(t, dir, "file", []byte("in the way"))
	expect(t, dir, []expectation{
		{"good", []string{"extract", "good.zip"}, exitDone, "Extracted 2 files", "", "good"},
		{"there already", []string{"extract", "good.zip"}, exitDamaged, "", "good is already there. Say what to do with --on-clash", ""},
		{"skipped", []string{"extract", "good.zip", "--on-clash", "skip"}, exitDone, "already there: skipped", "", ""},
		{"kept both", []string{"extract", "good.zip", "--on-clash", "keep-both"}, exitDone, "good (2)", "", "good (2)"},
		{"replaced", []string{"extract", "good.zip", "--on-clash", "replace"}, exitDone, "Extracted 2 files", "", ""},
		{"into a new folder", []string{"extract", "good.zip", "--to", "new/deep"}, exitDone, "new/deep/good", "", "new"},
		{"nothing in it", []string{"extract", "void.zip"}, exitDone, "Extracted 0 files", "", "void"},
		{"damaged", []string{"extract", "damaged.zip"}, exitDamaged, "", "staff.csv", ""},
		{"cut", []string{"extract", "cut.zip"}, exitDamaged, "", "damaged", ""},
		{"damaged, over a good one", []string{"extract", "damaged.zip", "--to", "new", "--on-clash", "replace"}, exitDamaged, "", "staff.csv", ""},
		{"encrypted", []string{"extract", "secret.zip"}, exitDamaged, "", "password", ""},
		{"leads out", []string{"extract", "hostile.zip"}, exitDamaged, "", "../escaped.csv: it leads out of the folder", ""},
		{"bomb", []string{"extract", "bomb.zip"}, exitDamaged, "", "far more than its size", ""},
		{"no archive", []string{"extract", "page.zip"}, exitDamaged, "", "not an archive", ""},
		{"empty file", []string{"extract", "empty.zip"}, exitDamaged, "", "the file is empty", ""},
		{"missing", []string{"extract", "none.zip"}, exitNotFound, "", "none.zip is not there.", ""},
		{"a folder", []string{"extract", "folder"}, exitUsage, "", "folder is not a file", ""},
		{"to a file", []string{"extract", "good.zip", "--to", "file"}, exitFailed, "", "not a directory", ""},
		{"no file named", []string{"extract"}, exitUsage, "", "<file>", ""},
		{"unknown answer", []string{"extract", "good.zip", "--on-clash", "maybe"}, exitUsage, "", "keep-both", ""},
		{"unknown flag", []string{"extract", "good.zip", "--fast"}, exitUsage, "", "--fast", ""},
	})
	if escaped, err := filepath.Glob(filepath.Join(filepath.Dir(dir), "*escaped*")); err != nil || len(escaped) > 0 {
		t.Errorf("outside there is %q, %v", escaped, err)
	}
	for name, want := range map[string]string{"good/README.txt": "read me", "good (2)/README.txt": "read me", "new/deep/good/README.txt": "read me", "file": "in the way"} {
		if b, err := os.ReadFile(filepath.Join(dir, name)); err != nil || string(b) != want {
			t.Errorf("%s holds %q, %v", name, b, err)
		}
	}
}

// What stands in an archive does not reach the terminal as it is: it could
// move the cursor and write over what was said.
func TestNamesDoNotCommandTheTerminal(t *testing.T) {
	t.Chdir(archives(t))
	for _, command := range []string{"extract", "verify"} {
		r := start(t, command, "terminal.zip").result(t)
		if r.code != exitDamaged || !strings.Contains(r.out+r.err, `\x1b[2J\u202eevil.csv`) {
			t.Errorf("%s: exit %d: %q %q", command, r.code, r.out, r.err)
		}
		if strings.ContainsAny(r.out+r.err, "\x1b\u202e") {
			t.Errorf("%s: the terminal got %q %q", command, r.out, r.err)
		}
	}
}

// With --json every line is an object, the failure too, and nothing else is
// printed.
func TestJSONFromOutside(t *testing.T) {
	content, sha, s := file(t, 1<<20)
	dir := archives(t)
	t.Chdir(dir)
	for _, row := range []struct {
		name string
		args []string
		code int
		last string // event
		want map[string]any
	}{
		{"fetch", []string{"fetch", s.URL + "/file.bin", "--sha256", sha}, exitDone, "done", map[string]any{"sha256": sha, "size": float64(len(content)), "verified": true}},
		{"fetch skipped", []string{"fetch", s.URL + "/file.bin", "--on-clash", "skip"}, exitDone, "skipped", map[string]any{"file": filepath.Join(dir, "file.bin")}},
		{"fetch clash", []string{"fetch", s.URL + "/file.bin"}, exitDamaged, "error", map[string]any{"exit": float64(exitDamaged)}},
		{"fetch gone", []string{"fetch", s.URL + "/gone"}, exitNotFound, "error", map[string]any{"exit": float64(exitNotFound)}},
		{"fetch usage", []string{"fetch", s.URL, "--fast"}, exitUsage, "error", map[string]any{"exit": float64(exitUsage)}},
		{"extract", []string{"extract", "good.zip"}, exitDone, "done", map[string]any{"files": 2.0, "folder": filepath.Join(dir, "good")}},
		{"extract skipped", []string{"extract", "good.zip", "--on-clash", "skip"}, exitDone, "skipped", map[string]any{"folder": filepath.Join(dir, "good")}},
		{"extract damaged", []string{"extract", "damaged.zip"}, exitDamaged, "error", map[string]any{"exit": float64(exitDamaged)}},
		{"verify", []string{"verify", "good.zip"}, exitDone, "checked", map[string]any{"entries": 2.0, "damaged": 0.0}},
		{"verify damaged", []string{"verify", "damaged.zip"}, exitDamaged, "error", map[string]any{"exit": float64(exitDamaged)}},
		{"verify missing", []string{"verify", "none.zip"}, exitNotFound, "error", map[string]any{"exit": float64(exitNotFound)}},
	} {
		t.Run(row.name, func(t *testing.T) {
			r := start(t, append(row.args, "--json")...).result(t)
			if r.code != row.code || r.err != "" {
				t.Errorf("exit %d, want %d; complained %q", r.code, row.code, r.err)
			}
			last := lastJSON(t, r.out)
			if last["event"] != row.last {
				t.Errorf("it ends with %v", last)
			}
			for k, v := range row.want {
				if last[k] != v {
					t.Errorf("%s is %v, want %v", k, last[k], v)
				}
			}
			if message, _ := last["message"].(string); row.last == "error" && message == "" {
				t.Error("the error says nothing")
			}
		})
	}
}

func TestFetchFromOutside(t *testing.T) {
	content, sha, s := file(t, 1<<20)
	dir := t.TempDir()
	dead := httptest.NewServer(http.NotFoundHandler())
	dead.Close()
	page := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusForbidden)
	}))
	defer page.Close()
	circle := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, r.URL.Path, http.StatusFound)
	}))
	defer circle.Close()
	if err := os.Mkdir(filepath.Join(dir, "folder"), 0o755); err != nil {
		t.Fatal(err)
	}
	put(t, dir, "file", []byte("in the way"))
	at, wrong := s.URL+"/file.bin", strings.Repeat("0", 64)
	expect(t, dir, []expectation{
		{"good", []string{"fetch", at, "--sha256", sha}, exitDone, "SHA-256 " + sha + ", verified", "", "file.bin"},
		{"there already", []string{"fetch", at}, exitDamaged, "", "file.bin is already there. Say what to do with --on-clash", ""},
		{"skipped", []string{"fetch", at, "--on-clash", "skip"}, exitDone, "already there: skipped", "", ""},
		{"kept both", []string{"fetch", at, "--on-clash", "keep-both"}, exitDone, "file (2).bin", "", "file (2).bin"},
		{"replaced", []string{"fetch", at, "--on-clash", "replace"}, exitDone, "file.bin", "", ""},
		{"a name of its own", []string{"fetch", at, "--name", "../../own.bin"}, exitDone, "own.bin", "", "own.bin"},
		{"into a new folder", []string{"fetch", at, "--dir", "new"}, exitDone, "new/file.bin", "", "new"},
		{"not what was promised", []string{"fetch", at, "--name", "x", "--sha256", wrong}, exitDamaged, "", "not what was promised", ""},
		{"not of that size", []string{"fetch", at, "--name", "x", "--size", "5"}, exitDamaged, "", "not what was promised", ""},
		{"over a folder", []string{"fetch", at, "--name", "folder"}, exitDamaged, "", "folder is already there", ""},
		{"into a file", []string{"fetch", at, "--dir", "file"}, exitFailed, "", "not a directory", ""},
		{"not found", []string{"fetch", s.URL + "/none"}, exitNotFound, "", "no such file", ""},
		{"gone", []string{"fetch", s.URL + "/gone"}, exitNotFound, "", "no longer has this file", ""},
		{"not signed in", []string{"fetch", s.URL + "/secret"}, exitSignedOut, "", "--header", ""},
		{"not allowed", []string{"fetch", page.URL + "/x"}, exitDamaged, "", "does not allow", ""},
		{"nobody there", []string{"fetch", dead.URL + "/x", "--give-up", "1s"}, exitFailed, "", "Given up: no data came for 1s. Nothing answers at", ""},
		{"no address", []string{"fetch", "file.bin"}, exitUsage, "", "http://", ""},
		{"no hash", []string{"fetch", at, "--sha256", "abc"}, exitUsage, "", "64 hexadecimal digits", ""},
		{"no time", []string{"fetch", at, "--give-up", "soon"}, exitUsage, "", "--give-up", ""},
		{"less than no time", []string{"fetch", at, "--give-up=-5s"}, exitUsage, "", "--give-up", ""},
		{"no header", []string{"fetch", at, "--header", "nonsense"}, exitUsage, "", "--header", ""},
		{"a header of two words", []string{"fetch", at, "-H", "X Key: 1"}, exitUsage, "", `--header wants a name of letters, digits and hyphens, not "X Key"`, ""},
		{"a header of two lines", []string{"fetch", at, "-H", "X-Key: a\r\nb: c"}, exitUsage, "", "the value of X-Key holds a line break", ""},
		{"another entity tag", []string{"fetch", at, "--name", "x", "--etag", `"1"`}, exitFailed, "", "The file there has another entity tag than the one that --etag gives.\n", ""},
		{"no entity tag", []string{"fetch", at, "--name", "x", "--etag", "1"}, exitFailed, "", "The quotation marks belong to an entity tag.", ""},
		{"that entity tag", []string{"fetch", at, "--name", "tagged", "--etag", `"` + sha + `"`}, exitDone, "tagged", "", "tagged"},
		{"in a circle", []string{"fetch", circle.URL + "/x"}, exitDamaged, "", circle.URL + "/x leads on to another place, which was not followed: it leads in a circle. Nothing was downloaded.", ""},
		{"no size", []string{"fetch", at, "--size", "many"}, exitUsage, "", "--size", ""},
	})
	for _, name := range []string{"file.bin", "file (2).bin", "own.bin", "new/file.bin"} {
		if b, err := os.ReadFile(filepath.Join(dir, name)); err != nil || !bytes.Equal(b, content) {
			t.Errorf("%s: %d bytes, %v", name, len(b), err)
		}
	}
}

// A server that falls silent is given up, what came is kept, and the same
// command ends the job.
func TestFetchGivesUpAndGoesOn(t *testing.T) {
	content, sha, _ := file(t, 4<<20)
	const before = 1 << 20
	var alive atomic.Bool
	var again atomic.Value
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("ETag", `"`+sha+`"`)
		switch {
		case alive.Load():
			again.Store(r.Header.Get("Range"))
			http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(content))
		case r.Header.Get("Range") == "" || r.Header.Get("Range") == "bytes=0-":
			w.Header().Set("Content-Length", "4194304")
			_, _ = w.Write(content[:before])
			panic(http.ErrAbortHandler)
		default:
			w.WriteHeader(http.StatusServiceUnavailable)
		}
	}))
	defer s.Close()
	dir := t.TempDir()
	args := []string{"fetch", s.URL + "/file.bin", "--dir", dir, "--sha256", sha, "--give-up", "2s"}
	r := start(t, args...).result(t)
	if r.code != exitFailed || !strings.Contains(r.err, "Given up: no data came for 2s.") || !strings.Contains(r.err, "What has come is kept: the same command goes on from there.") {
		t.Fatalf("exit %d: %s%s", r.code, r.out, r.err)
	}
	if _, err := os.Stat(filepath.Join(dir, "file.bin")); err == nil {
		t.Fatal("the final name exists")
	}
	alive.Store(true)
	r = start(t, args...).result(t)
	if r.code != exitDone || again.Load() != "bytes=1048576-" {
		t.Errorf("exit %d, asked for %v: %s%s", r.code, again.Load(), r.out, r.err)
	}
	if got := names(t, dir); len(got) != 1 {
		t.Errorf("left over: %q", got)
	}
}

// The default is ten minutes, and the help says so.
func TestHelpNamesTheGiveUp(t *testing.T) {
	r := command(t, "fetch", "--help")
	if r.code != exitDone || !strings.Contains(r.out, "--give-up=10m") {
		t.Errorf("exit %d:\n%s", r.code, r.out)
	}
}

// resumedLine is the last line of a fetch that went on where another was.
var resumedLine = regexp.MustCompile(`, verified\n[0-9.]+ MB were already here, [0-9.]+ MB fetched now\n$`)

// Ctrl-C stops cleanly and keeps what can be resumed.
func TestInterruptFromOutside(t *testing.T) {
	const size, before = 8 << 20, 2 << 20
	content, sha, _ := file(t, size)
	var resumed atomic.Bool
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("ETag", `"`+sha+`"`)
		if r.Header.Get("Range") != "" && r.Header.Get("Range") != "bytes=0-" {
			resumed.Store(true)
			http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(content))
			return
		}
		w.Header().Set("Content-Length", "8388608")
		_, _ = w.Write(content[:before])
		w.(http.Flusher).Flush()
		<-r.Context().Done()
	}))
	defer s.Close()
	for _, signal := range []os.Signal{os.Interrupt, syscall.SIGTERM} {
		dir := t.TempDir()
		resumed.Store(false)
		args := []string{"fetch", s.URL + "/file.bin", "--dir", dir, "--sha256", sha}
		p := start(t, args...)
		waitForPart(t, dir, 1<<20)
		if err := p.Process.Signal(signal); err != nil {
			t.Fatal(err)
		}
		r := p.result(t)
		if r.code != exitFailed || !strings.Contains(r.err, "Stopped. What has come is kept") {
			t.Errorf("%v: exit %d: %s%s", signal, r.code, r.out, r.err)
		}
		r = start(t, args...).result(t)
		if r.code != exitDone || !resumed.Load() || !resumedLine.MatchString(r.out) {
			t.Errorf("%v, again: exit %d, resumed %v: %s%s", signal, r.code, resumed.Load(), r.out, r.err)
		}
	}
}

// waitForPart waits until some file in dir is that large.
func waitForPart(t *testing.T, dir string, size int64) {
	t.Helper()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for deadline := time.Now().Add(time.Minute); time.Now().Before(deadline); <-tick.C {
		entries, err := os.ReadDir(dir)
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range entries {
			if info, err := e.Info(); err == nil && info.Size() >= size {
				return
			}
		}
	}
	t.Fatalf("there is %q", names(t, dir))
}

// putBig puts an archive into dir whose extraction takes a while.
func putBig(t *testing.T, dir string) {
	t.Helper()
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for _, name := range []string{"a", "b", "c", "d"} { // stored: so much is soon made
		e, err := w.CreateHeader(&zip.FileHeader{Name: name, Method: zip.Store})
		if err == nil {
			_, err = e.Write(make([]byte, 48<<20))
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	put(t, dir, "big.zip", b.Bytes())
}

// An extraction that is stopped leaves nothing, and one that replaces leaves
// the old folder.
func TestInterruptedExtraction(t *testing.T) {
	dir := t.TempDir()
	putBig(t, dir)
	for range 20 {
		if err := os.RemoveAll(filepath.Join(dir, "big")); err != nil { // of a try that was too fast to be stopped
			t.Fatal(err)
		}
		if err := os.Mkdir(filepath.Join(dir, "big"), 0o755); err != nil {
			t.Fatal(err)
		}
		put(t, dir, "big/old.txt", []byte("old"))
		r := interrupted(t, dir, "extract", filepath.Join(dir, "big.zip"), "--on-clash", "replace")
		if r.code == exitDone {
			continue
		}
		if r.code != exitFailed || !strings.Contains(r.err, "Stopped. Nothing was left behind.") {
			t.Errorf("exit %d: %s%s", r.code, r.out, r.err)
		}
		if got := strings.Join(names(t, dir), " "); got != "big big.zip" {
			t.Errorf("there is %q", got)
		}
		if b, err := os.ReadFile(filepath.Join(dir, "big", "old.txt")); err != nil || string(b) != "old" {
			t.Errorf("the old folder holds %q, %v", b, err)
		}
		return
	}
	t.Fatal("every extraction was too fast to be stopped")
}

// What an extraction that was killed left goes with the next one to there.
func TestExtractSweepsWhatWasKilled(t *testing.T) {
	dir, to := t.TempDir(), t.TempDir()
	putBig(t, dir)
	put(t, dir, "small.zip", archiveBytes(t, map[string]string{"a": "1"}))
	for range 20 {
		p := start(t, "extract", filepath.Join(dir, "big.zip"), "--to", to, "--on-clash", "replace")
		tick := time.NewTicker(time.Millisecond)
		for deadline := time.Now().Add(time.Minute); !killable(t, to) && time.Now().Before(deadline); {
			<-tick.C
		}
		tick.Stop()
		if err := p.Process.Kill(); err != nil {
			t.Fatal(err)
		}
		if r := p.result(t); r.code == exitDone {
			continue // too fast to be killed
		}
		if !killable(t, to) {
			continue
		}
		if r := start(t, "extract", filepath.Join(dir, "small.zip"), "--to", to).result(t); r.code != exitDone || r.err != "" {
			t.Errorf("exit %d: %s%s", r.code, r.out, r.err)
		}
		if killable(t, to) || !contains(names(t, to), "small") {
			t.Errorf("there is %q", names(t, to))
		}
		return
	}
	t.Fatal("every extraction was too fast to be killed")
}

// killable reports whether there are hidden leftovers of an extraction.
func killable(t *testing.T, dir string) bool {
	t.Helper()
	for _, name := range names(t, dir) {
		if strings.HasPrefix(name, ".") {
			return true
		}
	}
	return false
}

// interrupted runs the program and stops it as soon as there is one more file
// or folder in dir than the two before.
func interrupted(t *testing.T, dir string, args ...string) result {
	t.Helper()
	p := start(t, args...)
	tick := time.NewTicker(time.Millisecond)
	defer tick.Stop()
	for deadline := time.Now().Add(time.Minute); len(names(t, dir)) == 2 && time.Now().Before(deadline); {
		<-tick.C
	}
	if err := p.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	return p.result(t)
}

// asNobody makes the program run without rights where the tests have all.
func asNobody(t *testing.T, p *exec.Cmd, dirs ...string) {
	t.Helper()
	if os.Getuid() != 0 {
		return
	}
	bin := filepath.Join(t.TempDir(), "program")
	for _, dir := range append(dirs, filepath.Dir(bin)) {
		for ; dir != filepath.Dir(os.TempDir()) && dir != os.TempDir(); dir = filepath.Dir(dir) {
			if err := os.Chmod(dir, 0o755); err != nil {
				t.Fatal(err)
			}
		}
	}
	from, err := os.Open(os.Args[0])
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = from.Close() }()
	to, err := os.OpenFile(bin, os.O_WRONLY|os.O_CREATE, 0o755)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.Copy(to, from); err != nil {
		t.Fatal(err)
	}
	if err := to.Close(); err != nil {
		t.Fatal(err)
	}
	p.Path = bin
	p.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: 65534, Gid: 65534}}
}

func TestWithoutRights(t *testing.T) {
	_, sha, s := file(t, 1<<20)
	dir := archives(t)
	closed := filepath.Join(dir, "closed")
	if err := os.Mkdir(closed, 0o555); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(filepath.Join(dir, "empty.zip"), 0o000); err != nil {
		t.Fatal(err)
	}
	for _, row := range []struct {
		args []string
		code int
		err  string
	}{
		{[]string{"extract", filepath.Join(dir, "good.zip"), "--to", closed}, exitFailed, closed + " cannot be written to"},
		{[]string{"fetch", s.URL + "/file.bin", "--sha256", sha, "--dir", closed}, exitFailed, closed + " cannot be written to"},
		{[]string{"extract", filepath.Join(dir, "empty.zip")}, exitFailed, "empty.zip cannot be read"},
		{[]string{"verify", filepath.Join(dir, "empty.zip")}, exitFailed, "empty.zip cannot be read"},
	} {
		p := &started{Cmd: exec.CommandContext(t.Context(), os.Args[0], row.args...)}
		p.Env = append(os.Environ(), asProgram+"=1")
		p.Dir = os.TempDir()
		p.Stdout, p.Stderr = &p.out, &p.err
		asNobody(t, p.Cmd, dir)
		if err := os.Chmod(closed, 0o555); err != nil {
			t.Fatal(err)
		}
		if err := p.Start(); err != nil {
			t.Fatal(err)
		}
		r := p.result(t)
		if r.code != row.code || !strings.Contains(r.err, row.err) {
			t.Errorf("%q: exit %d, want %d: %s%s", row.args[:2], r.code, row.code, r.out, r.err)
		}
	}
	if got := names(t, closed); len(got) > 0 {
		t.Errorf("in the closed folder there is %q", got)
	}
}

// Why nothing comes is told while it is waited for, once, not only at the end.
func TestFetchSaysWhyItWaits(t *testing.T) {
	dead := httptest.NewServer(http.NotFoundHandler())
	dead.Close()
	r := start(t, "fetch", dead.URL+"/x", "--dir", t.TempDir(), "--give-up", "2s", "--json").result(t)
	waits := 0
	for line := range strings.Lines(r.out) {
		var e struct{ Event, Message string }
		if err := json.Unmarshal([]byte(line), &e); err != nil {
			t.Fatalf("%q: %v", line, err)
		}
		if e.Event == "waiting" && strings.HasPrefix(e.Message, "Nothing answers at 127.0.0.1") {
			waits++
		}
	}
	if r.code != exitFailed || waits != 1 {
		t.Errorf("exit %d, told %d times:\n%s%s", r.code, waits, r.out, r.err)
	}
}

func TestVerifyFromOutside(t *testing.T) {
	t.Setenv("HOME", t.TempDir()) // there is no ledger
	t.Setenv("XDG_DATA_HOME", "")
	dir := archives(t)
	if err := os.Mkdir(filepath.Join(dir, "folder"), 0o755); err != nil {
		t.Fatal(err)
	}
	good, err := os.ReadFile(filepath.Join(dir, "good.zip"))
	if err != nil {
		t.Fatal(err)
	}
	sha, wrong := sumOf(good), strings.Repeat("0", 64)
	put(t, dir, "listed.zip", archiveBytes(t, map[string]string{"a.csv": "1", "b.csv": "2", "checksums.sha256": sumOf([]byte("1")) + "  a.csv\n" + sumOf([]byte("2")) + "  b.csv\n"}))
	put(t, dir, "unlisted.zip", archiveBytes(t, map[string]string{"a.csv": "1", "b.csv": "3", "checksums.sha256": sumOf([]byte("1")) + "  a.csv\n" + sumOf([]byte("2")) + "  b.csv\n"}))
	put(t, dir, "gap.zip", archiveBytes(t, map[string]string{"a.csv": "1", "checksums.sha256": sumOf([]byte("1")) + "  a.csv\n" + sumOf([]byte("2")) + "  b.csv\n"}))
	manifestOf := func(sum string) []byte {
		b, err := json.Marshal(manifest.Manifest{Schema: 1, BackupID: "bkp_1", From: "2024-01-01", Till: "2024-12-31", ArchiveSHA256: sum})
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	put(t, dir, "right.json", manifestOf(sha))
	put(t, dir, "wrong.json", manifestOf(wrong))
	put(t, dir, "silent.json", manifestOf(""))
	expect(t, dir, []expectation{
		{"good", []string{"verify", "good.zip"}, exitDone, "SHA-256 " + sha + ", 2 entries", "", ""},
		{"good, of that SHA-256", []string{"verify", "good.zip", "--sha256", strings.ToUpper(sha)}, exitDone, "It is the file of --sha256.", "", ""},
		{"good, of that manifest", []string{"verify", "good.zip", "--manifest", "right.json"}, exitDone, "It is the archive of the manifest.", "", ""},
		{"of another SHA-256", []string{"verify", "good.zip", "--sha256", wrong}, exitDamaged, "SHA-256 " + sha, "not the file of --sha256", ""},
		{"of another manifest", []string{"verify", "good.zip", "--manifest", "wrong.json"}, exitDamaged, "SHA-256 " + sha, "not the archive of the manifest", ""},
		{"of a silent manifest", []string{"verify", "good.zip", "--manifest", "silent.json"}, exitUsage, "", "does not say the SHA-256", ""},
		{"of no manifest", []string{"verify", "good.zip", "--manifest", "good.zip"}, exitUsage, "", "not JSON", ""},
		{"of a missing manifest", []string{"verify", "good.zip", "--manifest", "none.json"}, exitNotFound, "", "none.json is not there", ""},
		{"as its list says", []string{"verify", "listed.zip"}, exitDone, "2 of them are what the archive's own list says", "", ""},
		{"not as its list says", []string{"verify", "unlisted.zip"}, exitDamaged, "damaged: b.csv (it is not what checksums.sha256 says)", "1 of 3 files cannot be trusted", ""},
		{"damaged", []string{"verify", "damaged.zip"}, exitDamaged, "damaged: staff.csv", "1 of 2 files cannot be trusted", ""},
		{"cut", []string{"verify", "cut.zip"}, exitDamaged, "SHA-256", "damaged", ""},
		{"encrypted", []string{"verify", "secret.zip"}, exitDamaged, "encrypted: staff.csv", "connect-backup: The archive is protected by a password. Open it with an extractor that asks for the password.\n", ""},
		{"without what it lists", []string{"verify", "gap.zip"}, exitDamaged, "damaged: b.csv (it is missing, yet checksums.sha256 names it)", "1 of 3 files cannot be trusted", ""},
		{"unsafe names", []string{"verify", "hostile.zip"}, exitDone, "2 entries", "", ""},
		{"no archive", []string{"verify", "page.zip"}, exitDamaged, "SHA-256", "not an archive", ""},
		{"empty", []string{"verify", "empty.zip"}, exitDamaged, "", "the file is empty", ""},
		{"nothing in it", []string{"verify", "void.zip"}, exitDone, "0 entries", "", ""},
		{"missing", []string{"verify", "none.zip"}, exitNotFound, "", "none.zip is not there.", ""},
		{"a folder", []string{"verify", "folder"}, exitUsage, "", "folder is not a file", ""},
		{"no hash", []string{"verify", "good.zip", "--sha256", "abc"}, exitUsage, "", "64 hexadecimal digits", ""},
		{"no file named", []string{"verify"}, exitUsage, "", "<file>", ""},
	})
}

func sumOf(b []byte) string {
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}
