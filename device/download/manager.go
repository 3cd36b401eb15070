package download

import (
	"errors"
	"io/fs"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"
)

// Manager is the queue of downloads. Its methods may be called from any
// goroutine and return soon: what takes time happens on a goroutine of each
// download. Close ends them all.
type Manager struct {
	cfg   *Config
	slots chan struct{}
	out   *outlet

	mu      sync.Mutex // guards what follows, and the fields of every job
	idle    sync.Cond  // working fell
	working int        // goroutines of jobs
	jobs    map[string]*job
	closed  bool
}

// New makes an engine. Close it in the end.
func New(c Config) *Manager {
	cfg := c.withDefaults()
	m := &Manager{cfg: cfg, slots: make(chan struct{}, cfg.Parallel), out: newOutlet(), jobs: map[string]*job{}}
	m.idle.L = &m.mu
	return m
}

// Start queues a download. Of the same ID there is only ever one: if it is
// active, Start leaves it as it is; if it is paused or failed, it goes on. With
// Clash Ask, a file of that name is an *ExistsError, and nothing is fetched
// (S18); with Skip it is the result.
func (m *Manager) Start(r Request) error {
	r, err := r.clean()
	if err != nil {
		return err
	}
	m.mu.Lock()
	j := m.jobs[r.ID]
	active := j != nil && j.want == wantRun
	closed := m.closed
	m.mu.Unlock()
	if closed {
		return ErrClosed
	}
	if active {
		return nil
	}
	var there *Result
	switch r.Clash {
	case Ask, Skip:
		info, err := m.cfg.Folder.Stat(r.Name)
		if errors.Is(err, fs.ErrNotExist) {
			break
		}
		if err != nil {
			return diskError("read", r.Name, 0, err)
		}
		if r.Clash == Ask {
			return &ExistsError{Name: r.Name, Location: info.Location}
		}
		there = &Result{
			Request: r, Location: info.Location, FinalName: info.Name, Bytes: info.Size,
			ModTime: info.ModTime, At: time.Now(), Skipped: true,
		}
	}
	return m.enter(r, there)
}

// enter takes a checked request in.
func (m *Manager) enter(r Request, there *Result) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.closed {
		return ErrClosed
	}
	j := m.jobs[r.ID]
	switch {
	case j == nil:
		j = newJob(m, r, time.Now())
		m.jobs[r.ID] = j
	case j.want == wantRun: // another Start was faster
		return nil
	}
	if j.state.Phase == Done { // once more
		j.tally.have.Store(0)
		j.tally.total.Store(r.Size)
	}
	j.req, j.result, j.unrecorded = r, nil, nil
	if there != nil && !j.alive {
		j.finished(*there)
		j.spare = true
		j.work()
		return nil
	}
	j.start()
	return nil
}

// Pause stops a download and keeps what has come, also over a restart of the
// app. It is Paused at once; its last bytes are written in the background.
func (m *Manager) Pause(id string) error {
	return m.with(id, func(j *job) {
		if j.want == wantRun {
			j.stop(wantPause)
			j.tell(Paused, nil)
		}
	})
}

// Resume goes on with a paused or failed download, and makes one that waits for
// its next try do that now.
func (m *Manager) Resume(id string) error {
	return m.with(id, func(j *job) {
		switch {
		case j.want == wantRun:
			select {
			case j.wake <- struct{}{}:
			default:
			}
		case j.state.Phase == Paused || j.state.Phase == Failed:
			j.start()
		}
	})
}

// Cancel ends a download and throws away what has come. A finished one is only
// forgotten: the file stays.
func (m *Manager) Cancel(id string) error {
	return m.with(id, func(j *job) {
		if !j.alive && j.state.Phase == Done {
			delete(m.jobs, id)
		} else {
			j.stop(wantDrop)
			j.work()
		}
		j.tell(None, nil)
	})
}

// Forget cancels all that is unfinished and waits until it is gone from the
// disk, as signing out does (I15). Files that were published stay.
func (m *Manager) Forget() {
	m.mu.Lock()
	for id, j := range m.jobs {
		if !j.alive && j.state.Phase == Done {
			delete(m.jobs, id)
			continue
		}
		j.stop(wantDrop)
		j.work()
		j.tell(None, nil)
	}
	m.wait()
	m.mu.Unlock()
	m.sweep()
}

// sweep discards what Restore would have found.
func (m *Manager) sweep() {
	keys, err := m.cfg.Folder.Journals()
	for _, key := range keys {
		if _, ok := m.unfinished(key); ok {
			err = errors.Join(err, m.cfg.Folder.Discard(key))
		}
	}
	if err != nil {
		m.cfg.Log.Warn("unfinished downloads could not be removed", "error", err)
	}
}

// wait waits, with the lock held, until no job works.
func (m *Manager) wait() {
	for m.working > 0 {
		m.idle.Wait()
	}
}

// Close stops all downloads, keeps what can be resumed, and waits until that
// is on the disk. Those that ran go on after Restore. Subscribers hear of it as
// Paused.
func (m *Manager) Close() error {
	m.mu.Lock()
	m.closed = true
	for _, j := range m.jobs {
		if j.want == wantRun {
			j.stop(wantClose)
			j.tell(Paused, nil)
		}
	}
	m.wait()
	m.mu.Unlock()
	m.out.close()
	return nil
}

// State is a picture of a download; its Phase is None when there is none.
func (m *Manager) State(id string) State {
	m.mu.Lock()
	defer m.mu.Unlock()
	j := m.jobs[id]
	if j == nil || j.want == wantDrop {
		return State{ID: id, Total: -1, Left: -1}
	}
	return j.picture()
}

// States are all downloads, in the order of their start.
func (m *Manager) States() []State {
	m.mu.Lock()
	defer m.mu.Unlock()
	jobs := slices.SortedFunc(maps.Values(m.jobs), func(a, b *job) int {
		if c := a.began.Compare(b.began); c != 0 {
			return c
		}
		return strings.Compare(a.id, b.id)
	})
	states := make([]State, 0, len(jobs))
	for _, j := range jobs {
		if j.want != wantDrop {
			states = append(states, j.picture())
		}
	}
	return states
}

// Subscribe has f called with every change of phase, when an error comes or
// goes, with progress at most ten times a second for each download, and once at
// the end. All calls come from one goroutine of the engine, which is not the one
// that carries bytes. After cancel no call begins.
func (m *Manager) Subscribe(f func(State)) (cancel func()) { return m.out.subscribe(f) }

func (m *Manager) with(id string, f func(*job)) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.closed {
		return ErrClosed
	}
	j := m.jobs[id]
	if j == nil || j.want == wantDrop {
		return ErrUnknown
	}
	f(j)
	return nil
}

func (m *Manager) result(id string) (Result, bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if j := m.jobs[id]; j != nil && j.result != nil {
		return *j.result, true
	}
	return Result{}, false
}

// Restore takes up what an earlier run of the app left unfinished in the
// Folder: what the person paused, or what failed, is Paused; what was running
// goes on. What another process is downloading is left alone.
func (m *Manager) Restore() error {
	keys, err := m.cfg.Folder.Journals()
	if err != nil {
		return diskError("read", "", 0, err)
	}
	var found []journal
	m.mu.Lock()
	known := map[string]bool{} // must not be locked here while they begin
	for _, j := range m.jobs {
		known[j.key] = true
	}
	m.mu.Unlock()
	for _, key := range keys {
		if known[key] {
			continue
		}
		if j, ok := m.unfinished(key); ok {
			found = append(found, j)
		}
	}
	slices.SortFunc(found, func(a, b journal) int { return a.Began.Compare(b.Began) })
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.closed {
		return ErrClosed
	}
	for _, f := range found {
		if m.jobs[f.ID] != nil {
			continue
		}
		j := newJob(m, f.request(), f.Began)
		m.jobs[f.ID] = j
		j.tally.have.Store(f.Done.sum())
		if f.Size < 0 {
			j.tally.total.Store(f.Total)
		}
		if f.Intent == intentRun {
			j.start()
		} else {
			j.tell(Paused, nil)
		}
	}
	return nil
}

// unfinished reads one journal, and says whether it is for this engine to take
// up.
func (m *Manager) unfinished(key string) (journal, bool) {
	log := m.cfg.Log.With("key", key)
	part, err := m.cfg.Folder.OpenPart(key)
	if err != nil {
		log.Info("an unfinished download is left alone", "error", err)
		return journal{}, false
	}
	defer func() {
		if err := part.Close(); err != nil {
			log.Warn("the part could not be closed", "error", err)
		}
	}()
	b, err := m.cfg.Folder.LoadJournal(key)
	if err != nil {
		log.Warn("an unfinished download cannot be read", "error", err)
		return journal{}, false
	}
	j, err := decodeJournal(b)
	if err != nil {
		log.Warn("an unfinished download cannot be read", "error", err)
		return journal{}, false
	}
	if j.Scope != m.cfg.Scope || keyOf(j.Scope, j.ID) != key {
		return journal{}, false
	}
	r, err := j.request().clean()
	j.Name = r.Name
	return j, err == nil
}
