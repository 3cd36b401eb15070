package download_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"connectbackup/device"
	"connectbackup/device/download"
)

// The environment that makes this test binary a child that downloads.
const (
	childURL  = "DOWNLOAD_TEST_URL"
	childDir  = "DOWNLOAD_TEST_DIR"
	childSum  = "DOWNLOAD_TEST_SUM"  // SHA-256 and size
	childNote = "DOWNLOAD_TEST_NOTE" // folder where it notes what is safe from a power cut
)

// killsEnv is how many children are killed; make torture sets it to 200.
const killsEnv = "CONNECT_BACKUP_KILLS"

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
		Source: httpSource{http.DefaultClient},
		Folder: &noting{device.OpenFolder(os.Getenv(childDir)), os.Getenv(childNote)},
	}, download.Request{ID: url, Name: "acme.zip", Size: n, SHA256: sum}, nil)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(4)
	}
	return true
}

// noting is a Folder that notes which bytes of the part were synced, and the
// last two journals: what a power cut leaves at least, and at most.
type noting struct {
	*device.Folder
	to string
}

func (n *noting) OpenPart(key string) (download.Part, error) {
	p, err := n.Folder.OpenPart(key)
	if err != nil || n.to == "" {
		return p, err
	}
	size, err := p.Size()
	if err != nil {
		return nil, errors.Join(err, p.Close())
	}
	// The next sync makes safe what an earlier child wrote, too.
	return &notingPart{Part: p, to: n.to, written: runs{{0, size}}}, nil
}

func (n *noting) SaveJournal(key string, b []byte) error {
	err := n.Folder.SaveJournal(key, b)
	if err == nil && n.to != "" {
		err = note(n.to, "journal", b)
	}
	return err
}

type notingPart struct {
	download.Part
	to string

	mu      sync.Mutex
	written runs
}

func (p *notingPart) WriteAt(b []byte, at int64) (int, error) {
	n, err := p.Part.WriteAt(b, at)
	p.mu.Lock()
	defer p.mu.Unlock()
	p.written = p.written.add(at, at+int64(n))
	return n, err
}

// Sync makes safe what was written before it was called.
func (p *notingPart) Sync() error {
	p.mu.Lock()
	safe := slices.Clone(p.written)
	p.mu.Unlock()
	if err := p.Part.Sync(); err != nil {
		return err
	}
	return noteRuns(p.to, safe)
}

// Truncate cuts off at once, synced or not.
func (p *notingPart) Truncate(size int64) error {
	p.mu.Lock()
	p.written = p.written.cut(size)
	p.mu.Unlock()
	if err := noteRuns(p.to, syncedRuns(p.to).cut(size)); err != nil {
		return err
	}
	return p.Part.Truncate(size)
}

// runs are bytes of a part, each run from its first to before its second
// number; in any order, and one may be in several.
type runs [][2]int64

func (r runs) add(from, to int64) runs {
	for i := range r {
		if r[i][1] == from {
			r[i][1] = to
			return r
		}
	}
	return append(r, [2]int64{from, to})
}

// cut is what is left of them in a part of that size.
func (r runs) cut(size int64) runs {
	var out runs
	for _, run := range r {
		if run[0] < size {
			out = append(out, [2]int64{run[0], min(run[1], size)})
		}
	}
	return out
}

func (r runs) end() int64 {
	var end int64
	for _, run := range r {
		end = max(end, run[1])
	}
	return end
}

func noteRuns(dir string, r runs) error {
	b, err := json.Marshal(r)
	if err != nil {
		return err
	}
	return replaceNote(filepath.Join(dir, "synced"), b)
}

// syncedRuns is what of the part was noted as synced.
func syncedRuns(dir string) runs {
	b, err := os.ReadFile(filepath.Join(dir, "synced"))
	if err != nil {
		return nil
	}
	var r runs
	if err := json.Unmarshal(b, &r); err != nil {
		panic(err)
	}
	return r
}

// note writes a note in one step, and keeps the one before it.
func note(dir, name string, b []byte) error {
	path := filepath.Join(dir, name)
	old, err := os.ReadFile(path)
	if err == nil {
		err = replaceNote(path+".before", old)
	}
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	return replaceNote(path, b)
}

func replaceNote(path string, b []byte) error {
	if err := os.WriteFile(path+".new", b, 0o600); err != nil {
		return err
	}
	return os.Rename(path+".new", path)
}

// paced serves a file, and counts what went out.
type paced struct {
	file  file
	pause atomic.Int64 // nanoseconds, of each connection after 64 KiB: 1 ms makes 64 MB/s of it

	mu   sync.Mutex
	from int64 // of the last request
	sent int64 // since hear
	hear int64 // tell when so many bytes are out; negative: never
	told chan struct{}
}

func (p *paced) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	var from int64
	if text, ok := strings.CutPrefix(r.Header.Get("Range"), "bytes="); ok {
		from, _ = strconv.ParseInt(strings.TrimSuffix(text, "-"), 10, 64)
	}
	p.mu.Lock()
	p.from = from
	p.mu.Unlock()
	w.Header().Set("ETag", p.file.tag)
	http.ServeContent(&pacedWriter{w, p}, r, "", time.Time{}, bytes.NewReader(p.file.data))
}

// listen begins to count.
func (p *paced) listen(hear int64) <-chan struct{} {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.from, p.sent, p.hear, p.told = -1, 0, hear, make(chan struct{})
	return p.told
}

func (p *paced) count(n int64) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.sent += n
	if p.hear >= 0 && p.sent >= p.hear {
		p.hear = -1
		close(p.told)
	}
}

func (p *paced) asked() int64 {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.from
}

type pacedWriter struct {
	http.ResponseWriter
	p *paced
}

func (w *pacedWriter) Write(b []byte) (int, error) {
	for at := 0; at < len(b); {
		n, err := w.ResponseWriter.Write(b[at:min(at+64<<10, len(b))])
		at += n
		w.p.count(int64(n))
		if err != nil {
			return at, err
		}
		pass(time.Duration(w.p.pause.Load()))
	}
	return len(b), nil
}

// killing downloads one file after the other with children that are killed.
type killing struct {
	*testing.T
	server *paced
	url    string
	dir    *folder
	notes  string
	sum    string
	within int64 // a child is killed before so many bytes went out
	files  int   // that came to their end
	most   int64
}

func newKilling(t *testing.T, size int, pause time.Duration) *killing {
	t.Helper()
	k := &killing{T: t, server: &paced{file: randomFile(size)}, dir: newFolder(t), notes: t.TempDir(), within: 12 << 20}
	k.sum = digest(k.server.file.data)
	k.server.pause.Store(int64(pause))
	server := httptest.NewServer(k.server)
	t.Cleanup(server.Close)
	t.Cleanup(server.CloseClientConnections)
	k.url = server.URL
	return k
}

func (k *killing) kills() int {
	n, err := strconv.Atoi(os.Getenv(killsEnv))
	if err != nil || n < 1 {
		return 20
	}
	return n
}

// once starts a child and kills it at a random moment: before it asks, while
// bytes come, while the rest is checked, synced, renamed. False: it was faster.
func (k *killing) once() bool {
	k.Helper()
	self, err := os.Executable()
	must(k, err)
	there := k.server.listen(rand.Int64N(k.within))
	ctx, cancel := context.WithTimeout(k.Context(), time.Minute)
	defer cancel()
	var said bytes.Buffer
	cmd := exec.CommandContext(ctx, self)
	cmd.Env = append(os.Environ(), childURL+"="+k.url, childDir+"="+k.dir.dir, childNote+"="+k.notes,
		childSum+"="+k.sum+" "+strconv.Itoa(len(k.server.file.data)))
	cmd.Stderr = &said
	must(k, cmd.Start())
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	early := time.After(time.Hour)
	if rand.IntN(5) == 0 { // at a moment that no byte tells of
		early = time.After(rand.N(200 * time.Millisecond))
	}
	select {
	case <-there:
		pass(rand.N(40 * time.Millisecond))
	case <-early:
	case err := <-ended:
		ended <- err
	case <-ctx.Done():
		k.Fatal("the child got nowhere")
	}
	_ = cmd.Process.Kill() // SIGKILL; it may have ended by itself
	err = <-ended
	var exit *exec.ExitError
	if errors.As(err, &exit) && exit.Exited() {
		k.Fatalf("the child failed: %v: %s", err, said.String())
	}
	return err != nil
}

// remains are what a kill left.
type remains struct {
	file    bool // the file itself is there, and nothing of the rest counts
	part    []byte
	claims  runs  // of the journal
	front   int64 // how much of that is there without a gap
	journal string
	age     time.Duration // of the journal
}

// look checks what is there after a kill: no file but the right one, and no
// byte that the journal claims and that is not right.
func (k *killing) look() remains {
	k.Helper()
	killed := time.Now()
	if b, err := os.ReadFile(filepath.Join(k.dir.dir, "acme.zip")); err == nil {
		if !bytes.Equal(b, k.server.file.data) {
			k.Fatalf("a file of %d bytes, and wrong", len(b))
		}
		return remains{file: true}
	}
	var r remains
	if part := k.hidden("part"); part != "" {
		r.part = read(k.T, part)
	}
	if r.journal = k.hidden("journal"); r.journal != "" {
		info, err := os.Stat(r.journal)
		must(k, err)
		b := read(k.T, r.journal)
		r.age, r.claims, r.front = killed.Sub(info.ModTime()), download.ClaimsOf(b), download.FrontOf(b)
	}
	for _, c := range r.claims {
		if c[1] > int64(len(r.part)) || !bytes.Equal(r.part[c[0]:c[1]], k.server.file.data[c[0]:c[1]]) {
			k.Fatalf("the journal claims %v of a part of %d bytes, and not all of that is right", r.claims, len(r.part))
		}
	}
	return r
}

// hidden is the path of the part or journal; empty if there is none.
func (k *killing) hidden(kind string) string {
	k.Helper()
	paths, err := filepath.Glob(filepath.Join(k.dir.dir, ".*."+kind))
	must(k, err)
	if len(paths) > 1 {
		k.Fatalf("%v", paths)
	}
	return strings.Join(paths, "")
}

// clear takes a finished file away, for the next one.
func (k *killing) clear() {
	k.Helper()
	k.files++
	must(k, os.Remove(filepath.Join(k.dir.dir, "acme.zip")))
	left, err := filepath.Glob(filepath.Join(k.dir.dir, ".*"))
	must(k, err)
	for _, path := range left { // of a kill between the rename and the end
		must(k, os.Remove(path))
	}
	for _, name := range []string{"synced", "journal", "journal.before"} {
		if err := os.Remove(filepath.Join(k.notes, name)); err != nil && !errors.Is(err, os.ErrNotExist) {
			k.Fatal(err)
		}
	}
}

// finish downloads what is left, and checks the file.
func (k *killing) finish() download.Result {
	k.Helper()
	k.server.listen(-1)
	f := k.server.file
	res, err := download.Fetch(k.Context(), download.Config{Source: httpSource{http.DefaultClient}, Folder: device.OpenFolder(k.dir.dir)},
		download.Request{ID: k.url, Name: "acme.zip", Size: int64(len(f.data)), SHA256: k.sum, Clash: download.Replace}, nil)
	if err != nil {
		k.Fatal(err)
	}
	k.dir.holds(k.T, map[string][]byte{"acme.zip": f.data})
	http.DefaultClient.CloseIdleConnections()
	return res
}

const lostMost = 8<<20 + 256<<10 // a journal's worth of bytes, and one buffer

// lose fails the test when a kill lost more than it may.
func (k *killing) lose(bytes int64, r remains) {
	k.Helper()
	k.most = max(k.most, bytes)
	if bytes > lostMost && r.age > 2200*time.Millisecond {
		k.Errorf("the journal lacks %d of %d bytes and was %v old", bytes, len(r.part), r.age)
	}
}

// Killed without warning at random moments, again and again, a download goes on
// where it was: no wrong byte, and at most 8 MiB or 2 s are fetched again.
func TestD28_Killed(t *testing.T) {
	t.Parallel()
	k := newKilling(t, 24<<20, time.Millisecond)
	var before, known int64 // in the part, and of that in the journal, after the last kill
	for killed := 0; killed < k.kills(); {
		if k.once() {
			killed++
		}
		from := k.server.asked()
		r := k.look()
		// A system that tells one boot from another loses nothing but what came
		// before the first journal; any other one, what the journal did not know.
		kept := known
		if download.KnowsBoots() && known > 0 {
			kept = before
		}
		if from >= 0 && from < kept {
			t.Errorf("asked from %d with %d in the part and %d in the journal", from, before, known)
		}
		if r.file {
			k.clear()
			before, known = 0, 0
			continue
		}
		before, known = int64(len(r.part)), r.front
		k.lose(before-known, r)
	}
	res := k.finish()
	t.Logf("%d kills, %d files came to their end meanwhile, at most %d KiB were not in the journal; the last run had %d KiB",
		k.kills(), k.files, k.most>>10, res.Resumed>>10)
}

// The power goes out: of the part only what was synced is there, and of the
// rest nothing, zeros or rubbish; the journal is the last or the one before.
// The bytes that the journal claims are there, and the file is right in the end.
func TestD29_PowerLoss(t *testing.T) {
	t.Parallel()
	k := newKilling(t, 24<<20, time.Millisecond)
	for killed := 0; killed < k.kills(); {
		if k.once() {
			killed++
		}
		r := k.look()
		if r.file {
			k.clear()
			continue
		}
		if len(r.part) > 0 {
			k.cutPower(r)
		}
		if killed%10 == 0 { // a download that comes to its end
			k.finish()
			k.clear()
		}
	}
	k.finish()
	t.Logf("%d power cuts, %d files came to their end meanwhile", k.kills(), k.files)
}

// The same with several connections, whose bytes lie between holes, and with
// mere kills between the power cuts.
func TestD29_PowerLossBetweenHoles(t *testing.T) {
	t.Parallel()
	const pause, size = 10 * time.Millisecond, 64 << 20
	k := newKilling(t, size, pause)
	k.within = 24 << 20 // later than elsewhere: further connections are there first
	holes := 0
	var before remains
	for killed := 0; killed < k.kills(); {
		if k.once() {
			killed++
		}
		r := k.look()
		if !r.file {
			k.lose(k.lost(before, r), r)
			if len(r.claims) > 1 {
				holes++
			}
			before = r
			if len(r.part) > 0 && rand.IntN(2) == 0 {
				before = k.cutPower(r)
			}
			if size-total(before.claims) > 24<<20 { // enough for further connections
				continue
			}
			k.server.pause.Store(0)
			k.finish()
			k.server.pause.Store(int64(pause))
		}
		k.clear()
		before = remains{}
	}
	k.finish()
	if holes < k.kills()/4 {
		t.Errorf("holes after %d of %d kills", holes, k.kills())
	}
	t.Logf("%d kills, %d of them between holes, %d files came to their end meanwhile, at most %d KiB were not in the journal",
		k.kills(), holes, k.files, k.most>>10)
}

// total is how many bytes there are in runs that do not overlap.
func total(r runs) int64 {
	var n int64
	for _, run := range r {
		n += run[1] - run[0]
	}
	return n
}

// lost is how many bytes came since before, and are not in the journal now.
func (k *killing) lost(before, now remains) int64 {
	const block = 4 << 10
	var n int64
	for from := int64(0); from+block <= int64(len(now.part)); from += block {
		want := k.server.file.data[from : from+block]
		here := func(r remains) bool {
			return from+block <= int64(len(r.part)) && bytes.Equal(r.part[from:from+block], want)
		}
		claimed := slices.ContainsFunc(now.claims, func(c [2]int64) bool { return c[0] < from+block && from < c[1] })
		if !claimed && here(now) && !here(before) {
			n += block
		}
	}
	return n
}

// cutPower makes part and journal what a power cut could leave of them.
func (k *killing) cutPower(r remains) remains {
	k.Helper()
	synced := syncedRuns(k.notes).cut(int64(len(r.part)))
	if r.journal != "" {
		name := []string{"journal", "journal.before"}[rand.IntN(2)]
		b, err := os.ReadFile(filepath.Join(k.notes, name))
		if err != nil {
			b = read(k.T, r.journal)
		}
		put(k.T, filepath.Join(k.notes, "journal"), b) // the other one never was
		if err := os.Remove(filepath.Join(k.notes, "journal.before")); err != nil && !errors.Is(err, os.ErrNotExist) {
			k.Fatal(err)
		}
		put(k.T, r.journal, download.Edit(k.T, b, func(_ *[]byte, boot *string) { *boot = "before the power cut" }))
	}
	left := make([]byte, synced.end()+rand.Int64N(int64(len(r.part))-synced.end()+1))
	switch rand.IntN(3) {
	case 0: // the length is there, the bytes are not
	case 1:
		for i := range left {
			left[i] = byte(i) | 1
		}
	case 2:
		copy(left, r.part)
	}
	for _, run := range synced {
		copy(left[run[0]:run[1]], r.part[run[0]:])
	}
	put(k.T, k.hidden("part"), left)
	return k.look() // what the journal claims was synced
}
