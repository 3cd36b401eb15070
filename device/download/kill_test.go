package download_test

import (
	"context"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"connectbackup/device"
	"connectbackup/device/download"
)

// The environment that makes this test binary a child that downloads.
const (
	childURL = "DOWNLOAD_TEST_URL"
	childDir = "DOWNLOAD_TEST_DIR"
	childSum = "DOWNLOAD_TEST_SUM" // SHA-256 and size
)

// child downloads what the environment says, and says whether it did.
func child() bool {
	url := os.Getenv(childURL)
	if url == "" {
		return false
	}
	sum, size, _ := strings.Cut(os.Getenv(childSum), " ")
	n, err := strconv.ParseInt(size, 10, 64)
	if err != nil {
		os.Exit(3)
	}
	_, err = download.Fetch(context.Background(), download.Config{
		Source: httpSource{http.DefaultClient}, Folder: device.OpenFolder(os.Getenv(childDir)),
	}, download.Request{ID: url, Name: "acme.zip", Size: n, SHA256: sum}, nil)
	if err != nil {
		os.Exit(4)
	}
	return true
}

// steady serves a file at about 32 MB/s until so many bytes are out, and tells
// when they are.
type steady struct {
	file   file
	sent   atomic.Int64
	target atomic.Int64
	there  chan struct{}
}

func (s *steady) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("ETag", s.file.tag)
	http.ServeContent(&pacedWriter{w, s}, r, "", time.Time{}, strings.NewReader(string(s.file.data)))
}

type pacedWriter struct {
	http.ResponseWriter
	s *steady
}

func (p *pacedWriter) Write(b []byte) (int, error) {
	for at := 0; at < len(b); {
		n, err := p.ResponseWriter.Write(b[at:min(at+64<<10, len(b))])
		at += n
		if err != nil {
			return at, err
		}
		if p.s.sent.Add(int64(n)) >= p.s.target.Load() {
			select {
			case p.s.there <- struct{}{}:
			default:
			}
		}
		if p.s.target.Load() < int64(len(p.s.file.data)) {
			pass(2 * time.Millisecond)
		}
	}
	return len(b), nil
}

// B1, D28: killed without warning in the middle of a transfer, again and again,
// it goes on where it was: no wrong byte, and little is fetched twice.
func TestD28_Killed(t *testing.T) {
	f := randomFile(40 << 20)
	s := &steady{file: f, there: make(chan struct{}, 1)}
	server := httptest.NewServer(s)
	defer server.Close()
	dir := newFolder(t)
	self, err := os.Executable()
	must(t, err)
	run := func(killAt int64) {
		t.Helper()
		s.sent.Store(0)
		s.target.Store(killAt)
		select {
		case <-s.there:
		default:
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		cmd := exec.CommandContext(ctx, self)
		cmd.Env = append(os.Environ(), childURL+"="+server.URL, childDir+"="+dir.dir,
			childSum+"="+digest(f.data)+" "+strconv.Itoa(len(f.data)))
		must(t, cmd.Start())
		select {
		case <-s.there:
			must(t, cmd.Process.Kill()) // SIGKILL
			if err := cmd.Wait(); err == nil || strings.Contains(err.Error(), "exit status") {
				t.Fatalf("it was over before the kill: %v", err)
			}
		case <-ctx.Done():
			t.Fatal("the child got nowhere")
		}
	}
	var had int64
	for range 3 {
		before := had
		run(6<<20 + rand.Int64N(6<<20))
		killed := time.Now()
		info, err := os.Stat(dir.hidden(t, ".part"))
		must(t, err)
		saved, err := os.Stat(dir.hidden(t, ".journal"))
		must(t, err)
		b, err := dir.LoadJournal(keyOfPath(dir.hidden(t, ".journal")))
		must(t, err)
		had = download.FrontOf(b)
		if download.KnowsBoots() {
			had = info.Size()
		}
		t.Logf("killed with %d KiB in the part, of which %d are kept", info.Size()>>10, had>>10)
		if had < before {
			t.Errorf("%d bytes after %d", had, before)
		}
		if lost, age := info.Size()-had, killed.Sub(saved.ModTime()); lost > 8<<20+256<<10 && age > 2200*time.Millisecond {
			t.Errorf("%d bytes lost, and the journal was %v old", lost, age)
		}
	}
	s.target.Store(1 << 40)
	res, err := download.Fetch(t.Context(), download.Config{
		Source: httpSource{server.Client()}, Folder: dir,
	}, download.Request{ID: server.URL, Name: "acme.zip", Size: int64(len(f.data)), SHA256: digest(f.data)}, nil)
	if err != nil || res.Resumed != had || res.NewFetched != int64(len(f.data))-had {
		t.Errorf("resumed %d of %d, fetched %d: %v", res.Resumed, had, res.NewFetched, err)
	}
	dir.holds(t, map[string][]byte{"acme.zip": f.data})
	server.CloseClientConnections()
}
