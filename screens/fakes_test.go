package screens

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	"connectbackup/api"
	"connectbackup/api/calendar"
	"connectbackup/app/core"
	"connectbackup/device/download"
)

// world is everything behind the screens: a server, this device, a person.
type world struct {
	*ui
	tellings
	deeds
	mu sync.Mutex

	now     time.Time
	account api.Account
	in      bool

	signErr  error
	demoErr  error
	endErr   error // why the session ended
	insecure bool  // the server has no TLS
	reset    string
	signedIn []string // what was sent

	items   []api.Backup
	page    int   // backups a page
	listErr error // the server does not answer
	age     *api.Snapshot[api.BackupPage]
	getErr  error
	modules []api.Module
	modErr  error
	asked   []api.ListQuery
	hold    chan struct{} // List waits for it
	reply   *api.Snapshot[api.BackupPage]
	creates []string // keys
	created []api.NewBackup
	makeErr []error // answers to Create, one after the other
	cancels []string
	hearers map[int]func(api.Backup)

	copies    map[string]download.Copy
	states    map[string]download.State
	starts    []download.Clash
	startErr  error
	steered   []string
	followers map[int]func(download.State)

	can       map[Feature]bool
	did       []string // what was done with files
	openErr   error
	unpack    func(ctx context.Context, clash download.Clash, report func(done, total int64, entry string)) (download.Location, int, error)
	documents []download.Info // in the folder of an extraction
	filesErr  error
	told      map[string]bool
	metered   bool
	awake     bool
	theme     string
	name      string
	protected bool
	keys      int
	next      int
}

// The day on which all tests happen.
var testNow = time.Date(2026, 11, 23, 12, 42, 0, 0, time.UTC)

func newWorld(u *ui) *world {
	w := &world{
		ui: u, now: testNow, in: true, page: 50, protected: true, name: "Office PC",
		account: api.Account{
			Server: "https://connect.example.com",
			User: api.User{Name: "Ada Example", Email: "ada@acme.example", Permissions: []string{
				api.PermissionCreate, api.PermissionDownload,
			}},
			Organisation: api.Organisation{ID: "org_1", Name: "Acme Trading", Timezone: "Europe/Berlin"},
		},
		hearers: map[int]func(api.Backup){}, followers: map[int]func(download.State){},
		copies: map[string]download.Copy{}, states: map[string]download.State{},
		can:  map[Feature]bool{CanOpen: true, CanReveal: true},
		told: map[string]bool{toldPurpose: true, toldPersonalData: true},

		tellings: newTellings(),
	}
	w.modules = testModules()
	return w
}

func (w *world) needs() Needs {
	return Needs{
		Sessions: fakeSessions{w}, Backups: fakeBackups{w}, Downloads: fakeDownloads{w}, Reminders: fakeReminders{w},
		Device: fakeDevice{w}, Settings: fakeSettings{w},
		Words: core.Explain, Hops: w.hops(),
		Clock: func() time.Time { return w.now },
		After: w.pass,
		Today: func() calendar.Day { return calendar.DayOf(w.now, time.UTC) },
		NewKey: func() string {
			w.keys++
			return fmt.Sprintf("key-%d", w.keys)
		},
	}
}

var errOffline = &api.UnreachableError{Host: "connect.example.com", Reason: api.ReasonNetwork}

func problem(code api.Code, status int) *api.Problem { return &api.Problem{Code: code, Status: status} }

// change does something to the world under its lock.
func (w *world) change(f func()) {
	w.mu.Lock()
	defer w.mu.Unlock()
	f()
}

// serverChanges puts a backup onto the server and tells all subscribers, on a
// goroutine of its own as the app does.
func (w *world) serverChanges(b api.Backup) {
	w.mu.Lock()
	i := slices.IndexFunc(w.items, func(x api.Backup) bool { return x.ID == b.ID })
	if i >= 0 {
		w.items[i] = b
	} else {
		w.items = append(w.items, b)
	}
	var all []func(api.Backup)
	for _, f := range w.hearers {
		all = append(all, f)
	}
	w.mu.Unlock()
	w.hops().Go(func() {
		for _, f := range all {
			f(b)
		}
	})
}

// transferChanges is serverChanges for a download.
func (w *world) transferChanges(s download.State) {
	w.mu.Lock()
	w.states[s.ID] = s
	var all []func(download.State)
	for _, f := range w.followers {
		all = append(all, f)
	}
	w.mu.Unlock()
	w.hops().Go(func() {
		for _, f := range all {
			f(s)
		}
	})
}

func (w *world) subscribers() int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return len(w.hearers) + len(w.followers) + len(w.watchers)
}

type fakeSessions struct{ *world }

func (f fakeSessions) Current() (api.Account, bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.account, f.in
}

func (f fakeSessions) SignInDemo(context.Context) (api.Account, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.account, f.demoErr
}

func (f fakeSessions) SignIn(_ context.Context, server, email, password string, accept bool) (api.Account, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.signedIn = append(f.signedIn, fmt.Sprint(server, " ", email, " ", password, " ", accept))
	if f.insecure && !accept {
		return api.Account{}, &api.InsecureError{Address: server}
	}
	return f.account, f.signErr
}

func (f fakeSessions) Ended() (api.Account, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.account, f.endErr
}

func (f fakeSessions) Subscribe(func()) (cancel func()) { return func() {} }

func (f fakeSessions) SignOut(context.Context) error {
	f.change(func() { f.in = false })
	return nil
}

func (f fakeSessions) PasswordReset(context.Context, string) (string, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.reset, f.signErr
}

type fakeBackups struct{ *world }

func (f fakeBackups) Cached(api.ListQuery) (api.Snapshot[api.BackupPage], bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.age == nil {
		return api.Snapshot[api.BackupPage]{}, false
	}
	return *f.age, true
}

func (f fakeBackups) List(ctx context.Context, q api.ListQuery) (api.Snapshot[api.BackupPage], error) {
	f.mu.Lock()
	f.asked = append(f.asked, q)
	hold, reply := f.hold, f.reply
	f.mu.Unlock()
	if hold != nil {
		select {
		case <-hold:
			if reply != nil {
				return *reply, nil
			}
		case <-ctx.Done():
			return api.Snapshot[api.BackupPage]{}, ctx.Err()
		}
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.listErr != nil {
		if f.age != nil {
			copied := *f.age
			copied.Err = f.listErr
			return copied, nil
		}
		return api.Snapshot[api.BackupPage]{}, f.listErr
	}
	return api.Snapshot[api.BackupPage]{Value: f.find(q), At: f.now}, nil
}

// find is the server's search: the order is that of the contract.
func (f fakeBackups) find(q api.ListQuery) api.BackupPage {
	var all []api.Backup
	for _, b := range f.items {
		if (q.Status == "" || b.Status == q.Status) && matches(b, "", q.Q) {
			all = append(all, b)
		}
	}
	sortBackups(all)
	start := 0
	if q.Cursor != "" {
		if _, err := fmt.Sscan(q.Cursor, &start); err != nil {
			panic(err)
		}
	}
	end := min(start+f.page, len(all))
	page := api.BackupPage{Items: slices.Clone(all[start:end])}
	if end < len(all) {
		page.NextCursor = fmt.Sprint(end)
	}
	return page
}

func (f fakeBackups) CachedBackup(string) (api.Snapshot[api.Backup], bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.kept == nil {
		return api.Snapshot[api.Backup]{}, false
	}
	return *f.kept, true
}

func (f fakeBackups) Get(ctx context.Context, id string) (api.Snapshot[api.Backup], error) {
	if kept, ok := f.awaited(ctx); ok {
		return kept, nil
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.getErr != nil {
		return api.Snapshot[api.Backup]{}, f.getErr
	}
	for _, b := range f.items {
		if b.ID == id {
			return api.Snapshot[api.Backup]{Value: b, At: f.now}, nil
		}
	}
	return api.Snapshot[api.Backup]{}, problem(api.CodeNotFound, 404)
}

func (f fakeBackups) Modules(context.Context) (api.Snapshot[api.ModuleList], error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.modErr != nil {
		return api.Snapshot[api.ModuleList]{}, f.modErr
	}
	return api.Snapshot[api.ModuleList]{Value: api.ModuleList{Items: f.modules}, At: f.now}, nil
}

func (f fakeBackups) Create(_ context.Context, key string, n api.NewBackup) (api.Backup, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.creates = append(f.creates, key)
	f.created = append(f.created, n)
	if len(f.makeErr) > 0 {
		err := f.makeErr[0]
		f.makeErr = f.makeErr[1:]
		if err != nil {
			return api.Backup{}, err
		}
	}
	return api.Backup{ID: "new", Title: n.Title, Status: api.StatusPending}, nil
}

func (f fakeBackups) Cancel(_ context.Context, id string) (api.Backup, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.cancels = append(f.cancels, id)
	for i, b := range f.items {
		if b.ID == id {
			b.Status = api.StatusCancelled
			f.items[i] = b
			return b, nil
		}
	}
	return api.Backup{}, problem(api.CodeNotFound, 404)
}

func (f fakeBackups) Subscribe(hear func(api.Backup)) (cancel func()) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.next++
	id := f.next
	f.hearers[id] = hear
	return func() { f.change(func() { delete(f.hearers, id) }) }
}

type fakeDownloads struct{ *world }

func (f fakeDownloads) Start(b api.Backup, clash download.Clash) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.starts = append(f.starts, clash)
	if f.startErr != nil {
		return f.startErr
	}
	if c := f.copies[b.ID]; clash == download.Ask && c.State == download.CopyPresent {
		return &download.ExistsError{Name: c.Name, Location: c.Location}
	}
	f.states[b.ID] = download.State{
		ID: b.ID, Name: b.Archive.FileName, Phase: download.Running, Total: b.Archive.Size, Left: -1,
	}
	return nil
}

func (f fakeDownloads) steer(what, id string, phase download.Phase) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.steered = append(f.steered, what)
	s := f.states[id]
	s.Phase = phase
	f.states[id] = s
	return nil
}

func (f fakeDownloads) Pause(id string) error  { return f.steer("pause", id, download.Paused) }
func (f fakeDownloads) Resume(id string) error { return f.steer("resume", id, download.Running) }
func (f fakeDownloads) Cancel(id string) error { return f.steer("cancel", id, download.None) }

func (f fakeDownloads) State(id string) download.State {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.states[id]
}

func (f fakeDownloads) Subscribe(follow func(download.State)) (cancel func()) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.next++
	id := f.next
	f.followers[id] = follow
	return func() { f.change(func() { delete(f.followers, id) }) }
}

func (f fakeDownloads) FileName(b api.Backup) string {
	if b.Archive == nil {
		return ""
	}
	return b.Archive.FileName
}

func (f fakeDownloads) Copy(b api.Backup) download.Copy {
	f.mu.Lock()
	defer f.mu.Unlock()
	c := f.copies[b.ID]
	c.ID = b.ID
	return c
}

func (f fakeDownloads) Copies() []download.Copy {
	f.mu.Lock()
	defer f.mu.Unlock()
	var all []download.Copy
	for id, c := range f.copies {
		if c.State == download.CopyPresent {
			c.ID = id
			all = append(all, c)
		}
	}
	return all
}

type fakeDevice struct{ *world }

func (f fakeDevice) Can(feature Feature) bool { return f.can[feature] }

func (f fakeDevice) do(what string, l download.Location) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.did = append(f.did, what+" "+string(l))
	return f.openErr
}

func (f fakeDevice) Open(l download.Location) error   { return f.do("open", l) }
func (f fakeDevice) Reveal(l download.Location) error { return f.do("reveal", l) }
func (f fakeDevice) Share(l download.Location) error  { return f.do("share", l) }
func (f fakeDevice) OpenURL(address string) error     { return f.do("browse", download.Location(address)) }

func (f fakeDevice) Documents(_ download.Location, most int) ([]download.Info, error) {
	return f.documents[:min(most, len(f.documents))], f.filesErr
}

func (f fakeDevice) Metered() bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.metered
}

func (f fakeDevice) Extract(ctx context.Context, _ download.Location, clash download.Clash,
	report func(done, total int64, entry string),
) (download.Location, int, error) {
	return f.unpack(ctx, clash, report)
}

type fakeSettings struct{ *world }

func (f fakeSettings) DeviceID() string   { return "dev_1" }
func (f fakeSettings) DeviceName() string { return f.name }
func (f fakeSettings) Downloads() string  { return "/home/ada/Downloads" }
func (f fakeSettings) LogFile() string {
	return "/home/ada/.local/state/connect-backup/connect-backup.log"
}
func (f fakeSettings) Version() string { return "0.1.0" }
func (f fakeSettings) Theme() string   { return f.theme }
func (f fakeSettings) Told(key string) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.told[key]
}
func (f fakeSettings) SetTold(key string) { f.change(func() { f.told[key] = true }) }

func (f fakeSettings) SetDeviceName(name string) error {
	f.change(func() { f.name = name })
	return nil
}

func (f fakeSettings) KeepScreenOn() bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.awake
}

func (f fakeSettings) SetKeepScreenOn(on bool) error {
	f.change(func() { f.awake = on })
	return nil
}

func (f fakeSettings) SetTheme(name string) error {
	f.change(func() { f.theme = name })
	return nil
}

func (f fakeSettings) SecretStore() (string, bool) {
	if f.protected {
		return "the system's keyring", true
	}
	return "/home/ada/.config/connect-backup/session", false
}
