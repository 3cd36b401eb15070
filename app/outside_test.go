//go:build built

package app_test

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"sync"
	"testing"
	"time"
)

// TestOutsideJourney makes a backup with the program without a window and hands
// the result to the programs that people have (S22, S23, S24).
func TestOutsideJourney(t *testing.T) {
	dir := t.TempDir()
	var done struct {
		File, SHA256, Folder string
		Size                 int64
		Entries, Rows        int
	}
	events(t, exec.Command(headless(t), "journey", "--json", "--dir", dir), func(event string, line []byte) bool {
		if event == "done" {
			into(t, line, &done)
		}
		return true
	})
	if done.Rows < 60_000 {
		t.Errorf("the demo gave %d rows, want at least 60,000", done.Rows)
	}
	t.Logf("%s: %d bytes, %d entries, %d rows, SHA-256 %s", filepath.Base(done.File), done.Size, done.Entries, done.Rows, done.SHA256)
	if sum := sumOf(t, done.File); sum != done.SHA256 {
		t.Errorf("the file's SHA-256 is %s, the program said %s", sum, done.SHA256)
	}
	tool(t, done.Folder, "sha256sum", "--check", "--quiet", "checksums.sha256")
	tool(t, dir, "unzip", "-tq", done.File)
	tool(t, dir, "7z", "t", done.File)
}

// TestOutsideCurl signs in to the stand-alone server with curl, lists, and
// downloads an archive in two parts (B17).
func TestOutsideCurl(t *testing.T) {
	dir := t.TempDir()
	s, stop := served(t, filepath.Join(dir, "data"))
	defer stop()
	var list struct {
		Items []struct {
			ID      string
			Status  string
			Archive *struct {
				Size   int
				SHA256 string
			}
		}
	}
	into(t, s.curl(t, dir, s.Address+"/v1/backups?status=completed"), &list)
	if len(list.Items) == 0 || list.Items[0].Archive == nil {
		t.Fatalf("the demo has no completed backup with a file: %+v", list)
	}
	backup := list.Items[0]
	archive := s.Address + "/v1/backups/" + backup.ID + "/archive"
	s.curl(t, dir, "-r", "0-"+strconv.Itoa(backup.Archive.Size/2), "-o", "archive.zip", archive)
	s.curl(t, dir, "-C", "-", "-o", "archive.zip", archive)
	if sum := sumOf(t, filepath.Join(dir, "archive.zip")); sum != backup.Archive.SHA256 {
		t.Errorf("what curl put together has SHA-256 %s, the server said %s", sum, backup.Archive.SHA256)
	}
}

// server is a stand-alone server that curl has signed in to.
type server struct{ Address, Email, Password, token string }

// served starts the server on its demo organisation, and signs in with curl.
func served(t *testing.T, data string) (s server, stop func()) {
	t.Helper()
	serve := exec.Command(headless(t), "serve", "--demo", "--json", "--data", data, "--listen", "127.0.0.1:0")
	stop = background(t, serve, func(event string, line []byte) bool {
		into(t, line, &s)
		return event != "listening"
	})
	sign, err := json.Marshal(map[string]any{
		"email": s.Email, "password": s.Password,
		"device": map[string]string{"id": "dev_outside", "name": "curl", "platform": "linux", "app_version": "0"},
	})
	if err != nil {
		t.Fatal(err)
	}
	var session struct {
		Token string `json:"access_token"`
	}
	into(t, s.curl(t, "", "-H", "Content-Type: application/json", "-d", string(sign), s.Address+"/v1/session"), &session)
	s.token = session.Token
	return s, stop
}

func (s server) curl(t *testing.T, dir string, args ...string) (body []byte) {
	t.Helper()
	always := []string{"-fsS", "--noproxy", "*"}
	if s.token != "" {
		always = append(always, "-H", "Authorization: Bearer "+s.token)
	}
	return tool(t, dir, "curl", append(always, args...)...)
}

// TestOutsideKill ends a download with kill -9 in its middle and starts it
// again: it must go on where it was (B1).
func TestOutsideKill(t *testing.T) {
	const size = 64 << 20
	content := make([]byte, size)
	if _, err := rand.NewChaCha8([32]byte{7}).Read(content); err != nil {
		t.Fatal(err)
	}
	sum := sha256.Sum256(content)
	want := hex.EncodeToString(sum[:])

	half := make(chan struct{}) // closed when the first try has half of it
	let := make(chan struct{})  // closed when the rest may flow
	var once sync.Once
	var mu sync.Mutex
	var ranges []string
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodGet {
			mu.Lock()
			ranges = append(ranges, r.Header.Get("Range"))
			mu.Unlock()
		}
		w.Header().Set("ETag", `"`+want+`"`)
		held := &heldReader{Reader: bytes.NewReader(content), at: size / 2, reached: func() { once.Do(func() { close(half) }) }, let: let}
		http.ServeContent(w, r, "large.bin", time.Time{}, held)
	}))
	defer server.Close()

	dir := t.TempDir()
	fetch := func() *exec.Cmd {
		return exec.Command(headless(t), "fetch", server.URL+"/large.bin", "--dir", dir, "--sha256", want)
	}
	first := fetch()
	if err := first.Start(); err != nil {
		t.Fatal(err)
	}
	<-half
	waitUntilKept(t, dir, size/8)
	if err := first.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	var killed *exec.ExitError
	if err := first.Wait(); !errors.As(err, &killed) {
		t.Fatalf("the killed program ended with %v", err)
	}
	close(let)
	mu.Lock()
	before := len(ranges)
	mu.Unlock()

	if out, err := fetch().CombinedOutput(); err != nil {
		t.Fatalf("the second try: %v\n%s", err, out)
	}
	if got := sumOf(t, filepath.Join(dir, "large.bin")); got != want {
		t.Errorf("the file has SHA-256 %s, want %s", got, want)
	}
	mu.Lock()
	defer mu.Unlock()
	if len(ranges) == before {
		t.Fatal("the second try asked the server for nothing")
	}
	for _, r := range ranges[before:] {
		var from int64
		if _, err := fmt.Sscanf(r, "bytes=%d-", &from); err != nil || from < size/8 {
			t.Errorf("the second try asked for %q; want it to go on behind the first %d bytes", r, size/8)
		}
	}
}

// heldReader gives its first half and holds the rest back.
type heldReader struct {
	*bytes.Reader
	at      int64
	reached func()
	let     chan struct{}
}

func (r *heldReader) Read(p []byte) (int, error) {
	if at := r.Size() - int64(r.Len()); at >= r.at {
		r.reached()
		<-r.let
	}
	return r.Reader.Read(p)
}

// hashedBytes is how far the journal says that a download is safe on the disk.
var hashedBytes = regexp.MustCompile(`"hashed":(\d+)`)

// waitUntilKept waits until the journal of a download in dir claims so many
// bytes. The size of the part would not do: a kill may come before the journal
// that claims it.
func waitUntilKept(t *testing.T, dir string, bytes int64) {
	t.Helper()
	look := time.NewTicker(20 * time.Millisecond)
	defer look.Stop()
	for end := time.Now().Add(patience); time.Now().Before(end); <-look.C {
		var kept int64
		err := filepath.WalkDir(dir, func(path string, entry os.DirEntry, err error) error {
			if err != nil || entry.IsDir() {
				return err
			}
			info, err := entry.Info()
			if err != nil || info.Size() > 64<<10 {
				return err // the part
			}
			journal, err := os.ReadFile(path)
			if found := hashedBytes.FindSubmatch(journal); found != nil {
				kept, err = strconv.ParseInt(string(found[1]), 10, 64)
			}
			return err
		})
		if err == nil && kept >= bytes {
			return
		}
	}
	t.Fatalf("the journal did not come to %d bytes", bytes)
}

// headless is the program without a window, built before, or now where nobody has.
func headless(t *testing.T) string {
	t.Helper()
	if path := os.Getenv("CONNECT_BACKUP_HEADLESS"); path != "" {
		return path
	}
	path := filepath.Join(t.TempDir(), "connect-backup")
	build := exec.Command("go", "build", "-tags", "headless", "-o", path, "connectbackup")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("build the program: %v\n%s", err, out)
	}
	return path
}

// events runs a program to its end and hands over each line of JSON it prints.
func events(t *testing.T, cmd *exec.Cmd, each func(event string, line []byte) (more bool)) {
	t.Helper()
	wait := background(t, cmd, each)
	wait()
}

// background starts a program and reads the lines of JSON it prints for as long
// as each wants more. stop ends the program, if it has not ended by itself.
func background(t *testing.T, cmd *exec.Cmd, each func(event string, line []byte) (more bool)) (stop func()) {
	t.Helper()
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	var wrong bytes.Buffer
	cmd.Stderr = &wrong
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(out)
	ended := true
	for lines.Scan() {
		var head struct{ Event string }
		into(t, lines.Bytes(), &head)
		if !each(head.Event, lines.Bytes()) {
			ended = false
			break
		}
	}
	return func() {
		t.Helper()
		if !ended {
			if err := cmd.Process.Signal(os.Interrupt); err != nil {
				t.Error(err)
			}
			if _, err := io.Copy(io.Discard, out); err != nil {
				t.Error(err)
			}
		}
		if err := cmd.Wait(); err != nil {
			t.Errorf("%v: %v\n%s", cmd.Args, err, wrong.String())
		}
	}
}

func tool(t *testing.T, dir, name string, args ...string) (out []byte) {
	t.Helper()
	cmd := exec.Command(name, args...)
	cmd.Dir = dir
	var wrong bytes.Buffer
	cmd.Stderr = &wrong
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%s: %v\n%s%s", name, err, out, wrong.String())
	}
	return out
}

func into(t *testing.T, line []byte, value any) {
	t.Helper()
	if err := json.Unmarshal(line, value); err != nil {
		t.Fatalf("%v in %s", err, line)
	}
}

func sumOf(t *testing.T, path string) string {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	h := sha256.New()
	if _, err := io.Copy(h, f); err != nil {
		t.Fatal(err)
	}
	return hex.EncodeToString(h.Sum(nil))
}
