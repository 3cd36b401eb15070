package server

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"connectbackup/api"
	"connectbackup/api/calendar"
)

// With childEnv set, the test program is a server on the folder that it names,
// which is killed. childPlaceEnv is where its jobs stop and say so.
const (
	childEnv      = "CONNECT_SERVER_CHILD"
	childPlaceEnv = "CONNECT_SERVER_CHILD_PLACE"
)

// killPlaces are all the places where a job can be cut off.
var killPlaces = []string{
	"collecting departments", // the first module
	"file invoices.part",     // within a module
	"collecting visitors",    // the last module
	"packing ",
	"file archive.zip", // within the zip
	"verifying ",
	"renaming", // published, and not yet stored
	"renamed",
}

// childMain serves the folder until it is killed; it never ends by itself.
func childMain(dir, place string) int {
	stop := func(at string) {
		if at == place {
			fmt.Println("reached")
			select {} // until SIGKILL
		}
	}
	w, r, err := openFiles(dir)
	if err != nil {
		fmt.Println(err)
		return 1
	}
	c := Config{Write: w, Read: r, Dir: dir, Clock: func() time.Time { return noon }}
	c.Pace = func(ctx context.Context, stage api.Stage, module string) error {
		stop(string(stage) + " " + module)
		return ctx.Err()
	}
	s := newServer(c)
	s.newFile = func(path string) (jobFile, error) {
		f, err := createFile(path)
		return &stoppingFile{f, func() { stop("file " + filepath.Base(path)) }}, err
	}
	s.rename = func(from, to string) error {
		stop("renaming")
		err := os.Rename(from, to)
		stop("renamed")
		return err
	}
	fmt.Println("open")
	if err := s.start(context.Background()); err != nil {
		fmt.Println(err)
		return 1
	}
	select {}
}

// stoppingFile writes half of the first piece, and stops.
type stoppingFile struct {
	jobFile
	stop func()
}

func (f *stoppingFile) Write(b []byte) (int, error) {
	n, err := f.jobFile.Write(b[:len(b)/2])
	if err != nil {
		return n, err
	}
	f.stop()
	rest, err := f.jobFile.Write(b[n:])
	return n + rest, err
}

// child starts a server in a process of its own. kill ends it as a power cut
// would, but for what the disk has not got yet.
func child(t *testing.T, dir, place string) (said *bufio.Reader, kill func()) {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	c := exec.Command(self)
	c.Env = append(os.Environ(), childEnv+"="+dir, childPlaceEnv+"="+place)
	c.Stderr = os.Stderr
	out, err := c.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	ended := false
	kill = func() {
		if ended {
			return
		}
		ended = true
		if err := c.Process.Kill(); err != nil {
			t.Error(err)
		}
		if err := c.Wait(); err == nil {
			t.Error("the child ended by itself")
		}
	}
	t.Cleanup(kill)
	return bufio.NewReader(out), kill
}

func expect(t *testing.T, from *bufio.Reader, want string) {
	t.Helper()
	for {
		line, err := from.ReadString('\n')
		if strings.TrimSpace(line) == want {
			return
		}
		if err == io.EOF || err != nil {
			t.Fatalf("the child said %q, not %q: %v", line, want, err)
		}
	}
}

// pendingWorld is a folder with pending backups that nobody makes yet.
func pendingWorld(t *testing.T, wanted ...api.NewBackup) (dir string, ids []string) {
	t.Helper()
	g := newGate(api.StageCollecting, "departments")
	w := newWorld(t, g.config, func(c *Config) { c.Workers = 1 })
	auth := w.demo()
	for _, n := range wanted {
		ids = append(ids, w.create(auth, n).ID)
	}
	w.close()
	return w.dir, ids
}

// sound fails the test unless the backup is complete and its archive in order.
func (w *world) sound(auth, id string, records int64) {
	w.Helper()
	b := w.ended(id)
	if b.Status != api.StatusCompleted || b.Completeness != api.Complete {
		w.Fatalf("%+v, %+v", b, b.Error)
	}
	var n int64
	for _, m := range b.Modules {
		n += m.Records
	}
	if n != records {
		w.Errorf("%d records, not %d", n, records)
	}
	_, files := w.archiveOf(auth, id)
	checkSums(w.T, files)
}

func TestAKilledServerStartsItsJobsAgain(t *testing.T) {
	reference := newWorld(t)
	var records int64
	for _, m := range reference.make(reference.demo(), request("Reference")).Modules {
		records += m.Records
	}
	for _, place := range killPlaces {
		t.Run(place, func(t *testing.T) {
			dir, ids := pendingWorld(t, request("Killed"))
			said, kill := child(t, dir, place)
			expect(t, said, "reached")
			kill()
			w := openWorld(t, dir)
			w.sound(w.demo(), ids[0], records)
			if left := w.untidied(); len(left) > 0 {
				t.Errorf("left %v", left)
			}
		})
	}
}

func TestAServerKilledThreeTimesGivesItsJobUp(t *testing.T) {
	for _, place := range []string{killPlaces[1], killPlaces[len(killPlaces)-1]} {
		dir, ids := pendingWorld(t, request("Deadly"))
		for range attemptsMax {
			said, kill := child(t, dir, place)
			expect(t, said, "reached")
			kill()
		}
		w := openWorld(t, dir)
		got := w.ended(ids[0])
		if got.Status != api.StatusFailed || got.Error.Detail != "The server tried 3 times and was cut off each time." {
			t.Errorf("%s: %+v %+v", place, got, got.Error)
		}
		if slices.Contains(w.left("archives"), got.ID+".zip") || len(w.untidied()) > 0 {
			t.Errorf("%s: left %v %v", place, w.left("archives"), w.untidied())
		}
	}
}

// TestAServerKilledAtAnyMoment kills at moments that nobody chose: what the
// server calls completed is whole, and nothing waits for ever.
func TestAServerKilledAtAnyMoment(t *testing.T) {
	today := calendar.DayOf(noon, time.UTC)
	var wanted []api.NewBackup
	for i := range 4 {
		wanted = append(wanted, api.NewBackup{Title: fmt.Sprint("Any moment ", i), From: today.AddMonths(-20), Till: today})
	}
	dir, ids := pendingWorld(t, wanted...)
	random := rand.New(rand.NewPCG(2026, 11))
	for range 6 {
		said, kill := child(t, dir, "")
		expect(t, said, "open")
		<-time.After(time.Duration(random.IntN(120)) * time.Millisecond)
		kill()
	}
	w := openWorld(t, dir)
	auth := w.demo()
	whole := w.make(auth, api.NewBackup{Title: "After it", From: today.AddMonths(-20), Till: today})
	var records int64
	for _, m := range whole.Modules {
		records += m.Records
	}
	for _, id := range ids {
		if b := w.ended(id); b.Status == api.StatusFailed {
			if !strings.Contains(b.Error.Detail, "cut off") {
				t.Errorf("%+v", b.Error)
			}
			continue
		}
		w.sound(auth, id, records)
	}
	if left := w.untidied(); len(left) > 0 {
		t.Errorf("left %v", left)
	}
}
