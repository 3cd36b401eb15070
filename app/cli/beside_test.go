//go:build unix

package cli

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"

	"connectbackup/api"
	"connectbackup/app/core"
)

// behind puts a gate before the desk's server; what it answers itself does not
// come through.
func (d *desk) behind(gate func(http.ResponseWriter, *http.Request) (answered bool), change func(*http.Response) error) {
	d.Helper()
	to, err := url.Parse(d.address)
	if err != nil {
		d.Fatal(err)
	}
	proxy := httputil.NewSingleHostReverseProxy(to)
	proxy.FlushInterval, proxy.ModifyResponse = -1, change
	proxy.ErrorLog = log.New(io.Discard, "", 0) // a stopped download is no news
	proxy.ErrorHandler = func(w http.ResponseWriter, _ *http.Request, _ error) { w.WriteHeader(http.StatusBadGateway) }
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !gate(w, r) {
			proxy.ServeHTTP(w, r)
		}
	}))
	d.Cleanup(func() {
		s.CloseClientConnections()
		s.Close()
	})
	d.address = s.URL
}

// stuck is a body that gives so many bytes, and then nothing until its reader
// has gone.
type stuck struct {
	io.ReadCloser
	left int64
	gone <-chan struct{}
}

func (s *stuck) Read(b []byte) (int, error) {
	if s.left == 0 {
		<-s.gone
		return 0, io.ErrUnexpectedEOF
	}
	n, err := s.ReadCloser.Read(b[:min(int64(len(b)), s.left)])
	s.left -= int64(n)
	return n, err
}

// TestADownloadGoesOnAfterItsEnd: Ctrl-C and a kill leave what has come, and
// the same command brings the rest, verified.
func TestADownloadGoesOnAfterItsEnd(t *testing.T) {
	const before = 1 << 20
	d := newDesk(t)
	var hold atomic.Bool
	var asked atomic.Value
	archive := regexp.MustCompile(`/archive$`)
	d.behind(func(_ http.ResponseWriter, r *http.Request) bool {
		if archive.MatchString(r.URL.Path) {
			asked.Store(r.Header.Get("Range"))
		}
		return false
	}, func(r *http.Response) error {
		if hold.Load() && archive.MatchString(r.Request.URL.Path) {
			r.Body = &stuck{r.Body, before, r.Request.Context().Done()}
		}
		return nil
	})
	d.login()
	id, _, _ := strings.Cut(d.want(exitDone, "Completed", "create", "--wait").out, "\n")
	for _, row := range []struct {
		signal os.Signal
		code   int
		err    string
	}{
		{os.Interrupt, exitFailed, "Stopped. What has come is kept"},
		{syscall.SIGTERM, exitFailed, "Stopped. What has come is kept"},
		{syscall.SIGKILL, -1, ""},
	} {
		dir := t.TempDir()
		hold.Store(true)
		p := start(t, "download", id, "--dir", dir)
		waitForJournal(t, dir, before)
		if err := p.Process.Signal(row.signal); err != nil {
			t.Fatal(err)
		}
		if r := p.result(t); r.code != row.code || !strings.Contains(r.err, row.err) {
			t.Errorf("%v: exit %d: %s%s", row.signal, r.code, r.out, r.err)
		}
		for _, name := range names(t, dir) {
			if strings.HasSuffix(name, ".zip") {
				t.Errorf("%v: %s has its final name", row.signal, name)
			}
		}
		hold.Store(false)
		d.want(exitDone, "verified", "download", id, "--dir", dir)
		if first, ok := asked.Load().(string); !ok || first == "" || first == "bytes=0-" {
			t.Errorf("%v: it asked for %q again", row.signal, first)
		}
		if got := names(t, dir); len(got) != 1 || !strings.HasSuffix(got[0], ".zip") {
			t.Errorf("%v: there is %q", row.signal, got)
		}
	}
}

// asWindow makes this test binary the app as it is while its window is open:
// for each line that it reads it looks at the list, and says whether its session
// goes on and how that went.
const asWindow = "CONNECT_BACKUP_TEST_AS_WINDOW"

func theWindow() int {
	app, err := openApp(core.Options{})
	if err != nil {
		fmt.Println(err)
		return exitFailed
	}
	fmt.Println("open")
	for in := bufio.NewScanner(os.Stdin); in.Scan(); {
		page, err := app.Backups().List(context.Background(), api.ListQuery{Limit: 5})
		if err == nil {
			err = page.Err
		}
		_, ended := app.Sessions().Ended()
		fmt.Println(ended == nil, err)
	}
	if err := app.Close(); err != nil {
		fmt.Println(err)
		return exitFailed
	}
	return exitDone
}

// TestCommandsBesideTheWindow: the window and commands share a session whose
// tokens are renewed all the time, by whoever is first. Nobody loses it, and
// what one does to it the other sees.
func TestCommandsBesideTheWindow(t *testing.T) {
	const uses = 20 // of one access token
	d := newDesk(t)
	var mu sync.Mutex
	used, renewed := map[string]int{}, 0
	d.behind(func(w http.ResponseWriter, r *http.Request) bool {
		mu.Lock()
		defer mu.Unlock()
		token := r.Header.Get("Authorization")
		used[token]++
		if r.URL.Path == "/v1/session/refresh" {
			renewed++
		} else if token != "" && used[token] > uses {
			w.WriteHeader(http.StatusUnauthorized)
			return true
		}
		return false
	}, nil)
	d.login()
	window := program(t, nil...)
	window.Env = append(window.Env, asWindow+"=1")
	keys, err := window.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	says, err := window.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := window.Start(); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(says)
	hear := func(want string) {
		t.Helper()
		if !lines.Scan() || lines.Text() != want {
			t.Fatalf("the window says %q, want %q", lines.Text(), want)
		}
	}
	look := func() {
		t.Helper()
		if _, err := io.WriteString(keys, "\n"); err != nil {
			t.Fatal(err)
		}
	}
	hear("open")
	for i := range 12 {
		commands := []*started{start(t, "list", "--json"), start(t, "devices", "--json")}
		if i%4 == 0 {
			commands = append(commands, start(t, "create", "--title", fmt.Sprint("Beside ", i), "--modules", "departments", "--download"))
		}
		look()
		for _, p := range commands {
			if r := p.result(t); r.code != exitDone {
				t.Errorf("%q: exit %d: %s%s", p.Args[1:], r.code, r.out, r.err)
			}
		}
		hear("true <nil>")
	}
	mu.Lock()
	if renewed < 3 {
		t.Errorf("the tokens were renewed %d times; the test wants more", renewed)
	}
	mu.Unlock()
	d.want(exitFailed, "Sign out first", "login", d.address, "--email", d.email)
	d.want(exitDone, "Signed out", "logout")
	look()
	hear("false not signed in")
	if err := keys.Close(); err != nil {
		t.Fatal(err)
	}
	if lines.Scan() {
		t.Errorf("at its end the window says %q", lines.Text())
	}
	if err := window.Wait(); err != nil {
		t.Error(err)
	}
}

// TestTheDemoAndRealRecordsStayApart: an organisation beside the demo would be
// treated as one, so both share a folder only where somebody names it.
func TestTheDemoAndRealRecordsStayApart(t *testing.T) {
	d := newDesk(t)
	csv := filepath.Join(d.home, "d.csv")
	put(t, d.home, "d.csv", []byte("department_id;name;manager_id;manager_name;member_count;created_at\r\n2;c;2;b;3;2025-12-31 09:00:00\r\n"))
	serve := func(args ...string) []string {
		return append([]string{"serve", "--listen", "127.0.0.1:0"}, args...)
	}
	load := func(args ...string) []string {
		return serve(append(args, "--import", "departments="+csv, "--organisation", "Müller KG", "--email", "ann@example.com",
			"--timezone", "Europe/Berlin", "--locale", "de-DE", "--yes")...)
	}
	const way = "Name another folder with --data DIR."
	d.want(exitUsage, way, load("--demo")...)
	d.want(exitDone, "Signed in to", "login", "--demo")
	d.want(exitDone, "Signed out", "logout")
	d.want(exitUsage, way, load()...)
	d.want(exitUsage, way, serve("--import", "departments="+csv, "--yes")...) // not into the demo by accident
	both := filepath.Join(d.home, "both")
	signIn(t, append(load("--data", both), "--json"))
	listens(t, serve("--demo", "--data", both)...)

	t.Setenv("HOME", t.TempDir())
	signIn(t, append(load(), "--json"))
	d.want(exitUsage, "holds Müller KG", serve("--demo")...)
	d.want(exitUsage, "serve --data DIR --demo", "login", "--demo")
}

// listens runs the program until it serves.
func listens(t *testing.T, args ...string) {
	t.Helper()
	p := program(t, args...)
	out, err := p.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := p.Start(); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(out)
	if !lines.Scan() || !strings.HasPrefix(lines.Text(), "Connect server at") {
		t.Errorf("%q says %q", args, lines.Text())
	}
	if err := p.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	if err := p.Wait(); err != nil {
		t.Errorf("%q: %v", args, err)
	}
}

// TestTheDemoBesideAnother: the demo's server runs in one process at a time,
// and whoever comes second is told so.
func TestTheDemoBesideAnother(t *testing.T) {
	d := newDesk(t)
	d.want(exitDone, "Signed in to", "login", "--demo")
	d.want(exitUsage, "needs no token", "token", "create", "x")
	d.want(exitDone, "verified", "create", "--modules", "departments", "--download")
	there := core.EmbeddedOptions{Dir: filepath.Join(d.home, ".local", "share", "connect-backup", "server")}
	e, err := core.OpenEmbedded(t.Context(), there)
	if err != nil {
		t.Fatal(err)
	}
	const busy = "Another Connect Backup is already running with the demo data."
	for _, command := range []string{"list", "devices", "logout"} {
		d.want(exitFailed, busy, command)
	}
	if err := e.Close(); err != nil {
		t.Fatal(err)
	}
	d.want(exitDone, "completed", "list")
	d.want(exitDone, "Signed out", "logout")
	if e, err = core.OpenEmbedded(t.Context(), there); err != nil {
		t.Fatal(err)
	}
	d.want(exitFailed, busy, "login", "--demo")
	if err := e.Close(); err != nil {
		t.Fatal(err)
	}
}
