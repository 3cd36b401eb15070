package core

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"connectbackup/api"
	"connectbackup/api/calendar"
	"connectbackup/device"
	"connectbackup/device/download"

	"go.uber.org/goleak"
)

// seeded is the data folder of an embedded server with the demo organisation
// in it, made once: every test gets a copy.
var seeded struct {
	dir             string
	email, password string
}

func TestMain(m *testing.M) {
	if fetchedAsTold() {
		return
	}
	code, err := withSeeded(m)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		code = 1
	}
	os.Exit(code)
}

func withSeeded(m *testing.M) (code int, err error) {
	dir, err := os.MkdirTemp("", "connect-backup-core-*")
	if err != nil {
		return 1, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	trust, err := os.MkdirTemp("", "connect-backup-trust-*")
	if err != nil {
		return 1, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(trust)) }()
	if err := trustAuthority(trust); err != nil {
		return 1, err
	}
	ctx := context.Background()
	e, err := OpenEmbedded(ctx, EmbeddedOptions{Dir: dir})
	if err != nil {
		return 1, err
	}
	demo, err := e.SeedDemo(ctx)
	if err = errors.Join(err, e.Close()); err != nil {
		return 1, err
	}
	seeded.dir, seeded.email, seeded.password = dir, demo.Email, demo.Password
	code = m.Run()
	return code, goleak.Find()
}

// world is a person's machine with the app on it.
type world struct {
	*testing.T
	root, downloads string
	told            *told
	clock           func() time.Time
	secrets         device.Secrets // nil: in files
	change          func(*Options) // nil: nothing
}

// told is a notification daemon that only remembers.
type told struct {
	mu   sync.Mutex
	all  []device.Notification
	more chan struct{}
}

func (n *told) Notify(x device.Notification) error {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.all = append(n.all, x)
	select {
	case n.more <- struct{}{}:
	default:
	}
	return nil
}

func (n *told) Close() error { return nil }

// titled are the notifications of that title so far.
func (n *told) titled(title string) (all []device.Notification) {
	n.mu.Lock()
	defer n.mu.Unlock()
	for _, x := range n.all {
		if x.Title == title {
			all = append(all, x)
		}
	}
	return all
}

// wait is the first notification of that title, once it was shown.
func (n *told) wait(t *testing.T, title string) device.Notification {
	t.Helper()
	for {
		if all := n.titled(title); len(all) > 0 {
			return all[0]
		}
		until(t, n.more, func(struct{}) bool { return true })
	}
}

func newWorld(t *testing.T) *world {
	t.Helper()
	root := t.TempDir()
	w := &world{
		T: t, root: root, downloads: filepath.Join(root, "Downloads"),
		told: &told{more: make(chan struct{}, 1)}, clock: time.Now,
	}
	if err := os.CopyFS(filepath.Join(root, "data", "server"), os.DirFS(seeded.dir)); err != nil {
		t.Fatal(err)
	}
	return w
}

// start opens the app; the test closes it, or the end of the test does.
func (w *world) start() *Core {
	w.Helper()
	paths := PathsIn(w.root, w.downloads)
	secrets := w.secrets
	if secrets == nil {
		secrets = device.OpenFileSecrets(paths.Config)
	}
	o := Options{
		Paths: paths, Clock: w.clock, Notifier: w.told, Secrets: secrets,
		Poll:   func(int) time.Duration { return 20 * time.Millisecond },
		Resend: func(int) time.Duration { return 20 * time.Millisecond },
	}
	if w.change != nil {
		w.change(&o)
	}
	c, err := Open(o)
	if err != nil {
		w.Fatal(err)
	}
	w.Cleanup(func() {
		if err := c.Close(); err != nil {
			w.Errorf("close: %v", err)
		}
	})
	return c
}

// server is a stand-alone Connect server with the demo organisation, on a port
// of this machine.
func (w *world) server() *httptest.Server {
	return w.behind(func(h http.Handler) http.Handler { return h })
}

// behind is a server whose requests go through another handler first.
func (w *world) behind(gate func(http.Handler) http.Handler) *httptest.Server {
	w.Helper()
	dir := w.TempDir()
	if err := os.CopyFS(dir, os.DirFS(seeded.dir)); err != nil {
		w.Fatal(err)
	}
	e, err := OpenEmbedded(w.Context(), EmbeddedOptions{Dir: dir})
	if err != nil {
		w.Fatal(err)
	}
	s := httptest.NewServer(gate(e.Handler()))
	w.Cleanup(func() {
		s.CloseClientConnections() // streams of events never end by themselves
		s.Close()
		if err := e.Close(); err != nil {
			w.Error(err)
		}
	})
	return s
}

// until waits for what ready says, told by changes on c.
func until[T any](t *testing.T, c <-chan T, ready func(T) bool) T {
	t.Helper()
	deadline := time.After(time.Minute)
	for {
		select {
		case v := <-c:
			if ready(v) {
				return v
			}
		case <-deadline:
			t.Fatal("what the test waits for did not come within a minute")
		}
	}
}

func signInDemo(t *testing.T, c *Core) api.Account {
	t.Helper()
	account, err := c.Sessions().SignInDemo(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return account
}

// small is a backup that is quick to make.
func small(t *testing.T, c *Core) api.NewBackup {
	t.Helper()
	modules, err := c.Backups().Modules(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	today := modules.Value.Today
	return api.NewBackup{
		Title: "Small one", From: today.AddMonths(-3), Till: today, Modules: []string{"staff", "departments", "notices"},
	}
}

// completed creates a backup and waits until it has turned green by itself.
func completed(t *testing.T, c *Core) api.Backup {
	t.Helper()
	changes := make(chan api.Backup, 1000)
	defer c.Backups().Subscribe(func(b api.Backup) { changes <- b })()
	b, err := c.Backups().Create(t.Context(), NewKey(), small(t, c))
	if err != nil {
		t.Fatal(err)
	}
	if b.Status != api.StatusPending {
		t.Errorf("a new backup is %s, want pending (S40)", b.Status)
	}
	b = until(t, changes, func(x api.Backup) bool { return x.ID == b.ID && x.Status != api.StatusPending })
	if b.Status != api.StatusCompleted || b.Archive == nil {
		t.Fatalf("the backup ended as %+v", b)
	}
	return b
}

// fetched downloads b and waits for the end.
func fetched(t *testing.T, c *Core, b api.Backup, clash download.Clash) download.State {
	t.Helper()
	states := make(chan download.State, 1000)
	defer c.Downloads().Subscribe(func(s download.State) { states <- s })()
	if err := c.Downloads().Start(b, clash); err != nil {
		t.Fatal(err)
	}
	return until(t, states, func(s download.State) bool {
		return s.ID == b.ID && (s.Phase == download.Done || s.Phase == download.Failed)
	})
}

func TestTheMainJob(t *testing.T) {
	w := newWorld(t)
	c := w.start()
	account := signInDemo(t, c)
	if !account.Demo || account.Organisation.Name == "" {
		t.Errorf("account %+v", account)
	}
	b := completed(t, c)
	if got := c.Downloads().Copy(b).State; got != download.CopyNone {
		t.Errorf("before the download the device holds %v (S11)", got)
	}
	s := fetched(t, c, b, download.Ask)
	if s.Phase != download.Done {
		t.Fatalf("the download ended as %v: %v", s.Phase, s.Err)
	}
	held := c.Downloads().Copy(b)
	if held.State != download.CopyPresent || held.SHA256 != b.Archive.SHA256 || held.Size != b.Archive.Size || held.VerifiedAt.IsZero() {
		t.Errorf("the ledger says %+v (I3)", held)
	}
	if !strings.HasPrefix(held.Name, demoPrefix) {
		t.Errorf("a file of the demo is called %q", held.Name)
	}
	if filepath.Dir(string(held.Location)) != w.downloads {
		t.Errorf("the file is at %s, not in Downloads (S15)", held.Location)
	}
	if n := w.told.wait(t, "Backup downloaded"); !strings.Contains(n.Body, held.Name) || n.OnAction == nil {
		t.Errorf("the notification says %+v (S20, S21)", n)
	}
	folder, files, err := c.Machine().Extract(t.Context(), held.Location, download.Ask, func(int64, int64, string) {})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(filepath.Join(string(folder), "staff.csv")); err != nil || files < 4 {
		t.Errorf("extracted %d files: %v", files, err)
	}
	var exists *download.ExistsError
	if _, _, err := c.Machine().Extract(t.Context(), held.Location, download.Ask, func(int64, int64, string) {}); !errors.As(err, &exists) {
		t.Errorf("extracting again over the folder: %v, want a question", err)
	}
}

func TestASecondDownloadAsksFirst(t *testing.T) {
	w := newWorld(t)
	c := w.start()
	signInDemo(t, c)
	b := completed(t, c)
	fetched(t, c, b, download.Ask)
	var exists *download.ExistsError
	if err := c.Downloads().Start(b, download.Ask); !errors.As(err, &exists) {
		t.Fatalf("again: %v, want *ExistsError (S18)", err)
	}
	if s := fetched(t, c, b, download.Replace); s.Phase != download.Done {
		t.Errorf("Yes: %v %v (S19)", s.Phase, s.Err)
	}
	entries, err := os.ReadDir(w.downloads)
	if err != nil || len(entries) != 1 {
		t.Errorf("after Yes the folder holds %v %v", entries, err)
	}
	if s := fetched(t, c, b, download.KeepBoth); s.Phase != download.Done {
		t.Errorf("Keep both: %v %v", s.Phase, s.Err)
	}
	if entries, err = os.ReadDir(w.downloads); err != nil || len(entries) != 2 {
		t.Errorf("after Keep both the folder holds %v %v", entries, err)
	}
}

func TestAFileDeletedFromDownloadsIsNoticed(t *testing.T) {
	w := newWorld(t)
	c := w.start()
	signInDemo(t, c)
	b := completed(t, c)
	fetched(t, c, b, download.Ask)
	at := string(c.Downloads().Copy(b).Location)
	if err := os.WriteFile(at, []byte("not what it was"), 0o600); err != nil {
		t.Fatal(err)
	}
	if got := c.Downloads().Copy(b).State; got != download.CopyChanged {
		t.Errorf("a changed file counts as %v", got)
	}
	if err := os.Remove(at); err != nil {
		t.Fatal(err)
	}
	if got := c.Downloads().Copy(b).State; got != download.CopyGone {
		t.Errorf("a deleted file counts as %v (S15)", got)
	}
	if err := c.Machine().Open(download.Location(at)); !errors.Is(err, ErrFileGone) {
		t.Errorf("opening it: %v, want ErrFileGone", err)
	}
	if s := fetched(t, c, b, download.Ask); s.Phase != download.Done {
		t.Errorf("Download again: %v %v", s.Phase, s.Err)
	}
}

func TestTheArchiveFetchedByABrowserIsAdopted(t *testing.T) {
	w := newWorld(t)
	c := w.start()
	signInDemo(t, c)
	b := completed(t, c)
	fetched(t, c, b, download.Ask)
	held := c.Downloads().Copy(b)
	content, err := os.ReadFile(string(held.Location))
	if err != nil {
		t.Fatal(err)
	}
	if err := c.ledger.Remove("", c.current().account.Organisation.ID, b.ID); err != nil {
		t.Fatal(err)
	}
	if c.Downloads().Copy(b).State != download.CopyNone {
		t.Fatal("the ledger still knows the file")
	}
	var exists *download.ExistsError
	if err := c.Downloads().Start(b, download.Ask); !errors.As(err, &exists) {
		t.Fatalf("got %v", err)
	}
	if got := c.Downloads().Copy(b); got.State != download.CopyPresent || got.SHA256 != b.Archive.SHA256 {
		t.Errorf("the file was not adopted: %+v", got)
	}
	// One byte different: not ours.
	if err := c.ledger.Remove("", c.current().account.Organisation.ID, b.ID); err != nil {
		t.Fatal(err)
	}
	content[len(content)/2] ^= 1
	if err := os.WriteFile(string(held.Location), content, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := c.Downloads().Start(b, download.Ask); !errors.As(err, &exists) {
		t.Fatalf("got %v", err)
	}
	if got := c.Downloads().Copy(b).State; got != download.CopyNone {
		t.Errorf("another file was adopted: %v", got)
	}
}

func TestASessionSurvivesARestartAndWorksOffline(t *testing.T) {
	w := newWorld(t)
	s := w.server()
	c := w.start()
	account, err := c.Sessions().SignIn(t.Context(), s.URL, seeded.email, seeded.password, false)
	if err != nil {
		t.Fatal(err)
	}
	online, err := c.Backups().List(t.Context(), api.ListQuery{})
	if err != nil || len(online.Value.Items) == 0 || online.Err != nil {
		t.Fatalf("list: %+v %v", online, err)
	}
	if err := c.Close(); err != nil {
		t.Fatal(err)
	}
	s.Close()
	c = w.start()
	again, ok := c.Sessions().Current()
	if !ok || again.Organisation != account.Organisation || again.Server != s.URL {
		t.Fatalf("after a restart: %+v %v (I1)", again, ok)
	}
	offline, err := c.Backups().List(t.Context(), api.ListQuery{})
	if err != nil {
		t.Fatal(err)
	}
	if len(offline.Value.Items) != len(online.Value.Items) || offline.Err == nil || offline.At.IsZero() {
		t.Errorf("offline: %d of %d rows, at %v, because %v (I6)",
			len(offline.Value.Items), len(online.Value.Items), offline.At, offline.Err)
	}
	title := online.Value.Items[0].Title
	found, err := c.Backups().List(t.Context(), api.ListQuery{Q: strings.ToUpper(title)})
	if err != nil || !slices.ContainsFunc(found.Value.Items, func(b api.Backup) bool { return b.Title == title }) {
		t.Errorf("searching %q offline: %d rows, %v", title, len(found.Value.Items), err)
	}
}

func TestSigningOutForgetsTheSessionAndKeepsTheFiles(t *testing.T) {
	w := newWorld(t)
	c := w.start()
	signInDemo(t, c)
	b := completed(t, c)
	fetched(t, c, b, download.Ask)
	held := c.Downloads().Copy(b)
	if err := c.Sessions().SignOut(t.Context()); err != nil {
		t.Fatal(err)
	}
	if _, ok := c.Sessions().Current(); ok {
		t.Error("somebody is still signed in")
	}
	if _, err := c.Backups().List(t.Context(), api.ListQuery{}); !errors.Is(err, api.ErrSignedOut) {
		t.Errorf("the list still answers: %v", err)
	}
	if _, err := c.tokens(c.settings.get().Session).Load(); !errors.Is(err, api.ErrSignedOut) {
		t.Errorf("the tokens are still there: %v", err)
	}
	if _, err := os.Stat(string(held.Location)); err != nil {
		t.Errorf("the downloaded file is gone (I15): %v", err)
	}
	signInDemo(t, c)
	if _, ok := c.Backups().CachedBackup(b.ID); ok {
		t.Error("the offline copy outlived the session (I15)")
	}
	if got := c.Downloads().Copy(b).State; got != download.CopyPresent {
		t.Errorf("after signing in again the file counts as %v", got)
	}
}

// revoke ends the session on the server, as an administrator does, or a sign-in
// elsewhere with the same device.
func revoke(t *testing.T, c *Core) {
	t.Helper()
	if _, err := c.embedded.db.write.ExecContext(t.Context(), "UPDATE sessions SET revoked_at = 1"); err != nil {
		t.Fatal(err)
	}
}

// The server ends the session: whoever shows it hears of it, nothing on this
// device is lost, and the same person goes on where they were.
func TestASessionThatTheServerEndedIsToldAndKeepsEverything(t *testing.T) {
	w := newWorld(t)
	c := w.start()
	signInDemo(t, c)
	b := completed(t, c)
	heard := make(chan bool, 9)
	defer c.Sessions().Subscribe(func() { heard <- true })()
	if account, why := c.Sessions().Ended(); why != nil {
		t.Fatalf("the session of %v ended: %v", account, why)
	}
	revoke(t, c)
	stopped := make(chan download.State, 99)
	defer c.Downloads().Subscribe(func(s download.State) { stopped <- s })()
	if err := c.Downloads().Start(b, download.Ask); err != nil {
		t.Fatal(err)
	}
	s := until(t, stopped, func(s download.State) bool { return s.Phase == download.Failed })
	if what, _, _ := Explain(s.Err); !strings.Contains(what, "session has ended") {
		t.Errorf("the download stopped with %q, %v", what, s.Err)
	}
	until(t, heard, func(bool) bool { return true })
	account, why := c.Sessions().Ended()
	if !errors.Is(why, api.ErrSignedOut) || account.User.Email == "" {
		t.Errorf("ended: %v of %+v", why, account)
	}
	if _, ok := c.Backups().CachedBackup(b.ID); !ok {
		t.Error("the offline copy is gone although nobody signed out")
	}
	if _, err := c.Sessions().SignIn(t.Context(), "http://127.0.0.1:1", "a@b", "wrong", true); err == nil {
		t.Fatal("signed in to nothing")
	}
	if c.Downloads().State(b.ID).Phase != download.Failed {
		t.Error("a sign-in that failed cost the unfinished download")
	}
	signInDemo(t, c)
	if _, why := c.Sessions().Ended(); why != nil {
		t.Errorf("signed in again, still ended: %v", why)
	}
	until(t, stopped, func(s download.State) bool { return s.Phase == download.Done })
	if len(heard) != 0 {
		t.Errorf("the end was told %d times more", len(heard))
	}
}

// At the next start the app knows whose session ended.
func TestAnEndedSessionIsToldAtTheNextStart(t *testing.T) {
	w := newWorld(t)
	c := w.start()
	signInDemo(t, c)
	revoke(t, c)
	if page, err := c.Backups().List(t.Context(), api.ListQuery{}); err == nil && page.Err == nil {
		t.Fatal("the server still answers")
	}
	if err := c.Close(); err != nil {
		t.Fatal(err)
	}
	c = w.start()
	if _, ok := c.Sessions().Current(); ok {
		t.Error("somebody is signed in")
	}
	account, why := c.Sessions().Ended()
	if !errors.Is(why, api.ErrSignedOut) || !account.Demo {
		t.Errorf("ended: %v of %+v", why, account)
	}
	if err := c.Sessions().SignOut(t.Context()); err != nil {
		t.Fatal(err)
	}
	if _, why := c.Sessions().Ended(); why != nil {
		t.Errorf("signed out, still told of: %v", why)
	}
}

// lockedSecrets are in a store that the person did not unlock.
type lockedSecrets struct{ device.Secrets }

func (lockedSecrets) Get(string) (string, error) {
	return "", fmt.Errorf("%w: %w", device.ErrNoSecret, device.ErrStore)
}

func TestALockedStoreIsToldAndTheSessionKept(t *testing.T) {
	w := newWorld(t)
	c := w.start()
	signInDemo(t, c)
	kept := c.secrets
	if err := c.Close(); err != nil {
		t.Fatal(err)
	}
	w.secrets = lockedSecrets{kept}
	locked := w.start()
	_, why := locked.Sessions().Ended()
	if what, next, _ := Explain(why); !strings.Contains(what, "is locked") || !strings.Contains(next, "start the app again") {
		t.Errorf("told %q %q", what, next)
	}
	if err := locked.Close(); err != nil {
		t.Fatal(err)
	}
	w.secrets = kept
	if _, ok := w.start().Sessions().Current(); !ok {
		t.Error("unlocked again, nobody is signed in")
	}
}

// fullSecrets are on a disk that may be full.
type fullSecrets struct {
	device.Secrets
	full atomic.Bool
}

func (s *fullSecrets) Set(key, value string) error {
	if s.full.Load() {
		return syscall.ENOSPC
	}
	return s.Secrets.Set(key, value)
}

func TestASessionRenewedWhileTheDiskIsFullGoesOn(t *testing.T) {
	w := newWorld(t)
	clock := &adjustable{now: awake()}
	s := w.remote(clock.time)
	secrets := &fullSecrets{Secrets: device.OpenFileSecrets(PathsIn(w.root, w.downloads).Config)}
	w.secrets = secrets
	c := w.start()
	signInTo(t, c, s.URL)
	secrets.full.Store(true)
	for range 2 {
		clock.set(clock.time().Add(2 * time.Hour)) // the access token ends
		if page, err := c.Backups().List(t.Context(), api.ListQuery{}); err != nil || page.Err != nil {
			t.Fatal(err, page.Err)
		}
	}
	log, err := os.ReadFile(c.logFile.path)
	if err != nil || strings.Count(string(log), "the renewed session cannot be saved") != 1 {
		t.Errorf("the log says %s, %v", log, err)
	}
	secrets.full.Store(false)
	if err := c.Close(); err != nil { // the last chance to save it
		t.Fatal(err)
	}
	c = w.start()
	if page, err := c.Backups().List(t.Context(), api.ListQuery{}); err != nil || page.Err != nil {
		t.Errorf("after a restart: %v, %v", err, page.Err)
	}
}

func TestTheSameKeyNeverMakesTwoBackups(t *testing.T) {
	w := newWorld(t)
	c := w.start()
	signInDemo(t, c)
	n, key := small(t, c), NewKey()
	first, err := c.Backups().Create(t.Context(), key, n)
	if err != nil {
		t.Fatal(err)
	}
	second, err := c.Backups().Create(t.Context(), key, n)
	if err != nil || second.ID != first.ID {
		t.Errorf("got %s and %s, %v (B14)", first.ID, second.ID, err)
	}
}

func TestTodayIsTheServersDate(t *testing.T) {
	w := newWorld(t)
	s := w.server()
	var ahead atomic.Int64 // this device's clock, that others read meanwhile
	ahead.Store(int64(72 * time.Hour))
	w.clock = func() time.Time { return time.Now().Add(time.Duration(ahead.Load())) }
	c := w.start()
	account, err := c.Sessions().SignIn(t.Context(), s.URL, seeded.email, seeded.password, false)
	if err != nil {
		t.Fatal(err)
	}
	zone, err := time.LoadLocation(account.Organisation.Timezone)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := c.Backups().Modules(t.Context()); err != nil {
		t.Fatal(err)
	}
	server := calendar.DayOf(time.Now(), zone)
	if got := c.Today(); got != server && got != server.AddDays(-1) { // midnight may pass in between
		t.Errorf("today is %v, the server says %v", got, server)
	}
	ahead.Add(int64(24 * time.Hour)) // a day passes
	if got := c.Today(); got != server.AddDays(1) && got != server {
		t.Errorf("a day later it is %v", got)
	}
}

func TestTwoProcessesOnTheSameDemoDataSaySo(t *testing.T) {
	w := newWorld(t)
	c := w.start()
	signInDemo(t, c)
	_, err := OpenEmbedded(t.Context(), EmbeddedOptions{Dir: filepath.Join(w.root, "data", "server")})
	if !errors.Is(err, ErrServerBusy) {
		t.Errorf("got %v, want ErrServerBusy", err)
	}
	// A second window says so too, instead of asking to sign in.
	paths := PathsIn(w.root, w.downloads)
	_, err = Open(Options{Paths: paths, Secrets: device.OpenFileSecrets(paths.Config)})
	if !errors.Is(err, ErrServerBusy) {
		t.Errorf("a second app: %v, want ErrServerBusy", err)
	}
}

// TestEverySignInFailureHasItsOwnWords drives real sockets.
func TestEverySignInFailureHasItsOwnWords(t *testing.T) {
	w := newWorld(t)
	c := w.start()
	good := w.server()
	html := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, _ *http.Request) {
		rw.Header().Set("Content-Type", "text/html")
		_, _ = rw.Write([]byte("<html><body>Welcome to the hotel</body></html>"))
	}))
	defer html.Close()
	old := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, _ *http.Request) {
		rw.Header().Set("Content-Type", "application/json")
		_, _ = rw.Write([]byte(`{"api":"v7","server":"Connect 7"}`))
	}))
	defer old.Close()
	selfSigned := httptest.NewTLSServer(http.NotFoundHandler())
	defer selfSigned.Close()
	selfSigned.Config.ErrorLog = nil
	gone := httptest.NewServer(http.NotFoundHandler())
	gone.Close()
	for _, row := range []struct{ name, address, password, says string }{
		{"wrong password", good.URL, "wrong", "E-mail or password is wrong"},
		{"not a Connect server", html.URL, "x", "does not answer as a Connect server"},
		{"another version", old.URL, "x", "version v7"},
		{"certificate refused", selfSigned.URL, "x", "identity of"},
		{"nothing listens", gone.URL, "x", "Nothing answers at"},
		{"unknown host", "https://connect.invalid", "x", "No server of the name connect.invalid"},
		{"no address", "not an address at all", "x", "is not an address"},
		{"not encrypted", "http://192.0.2.1", "x", "not encrypted"},
	} {
		t.Run(row.name, func(t *testing.T) {
			_, err := c.Sessions().SignIn(t.Context(), row.address, seeded.email, row.password, false)
			if err == nil {
				t.Fatal("signed in")
			}
			if text := Sentence(err); !strings.Contains(text, row.says) {
				t.Errorf("%q does not say %q (%v)", text, row.says, err)
			}
			if strings.Contains(err.Error(), seeded.email) {
				t.Errorf("the error names the account: %v", err)
			}
			if _, ok := c.Sessions().Current(); ok {
				t.Error("somebody is signed in")
			}
		})
	}
}

func TestDownloadsThatCannotBeUsedSaySo(t *testing.T) {
	w := newWorld(t)
	if err := os.WriteFile(w.downloads, []byte("a file where the folder should be"), 0o600); err != nil {
		t.Fatal(err)
	}
	c := w.start()
	signInDemo(t, c)
	b := completed(t, c)
	states := make(chan download.State, 1000)
	defer c.Downloads().Subscribe(func(s download.State) { states <- s })()
	err := c.Downloads().Start(b, download.Ask)
	if err == nil {
		err = until(t, states, func(s download.State) bool { return s.Phase == download.Failed }).Err
	}
	var folder *download.FolderError
	if !errors.As(err, &folder) {
		t.Fatalf("got %v", err)
	}
	if text := Sentence(err); !strings.Contains(text, w.downloads) {
		t.Errorf("%q does not name the folder", text)
	}
	// Mended, it goes on.
	if err := os.Remove(w.downloads); err != nil {
		t.Fatal(err)
	}
	if s := fetched(t, c, b, download.Ask); s.Phase != download.Done {
		t.Errorf("after mending: %v %v", s.Phase, s.Err)
	}
}

func TestWhatWasDownloadedIsKnownAfterARestart(t *testing.T) {
	w := newWorld(t)
	c := w.start()
	signInDemo(t, c)
	b := completed(t, c)
	fetched(t, c, b, download.Ask)
	if err := c.Close(); err != nil {
		t.Fatal(err)
	}
	c = w.start()
	if got := c.Downloads().Copy(b).State; got != download.CopyPresent {
		t.Errorf("after a restart the file counts as %v (I3)", got)
	}
}
