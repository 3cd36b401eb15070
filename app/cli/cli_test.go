package cli

import (
	"archive/zip"
	"bufio"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"connectbackup/app/core"
)

// asProgram makes this test binary run as the program itself, so that a test
// can kill it.
const asProgram = "CONNECT_BACKUP_TEST_AS_PROGRAM"

func TestMain(m *testing.M) {
	if os.Getenv(asWindow) != "" {
		os.Exit(theWindow())
	}
	if os.Getenv(asProgram) != "" {
		os.Exit(Main(os.Args[1:], Standard(), nil))
	}
	code := m.Run()
	if demoFiles.dir != "" {
		_ = os.RemoveAll(demoFiles.dir) // what stays is emptied with the folder for temporary files
	}
	os.Exit(code)
}

// demoFiles is the data of a server with the demo in it, made once: it is most
// of the work of a test. TestMain removes it.
var demoFiles struct {
	sync.Once
	dir string
	err error
}

func makeDemo() (dir string, err error) {
	if dir, err = os.MkdirTemp("", "connect-backup-demo-*"); err != nil {
		return "", err
	}
	e, err := core.OpenEmbedded(context.Background(), core.EmbeddedOptions{Dir: dir})
	if err != nil {
		return dir, err
	}
	_, err = e.SeedDemo(context.Background())
	return dir, errors.Join(err, e.Close())
}

// demoData is a folder of the test's own with the demo in it.
func demoData(t *testing.T) string {
	t.Helper()
	made := &demoFiles
	made.Do(func() { made.dir, made.err = makeDemo() })
	if made.err != nil {
		t.Fatal(made.err)
	}
	dir := t.TempDir()
	if err := os.CopyFS(dir, os.DirFS(made.dir)); err != nil {
		t.Fatal(err)
	}
	return dir
}

// result is what a command left.
type result struct {
	code     int
	out, err string
}

// command runs one command line in this process.
func command(t *testing.T, args ...string) result {
	t.Helper()
	var out, errs bytes.Buffer
	code := runIn(t.Context(), args, Streams{Out: &out, Err: &errs}, nil)
	return result{code, out.String(), errs.String()}
}

// file makes random bytes and serves them with ranges and a strong ETag.
func file(t *testing.T, size int) (content []byte, sha string, s *httptest.Server) {
	t.Helper()
	content = make([]byte, size)
	random := rand.NewChaCha8([32]byte{1})
	if _, err := random.Read(content); err != nil {
		t.Fatal(err)
	}
	sum := sha256.Sum256(content)
	sha = hex.EncodeToString(sum[:])
	s = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/file.bin":
			w.Header().Set("ETag", `"`+sha+`"`)
			http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(content))
		case "/gone":
			w.WriteHeader(http.StatusGone)
		case "/secret":
			w.WriteHeader(http.StatusUnauthorized)
		default:
			http.NotFound(w, r)
		}
	}))
	t.Cleanup(s.Close)
	return content, sha, s
}

func TestHelpNamesTheCommands(t *testing.T) {
	for _, args := range [][]string{{"--help"}, {}} {
		r := command(t, args...)
		if r.code != exitDone {
			t.Errorf("%v: exit %d: %s", args, r.code, r.err)
		}
		for _, name := range []string{"serve", "journey", "fetch", "extract", "verify", "remind"} {
			if !strings.Contains(r.out, name) {
				t.Errorf("%v does not name %s:\n%s", args, name, r.out)
			}
		}
	}
}

func TestTheWindowOpensWithoutACommand(t *testing.T) {
	for _, c := range []struct {
		args   []string
		backup string
	}{{nil, ""}, {[]string{"--backup", "bkp_1"}, "bkp_1"}} {
		opened, with := false, ""
		code := runIn(t.Context(), c.args, Streams{Out: io.Discard, Err: io.Discard}, func(backup string) error {
			opened, with = true, backup
			return nil
		})
		if !opened || with != c.backup || code != exitDone {
			t.Errorf("%q: opened %v with %q, exit %d", c.args, opened, with, code)
		}
	}
}

func TestFetchAndItsExitCodes(t *testing.T) {
	content, sha, s := file(t, 3<<20)
	dir := t.TempDir()
	r := command(t, "fetch", s.URL+"/file.bin", "--dir", dir, "--sha256", strings.ToUpper(sha))
	if r.code != exitDone || !strings.Contains(r.out, sha) {
		t.Fatalf("exit %d: %s%s", r.code, r.out, r.err)
	}
	got, err := os.ReadFile(filepath.Join(dir, "file.bin"))
	if err != nil || !bytes.Equal(got, content) {
		t.Fatalf("%d bytes, %v", len(got), err)
	}
	wrong := strings.Repeat("0", 64)
	for _, row := range []struct {
		name string
		code int
		args []string
	}{
		{"there already", exitDamaged, []string{s.URL + "/file.bin"}},
		{"there already, skipped", exitDone, []string{s.URL + "/file.bin", "--on-clash", "skip"}},
		{"there already, kept both", exitDone, []string{s.URL + "/file.bin", "--on-clash", "keep-both", "--sha256", sha}},
		{"another file than promised", exitDamaged, []string{s.URL + "/file.bin", "--name", "x", "--sha256", wrong}},
		{"not found", exitNotFound, []string{s.URL + "/none"}},
		{"gone", exitNotFound, []string{s.URL + "/gone"}},
		{"not signed in", exitSignedOut, []string{s.URL + "/secret"}},
		{"no address", exitUsage, []string{"file.bin"}},
		{"no hash", exitUsage, []string{s.URL + "/file.bin", "--sha256", "abc"}},
		{"unknown flag", exitUsage, []string{s.URL, "--fast"}},
	} {
		t.Run(row.name, func(t *testing.T) {
			r := command(t, append([]string{"fetch", "--dir", dir}, row.args...)...)
			if r.code != row.code {
				t.Errorf("exit %d, want %d: %s%s", r.code, row.code, r.out, r.err)
			}
			if row.code != exitDone && r.err == "" {
				t.Error("failed without a word")
			}
		})
	}
	names := names(t, dir)
	if strings.Join(names, " ") != "file (2).bin file.bin" {
		t.Errorf("the folder holds %q", names)
	}
}

func names(t *testing.T, dir string) []string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, e := range entries {
		names = append(names, e.Name())
	}
	return names
}

func TestHeadersReachTheServerAndNoOther(t *testing.T) {
	var other, first atomic.Value
	second := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		other.Store(r.Header.Get("X-Key"))
		_, _ = w.Write([]byte("content"))
	}))
	defer second.Close()
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		first.Store(r.Header.Get("X-Key"))
		http.Redirect(w, r, second.URL+"/f", http.StatusFound)
	}))
	defer s.Close()
	r := command(t, "fetch", s.URL+"/f", "--dir", t.TempDir(), "--header", "X-Key: a, b")
	if r.code != exitDone {
		t.Fatalf("exit %d: %s", r.code, r.err)
	}
	if first.Load() != "a, b" || other.Load() != "" {
		t.Errorf("the first server got %q, the second %q", first.Load(), other.Load())
	}
}

// TestFetchGoesOnAfterAKill kills the program, as a crash would, in the middle
// of a download: the next run fetches only the rest, and the bytes are right.
func TestFetchGoesOnAfterAKill(t *testing.T) {
	const size, before = 48 << 20, 24 << 20
	content, sha, plain := file(t, size)
	var served atomic.Int64
	reached, release := make(chan struct{}), make(chan struct{})
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("ETag", `"`+sha+`"`)
		body := &held{Reader: bytes.NewReader(content), at: before, reached: reached, release: release, served: &served}
		select {
		case <-release: // the second run
			body.at = size + 1
		default:
		}
		http.ServeContent(w, r, "", time.Time{}, body)
	}))
	defer s.Close()
	defer plain.Close()
	dir := t.TempDir()
	args := []string{"fetch", s.URL + "/file.bin", "--dir", dir, "--sha256", sha, "--json"}
	child := exec.CommandContext(t.Context(), os.Args[0], args...)
	child.Env = append(os.Environ(), asProgram+"=1")
	var said bytes.Buffer
	child.Stdout, child.Stderr = &said, &said
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	select {
	case <-reached:
	case <-time.After(time.Minute):
		t.Fatalf("the program did not get that far: %s", errors.Join(child.Process.Kill(), child.Wait(), errors.New(said.String())))
	}
	part := waitForJournal(t, dir, 16<<20)
	if err := child.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	if err := child.Wait(); err == nil {
		t.Fatal("the program ended before it was killed")
	}
	close(release)
	if _, err := os.Stat(filepath.Join(dir, "file.bin")); err == nil {
		t.Fatal("the final name exists although the download was cut")
	}
	r := command(t, args...)
	if r.code != exitDone {
		t.Fatalf("exit %d: %s%s", r.code, r.out, r.err)
	}
	got, err := os.ReadFile(filepath.Join(dir, "file.bin"))
	if err != nil || !bytes.Equal(got, content) {
		t.Fatalf("wrong bytes after the kill: %v", err)
	}
	done := lastJSON(t, r.out)
	fetched := int64(done["fetched"].(float64))
	if again := fetched - (size - part); again > 8<<20 {
		t.Errorf("%d bytes were fetched again, 8 MiB may be", again)
	}
	if left := names(t, dir); len(left) != 1 {
		t.Errorf("left over: %q", left)
	}
}

// held is a file whose reader waits at an offset.
type held struct {
	*bytes.Reader
	at               int64
	reached, release chan struct{}
	served           *atomic.Int64
}

func (h *held) Read(b []byte) (int, error) {
	n, err := h.Reader.Read(b)
	if h.served.Add(int64(n)) >= h.at && h.reached != nil {
		if h.at <= h.Size() {
			close(h.reached)
			<-h.release
		}
		h.reached = nil
	}
	return n, err
}

// WriteTo is hidden, so that every byte passes Read.
func (h *held) WriteTo(w io.Writer) (int64, error) { return io.Copy(w, struct{ io.Reader }{h}) }

// hashedBytes is how far a journal says that a download is safe on the disk.
var hashedBytes = regexp.MustCompile(`"hashed":(\d+)`)

// waitForJournal waits until the program has written down that it has so much,
// and tells how many it claims. The size of the part would not do: a kill may
// come before the journal that claims it.
func waitForJournal(t *testing.T, dir string, least int64) (kept int64) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for {
		for _, name := range names(t, dir) {
			if !strings.HasSuffix(name, ".journal") { // one that is still being written claims nothing yet
				continue
			}
			b, err := os.ReadFile(filepath.Join(dir, name))
			if err != nil && !errors.Is(err, fs.ErrNotExist) {
				t.Fatal(err)
			}
			if found := hashedBytes.FindSubmatch(b); found != nil {
				if kept, err = strconv.ParseInt(string(found[1]), 10, 64); err != nil {
					t.Fatal(err)
				}
			}
		}
		if kept >= least {
			return kept
		}
		select {
		case <-ctx.Done():
			t.Fatalf("no journal: %q", names(t, dir))
		case <-tick.C:
		}
	}
}

func lastJSON(t *testing.T, out string) map[string]any {
	t.Helper()
	var last map[string]any
	lines := bufio.NewScanner(strings.NewReader(out))
	for lines.Scan() {
		last = nil
		if err := json.Unmarshal(lines.Bytes(), &last); err != nil {
			t.Fatalf("%q is not JSON: %v", lines.Text(), err)
		}
	}
	if last == nil {
		t.Fatal("nothing was printed")
	}
	return last
}

// archiveWith writes a zip with these entries.
func archiveWith(t *testing.T, entries map[string]string) string {
	t.Helper()
	name := filepath.Join(t.TempDir(), "backup.zip")
	f, err := os.Create(name)
	if err != nil {
		t.Fatal(err)
	}
	w := zip.NewWriter(f)
	for entry, content := range entries {
		e, err := w.Create(entry)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.WriteString(e, content); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	return name
}

func TestExtractAndVerifyAndTheirExitCodes(t *testing.T) {
	name := archiveWith(t, map[string]string{"staff.csv": strings.Repeat("id,name\r\n", 1000), "README.txt": "read me"})
	to := t.TempDir()
	if r := command(t, "extract", name, "--to", to); r.code != exitDone || !strings.Contains(r.out, "Extracted 2 files") {
		t.Fatalf("exit %d: %s%s", r.code, r.out, r.err)
	}
	if b, err := os.ReadFile(filepath.Join(to, "backup", "README.txt")); err != nil || string(b) != "read me" {
		t.Errorf("extracted %q, %v", b, err)
	}
	if r := command(t, "extract", name, "--to", to); r.code != exitDamaged {
		t.Errorf("over an existing folder: exit %d", r.code)
	}
	if r := command(t, "extract", name, "--to", to, "--on-clash", "keep-both"); r.code != exitDone {
		t.Errorf("keep-both: exit %d: %s", r.code, r.err)
	}
	r := command(t, "verify", name, "--json")
	if r.code != exitDone {
		t.Fatalf("verify: exit %d: %s%s", r.code, r.out, r.err)
	}
	sha := lastJSON(t, r.out)["sha256"].(string)
	if r := command(t, "verify", name, "--sha256", sha); r.code != exitDone {
		t.Errorf("verify with the right SHA-256: exit %d", r.code)
	}
	if r := command(t, "verify", name, "--sha256", strings.Repeat("0", 64)); r.code != exitDamaged {
		t.Errorf("verify with a wrong SHA-256: exit %d", r.code)
	}
	b, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	at := bytes.Index(b, []byte("staff.csv")) + len("staff.csv") + 10
	b[at] ^= 0xff
	if err := os.WriteFile(name, b, 0o600); err != nil {
		t.Fatal(err)
	}
	if r := command(t, "verify", name); r.code != exitDamaged || !strings.Contains(r.out+r.err, "staff.csv") {
		t.Errorf("verify of a damaged archive: exit %d: %s%s", r.code, r.out, r.err)
	}
	empty := t.TempDir()
	if r := command(t, "extract", name, "--to", empty); r.code != exitDamaged || len(names(t, empty)) != 0 {
		t.Errorf("extract of a damaged archive: exit %d, left %q", r.code, names(t, empty))
	}
	if r := command(t, "verify", filepath.Join(empty, "none.zip")); r.code != exitNotFound {
		t.Errorf("verify of nothing: exit %d", r.code)
	}
	if r := command(t, "extract", archiveWith(t, map[string]string{"../out.csv": "x"}), "--to", empty); r.code != exitDamaged {
		t.Errorf("an entry that leads out: exit %d", r.code)
	}
}

func TestExtractNeverReplacesTheFolderOfTheArchive(t *testing.T) {
	dir := t.TempDir()
	name := filepath.Join(dir, "backup", "backup.zip")
	if err := os.Mkdir(filepath.Dir(name), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(archiveWith(t, map[string]string{"staff.csv": "id"}), name); err != nil {
		t.Fatal(err)
	}
	r := command(t, "extract", name, "--to", dir, "--on-clash", "replace")
	if r.code != exitFailed || !strings.Contains(r.err, "the archive itself lies in it") {
		t.Errorf("exit %d: %s%s", r.code, r.out, r.err)
	}
	if got := names(t, filepath.Dir(name)); !slices.Equal(got, []string{"backup.zip"}) {
		t.Errorf("the folder holds %q", got)
	}
}

func TestTheJourneyLeavesAVerifiedExtractedBackup(t *testing.T) {
	dir := t.TempDir()
	t.Setenv("HOME", filepath.Join(dir, "no home")) // it must not be needed
	target := filepath.Join(dir, "result")
	r := command(t, "journey", "--json", "--dir", target)
	if r.code != exitDone {
		t.Fatalf("exit %d: %s%s", r.code, r.out, r.err)
	}
	done := lastJSON(t, r.out)
	if done["event"] != "done" || done["rows"].(float64) < 60_000 {
		t.Errorf("the report ends with %v", done)
	}
	content, err := os.ReadFile(done["file"].(string))
	if err != nil {
		t.Fatal(err)
	}
	if sum := sha256.Sum256(content); hex.EncodeToString(sum[:]) != done["sha256"] {
		t.Errorf("the file is not the one of the report")
	}
	check := exec.CommandContext(t.Context(), "sha256sum", "-c", "checksums.sha256")
	check.Dir = done["folder"].(string)
	if out, err := check.CombinedOutput(); err != nil {
		t.Errorf("sha256sum: %v\n%s", err, out)
	}
	if got := names(t, target); len(got) != 2 {
		t.Errorf("the folder holds %q, want the zip and the folder", got)
	}
	if _, err := os.Stat(filepath.Join(dir, "no home")); err == nil {
		t.Error("the journey wrote into the home folder")
	}
}

func TestServeAnswersOnItsPortAndStops(t *testing.T) {
	ctx, stop := context.WithCancel(t.Context())
	read, write := io.Pipe()
	ended := make(chan int, 1)
	go func() {
		ended <- runIn(ctx, []string{"serve", "--demo", "--json", "--listen", "127.0.0.1:0", "--data", demoData(t)},
			Streams{Out: write, Err: io.Discard}, nil)
	}()
	var hello struct{ Address, Email, Password string }
	if err := json.NewDecoder(read).Decode(&hello); err != nil {
		t.Fatal(err)
	}
	body, err := json.Marshal(map[string]any{
		"email": hello.Email, "password": hello.Password,
		"device": map[string]string{"id": "d1", "name": "Test", "platform": "linux", "app_version": "0"},
	})
	if err != nil {
		t.Fatal(err)
	}
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, hello.Address+"/v1/session", bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Content-Type", "application/json")
	reply, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	if err := reply.Body.Close(); err != nil || reply.StatusCode != http.StatusCreated {
		t.Errorf("signing in: %s %v", reply.Status, err)
	}
	stop()
	if code := <-ended; code != exitDone {
		t.Errorf("exit %d", code)
	}
}
