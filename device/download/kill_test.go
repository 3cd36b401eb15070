package download_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
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

// noting is a Folder that notes how much of the part was synced, and the last
// two journals: what a power cut leaves at least, and at most.
type noting struct {
	*device.Folder
	to string
}

func (n *noting) OpenPart(key string) (download.Part, error) {
	p, err := n.Folder.OpenPart(key)
	if err != nil {
		return nil, err
	}
	return &notingPart{p, n.to}, nil
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
}

func (p *notingPart) Sync() error {
	size, err := p.Size()
	if err == nil {
		err = p.Part.Sync()
	}
	if err == nil && p.to != "" {
		err = note(p.to, "synced", strconv.AppendInt(nil, size, 10))
	}
	return err
}

func (p *notingPart) Truncate(size int64) error {
	if p.to != "" { // what is cut off is gone at once
		if synced := syncedBytes(p.to); synced > size {
			if err := note(p.to, "synced", strconv.AppendInt(nil, size, 10)); err != nil {
				return err
			}
		}
	}
	return p.Part.Truncate(size)
}

// syncedBytes is how much of the part was noted as synced.
func syncedBytes(dir string) int64 {
	b, err := os.ReadFile(filepath.Join(dir, "synced"))
	if err != nil {
		return 0
	}
	n, err := strconv.ParseInt(string(b), 10, 64)
	if err != nil {
		panic(err)
	}
	return n
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

// paced serves a file at about 64 MB/s, and counts what went out.
type paced struct {
	file file

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
		pass(time.Millisecond)
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
	files  int // that came to their end
	most   int64
}

func newKilling(t *testing.T) *killing {
	t.Helper()
	k := &killing{T: t, server: &paced{file: randomFile(24 << 20)}, dir: newFolder(t), notes: t.TempDir()}
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
	there := k.server.listen(rand.Int64N(12 << 20))
	ctx, cancel := context.WithTimeout(k.Context(), time.Minute)
	defer cancel()
	var said bytes.Buffer
	cmd := exec.CommandContext(ctx, self)
	cmd.Env = append(os.Environ(), childURL+"="+k.url, childDir+"="+k.dir.dir, childNote+"="+k.notes,
		childSum+"="+digest(k.server.file.data)+" "+strconv.Itoa(len(k.server.file.data)))
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

// look checks what is there after a kill: no file but the right one, of which
// there are then no leftovers. It returns what the journal claims, how long the
// part is, and how old the journal was.
func (k *killing) look() (claims, length int64, age time.Duration) {
	k.Helper()
	killed := time.Now()
	target := filepath.Join(k.dir.dir, "acme.zip")
	if b, err := os.ReadFile(target); err == nil {
		if !bytes.Equal(b, k.server.file.data) {
			k.Fatalf("a file of %d bytes, and wrong", len(b))
		}
		return -1, 0, 0
	}
	journals, err := filepath.Glob(filepath.Join(k.dir.dir, ".*.journal"))
	must(k, err)
	parts, err := filepath.Glob(filepath.Join(k.dir.dir, ".*.part"))
	must(k, err)
	if len(parts) == 1 {
		info, err := os.Stat(parts[0])
		must(k, err)
		length = info.Size()
	}
	if len(journals) == 1 {
		info, err := os.Stat(journals[0])
		must(k, err)
		age = killed.Sub(info.ModTime())
		claims = download.FrontOf(read(k.T, journals[0]))
	}
	return claims, length, age
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
	for _, name := range []string{"synced", "synced.before", "journal", "journal.before"} {
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
		download.Request{ID: k.url, Name: "acme.zip", Size: int64(len(f.data)), SHA256: digest(f.data), Clash: download.Replace}, nil)
	if err != nil {
		k.Fatal(err)
	}
	k.dir.holds(k.T, map[string][]byte{"acme.zip": f.data})
	http.DefaultClient.CloseIdleConnections()
	return res
}

const lostMost = 8<<20 + 256<<10 // a journal's worth of bytes, and one buffer

// Killed without warning at random moments, again and again, a download goes on
// where it was: no wrong byte, and at most 8 MiB or 2 s are fetched again.
func TestD28_Killed(t *testing.T) {
	k := newKilling(t)
	var before, known int64 // in the part, and of that in the journal, after the last kill
	for killed := 0; killed < k.kills(); {
		if k.once() {
			killed++
		}
		from := k.server.asked()
		claims, length, age := k.look()
		// A system that tells one boot from another loses nothing but what came
		// before the first journal; any other one, what the journal did not know.
		kept := known
		if download.KnowsBoots() && known > 0 {
			kept = before
		}
		if from >= 0 && from < kept {
			t.Errorf("asked from %d with %d in the part and %d in the journal", from, before, known)
		}
		if claims < 0 {
			k.clear()
			before, known = 0, 0
			continue
		}
		before, known = length, claims
		lost := length - claims
		k.most = max(k.most, lost)
		if lost > lostMost && age > 2200*time.Millisecond {
			t.Errorf("the journal claims %d of %d bytes and was %v old", claims, length, age)
		}
	}
	res := k.finish()
	t.Logf("%d kills, %d files came to their end meanwhile, at most %d KiB were not in the journal; the last run had %d KiB",
		k.kills(), k.files, k.most>>10, res.Resumed>>10)
}

// The power goes out: of the part only what was synced is there, and of the
// rest nothing, zeros or rubbish; the journal is the last or the one before.
// The bytes that the journal claims are there, and the file is right in the end.
func TestD29_PowerLoss(t *testing.T) {
	k := newKilling(t)
	for killed := 0; killed < k.kills(); {
		if k.once() {
			killed++
		}
		claims, length, _ := k.look()
		if claims < 0 {
			k.clear()
			continue
		}
		if length > 0 {
			k.cutPower(length)
		}
		if killed%10 == 0 { // a download that comes to its end
			k.finish()
			k.clear()
		}
	}
	k.finish()
	t.Logf("%d power cuts, %d files came to their end meanwhile", k.kills(), k.files)
}

// cutPower makes part and journal what a power cut could leave of them.
func (k *killing) cutPower(length int64) {
	k.Helper()
	synced := min(syncedBytes(k.notes), length)
	journals, err := filepath.Glob(filepath.Join(k.dir.dir, ".*.journal"))
	must(k, err)
	if len(journals) == 1 {
		name := []string{"journal", "journal.before"}[rand.IntN(2)]
		b, err := os.ReadFile(filepath.Join(k.notes, name))
		if err != nil {
			b = read(k.T, journals[0])
		}
		if front := download.FrontOf(b); front > synced {
			k.Errorf("the journal claims %d bytes, %d were synced", front, synced)
		}
		put(k.T, filepath.Join(k.notes, "journal"), b) // the other one never was
		if err := os.Remove(filepath.Join(k.notes, "journal.before")); err != nil && !errors.Is(err, os.ErrNotExist) {
			k.Fatal(err)
		}
		put(k.T, journals[0], download.Edit(k.T, b, func(_ *[]byte, boot *string) { *boot = "before the power cut" }))
	}
	parts, err := filepath.Glob(filepath.Join(k.dir.dir, ".*.part"))
	must(k, err)
	if len(parts) != 1 {
		return
	}
	part, err := os.OpenFile(parts[0], os.O_RDWR, 0)
	must(k, err)
	defer func() { must(k, part.Close()) }()
	kept := synced + rand.Int64N(length-synced+1)
	must(k, part.Truncate(kept))
	switch rand.IntN(3) {
	case 0: // the length is there, the bytes are not
		must(k, part.Truncate(synced))
		must(k, part.Truncate(kept))
	case 1:
		rubbish := make([]byte, kept-synced)
		for i := range rubbish {
			rubbish[i] = byte(i) | 1
		}
		_, err := part.WriteAt(rubbish, synced)
		must(k, err)
	}
}
