package app

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/test"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"
	_ "modernc.org/sqlite"

	"connectbackup/api"
	"connectbackup/app/core"
	"connectbackup/device"
	"connectbackup/screens"
	"connectbackup/screens/widgets"
)

// person sits before the whole app: real screens, the real core, the embedded
// server. Only the window is Fyne's test driver. What comes back from other
// goroutines waits in a queue that only the test's goroutine drains.
type person struct {
	*testing.T
	window    fyne.Window
	frame     *frame
	core      *core.Core
	downloads string
	data      string // the app's own folder
	told      *told
	holding   atomic.Bool   // jobs on the server stand still
	release   chan struct{} // closed to let them go on

	mu    sync.Mutex
	queue []func()
	news  chan struct{}
}

// told is a notification daemon that only remembers.
type told struct {
	mu  sync.Mutex
	all []device.Notification
}

func (n *told) Notify(x device.Notification) error {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.all = append(n.all, x)
	return nil
}

func (n *told) Close() error { return nil }

func (n *told) titles() []string {
	n.mu.Lock()
	defer n.mu.Unlock()
	var titles []string
	for _, x := range n.all {
		titles = append(titles, x.Title)
	}
	return titles
}

// newPerson starts the app for the first time. server is the data folder of an
// embedded server with the demo in it, which is copied.
func newPerson(t *testing.T, size fyne.Size, server string) *person {
	t.Helper()
	for _, name := range []string{"LANGUAGE", "LC_ALL", "LANG"} {
		t.Setenv(name, "en_GB.UTF-8")
	}
	test.NewTempApp(t).Settings().SetTheme(widgets.NewFixedTheme(theme.VariantLight))
	p := &person{T: t, news: make(chan struct{}, 1), release: make(chan struct{}), told: &told{}}
	root := t.TempDir()
	p.downloads = filepath.Join(root, "Downloads")
	paths := core.PathsIn(root, p.downloads)
	p.data = paths.Data
	if err := os.CopyFS(filepath.Join(paths.Data, "server"), os.DirFS(server)); err != nil {
		t.Fatal(err)
	}
	c, err := core.Open(core.Options{
		Paths: paths, Notifier: p.told, Secrets: device.OpenFileSecrets(paths.Config),
		Pace: p.pace, Poll: func(int) time.Duration { return 20 * time.Millisecond },
	})
	if err != nil {
		t.Fatal(err)
	}
	p.core = c
	p.window = test.NewTempWindow(t, nil)
	hops := screens.Hops{Go: func(f func()) { go f() }, UI: p.later}
	p.frame = newFrame(p.window, hops, core.Explain)
	p.window.Resize(size)
	p.frame.begin(needsOf(c, hops), c.Downloads().Active)
	t.Cleanup(func() {
		p.frame.end()
		if err := c.Close(); err != nil {
			t.Error(err)
		}
	})
	return p
}

// pace holds the server's jobs where a person wants to see them.
func (p *person) pace(ctx context.Context, _ api.Stage, _ string) error {
	if !p.holding.Load() {
		return nil
	}
	select {
	case <-p.release:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (p *person) later(f func()) {
	p.mu.Lock()
	p.queue = append(p.queue, f)
	p.mu.Unlock()
	select {
	case p.news <- struct{}{}:
	default:
	}
}

func (p *person) drain() {
	for {
		p.mu.Lock()
		if len(p.queue) == 0 {
			p.mu.Unlock()
			return
		}
		f := p.queue[0]
		p.queue = p.queue[1:]
		p.mu.Unlock()
		f()
	}
}

// until drains the queue until the condition holds.
func (p *person) until(what string, condition func() bool) {
	p.Helper()
	deadline := time.After(2 * time.Minute)
	for {
		p.drain()
		if condition() {
			return
		}
		select {
		case <-p.news:
		case <-deadline:
			p.Fatalf("%s did not come about; to be seen is:\n%s", what, p.sees())
		}
	}
}

// walk visits what is drawn in front, from the outside in.
func (p *person) walk(visit func(o fyne.CanvasObject, path []fyne.CanvasObject)) {
	var step func(o fyne.CanvasObject, path []fyne.CanvasObject)
	step = func(o fyne.CanvasObject, path []fyne.CanvasObject) {
		if o == nil || !o.Visible() {
			return
		}
		visit(o, path)
		path = append(slices.Clone(path), o)
		switch x := o.(type) {
		case *fyne.Container:
			for _, child := range x.Objects {
				step(child, path)
			}
		case fyne.Widget:
			for _, child := range test.WidgetRenderer(x).Objects() {
				step(child, path)
			}
		}
	}
	if top := p.window.Canvas().Overlays().Top(); top != nil {
		step(top, nil)
		return
	}
	step(p.window.Content(), nil)
}

func wordsOf(o fyne.CanvasObject) string {
	switch x := o.(type) {
	case *widgets.Text:
		return x.Text
	case *canvas.Text:
		return x.Text
	case *widget.Label:
		return x.Text
	case fyne.Accessible:
		return x.AccessibilityLabel()
	}
	return ""
}

func (p *person) sees() string {
	var b strings.Builder
	p.walk(func(o fyne.CanvasObject, _ []fyne.CanvasObject) {
		if t, ok := o.(*widgets.Text); ok && t.Text != "" {
			fmt.Fprintln(&b, t.Text)
		}
	})
	return b.String()
}

func (p *person) waitToSee(words string) {
	p.Helper()
	p.until(fmt.Sprintf("%q", words), func() bool { return strings.Contains(p.sees(), words) })
}

// control finds what a tap on those words presses.
func (p *person) control(words string) fyne.CanvasObject {
	var found fyne.CanvasObject
	p.walk(func(o fyne.CanvasObject, path []fyne.CanvasObject) {
		if found != nil || wordsOf(o) != words {
			return
		}
		all := append(slices.Clone(path), o)
		for _, x := range slices.Backward(all) {
			if _, ok := x.(fyne.Tappable); ok {
				found = x
				return
			}
		}
	})
	return found
}

// tap waits for those words and taps where they stand.
func (p *person) tap(words string) {
	p.Helper()
	p.until(fmt.Sprintf("something to tap called %q", words), func() bool { return p.control(words) != nil })
	o := p.control(words)
	place := func() fyne.Position {
		return fyne.CurrentApp().Driver().AbsolutePositionForObject(o).AddXY(o.Size().Width/2, o.Size().Height/2)
	}
	if y := place().Y; y > p.window.Canvas().Size().Height-90 || y < 0 {
		p.scrollTo(o)
	}
	test.TapCanvas(p.window.Canvas(), place())
	p.drain()
}

// scrollTo moves the scroller that o is in.
func (p *person) scrollTo(o fyne.CanvasObject) {
	d := fyne.CurrentApp().Driver()
	p.walk(func(x fyne.CanvasObject, path []fyne.CanvasObject) {
		if x != o {
			return
		}
		for _, around := range slices.Backward(path) {
			if s, ok := around.(fyne.Scrollable); ok {
				top, at := d.AbsolutePositionForObject(around), d.AbsolutePositionForObject(o)
				s.Scrolled(&fyne.ScrollEvent{Scrolled: fyne.Delta{DY: top.Y + 40 - at.Y}})
				return
			}
		}
	})
}

// fill types over what stands in the field of that name.
func (p *person) fill(label, text string) {
	p.Helper()
	var field *widgets.Field
	p.walk(func(o fyne.CanvasObject, _ []fyne.CanvasObject) {
		if f, ok := o.(*widgets.Field); ok && f.Label == label {
			field = f
		}
	})
	if field == nil {
		p.Fatalf("no field %q in:\n%s", label, p.sees())
	}
	p.window.Canvas().Focus(field)
	field.TypedShortcut(&fyne.ShortcutSelectAll{})
	field.TypedKey(&fyne.KeyEvent{Name: fyne.KeyBackspace})
	test.Type(field, text)
	if field.Text != text {
		p.Fatalf("%s holds %q after typing %q", label, field.Text, text)
	}
}

// chips are the words of the pills in front.
func (p *person) chips() map[string]widgets.Tone {
	all := map[string]widgets.Tone{}
	p.walk(func(o fyne.CanvasObject, _ []fyne.CanvasObject) {
		if c, ok := o.(*widgets.Chip); ok {
			all[c.Text] = c.Tone
		}
	})
	return all
}

// TestJourney is the main job as a person does it, by tapping and typing, from
// the first start to the extracted files (S5 to S45).
func TestJourney(t *testing.T) {
	server := demoServer(t)
	for name, size := range map[string]fyne.Size{"phone": fyne.NewSize(412, 892), "desk": fyne.NewSize(1000, 720)} {
		t.Run(name, func(t *testing.T) { journey(newPerson(t, size, server)) })
	}
}

// TestSessionEnds has the server end the session of somebody who is using the
// app: every screen says so and leads to the sign-in, what was seen stays, and
// after signing in they are back where they were.
func TestSessionEnds(t *testing.T) {
	server := demoServer(t)
	for name, size := range map[string]fyne.Size{"phone": fyne.NewSize(412, 892), "desk": fyne.NewSize(1000, 720)} {
		t.Run(name, func(t *testing.T) { sessionEnds(newPerson(t, size, server)) })
	}
}

func sessionEnds(p *person) {
	const ended = "Your session has ended. Sign in again. Downloaded files stay where they are."
	p.tap("Try the demo")
	p.waitToSee("Acme Trading")
	p.tap("Backup")
	p.waitToSee("Completed")
	page, err := p.core.Backups().List(p.Context(), api.ListQuery{})
	if err != nil {
		p.Fatal(err)
	}
	nav := p.frame.nav
	nav.ShowBackup(page.Value.Items[0].ID)
	p.waitToSee("Performed on")

	p.revoke()
	nav.Refresh()
	p.waitToSee(ended)
	p.waitToSee("Performed on")
	for name, show := range map[string]func(){
		"home": nav.ShowHome, "list": nav.ShowBackups, "settings": nav.ShowSettings,
		"form":    func() { nav.ShowCreate(nil) },
		"details": func() { nav.ShowBackup(page.Value.Items[1].ID) },
	} {
		show()
		p.until(name+" says that the session ended", func() bool { return strings.Count(p.sees(), "Your session has ended.") == 1 })
		way := len(nav.way)
		p.tap("Sign in")
		p.waitToSee("Try it with a demo organisation")
		p.tap("Back")
		if len(nav.way) != way {
			p.Errorf("Back from the sign-in does not lead to the %s", name)
		}
	}
	nav.ShowBackup(page.Value.Items[0].ID)
	p.waitToSee("Performed on")
	p.tap("Sign in")
	p.tap("Try the demo")
	p.waitToSee("Performed on")
	p.until("the bar is gone", func() bool { return !strings.Contains(p.sees(), "session") })
	nav.Refresh()
	p.until("the server answers", func() bool { return !strings.Contains(p.sees(), "As of") })
}

// revoke ends the session on the server.
func (p *person) revoke() {
	p.Helper()
	db, err := sql.Open("sqlite", "file:"+filepath.Join(p.data, "server", "server.db")+"?_pragma=busy_timeout(5000)")
	if err == nil {
		_, err = db.ExecContext(p.Context(), "UPDATE sessions SET revoked_at = 1")
		err = errors.Join(err, db.Close())
	}
	if err != nil {
		p.Fatal(err)
	}
}

// demoServer makes the data of the demo once: it is half the work of a test.
func demoServer(t *testing.T) (dir string) {
	t.Helper()
	dir = t.TempDir()
	e, err := core.OpenEmbedded(t.Context(), core.EmbeddedOptions{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := e.SeedDemo(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := e.Close(); err != nil {
		t.Fatal(err)
	}
	return dir
}

func journey(p *person) {
	p.tap("Try the demo")
	p.waitToSee("Acme Trading")
	if !p.frame.shell.demo.Visible() {
		p.Error("nothing says that this is a demo")
	}
	p.tap("Backup") // S5
	p.waitToSee("Performed")

	p.tap("New backup") // S26
	p.waitToSee("Create backup from")
	p.waitToSee("Staff")
	p.fill("Title", "Journey") // S27
	p.pickFrom()               // S30 to S33
	p.tap("Visitors")          // S36: one is left out
	p.waitToSee("12 of 13")

	p.holding.Store(true)
	p.tap("Create backup")                   // S37
	p.until("the green toast", func() bool { // S39
		toast, ok := p.frame.shell.toasts.Current()
		return ok && toast.Tone == widgets.Good && strings.HasPrefix(toast.Text, "Backup started")
	})
	p.waitToSee("Journey")
	p.until("the yellow tag", func() bool { // S40
		for words, tone := range p.chips() {
			if strings.HasPrefix(words, "Pending") && tone == widgets.Waiting {
				return true
			}
		}
		return false
	})
	p.holding.Store(false)
	close(p.release)
	p.until("the tag to turn green by itself", func() bool { // S41
		for words := range p.chips() {
			if strings.HasPrefix(words, "Pending") {
				return false
			}
		}
		return strings.Contains(p.sees(), "Journey")
	})

	p.frame.shell.toasts.Dismiss() // on a phone it floats over what is tapped next
	p.tap("Journey")               // S42, S43
	p.tap("Download Backup")       // S11, S44
	p.waitToSee("This file holds personal data")
	p.tap("Download")
	p.waitToSee("Verified")
	zip := p.only("*.zip")
	p.waitToSee(filepath.Base(zip))                       // S14
	p.until("a notification of the system", func() bool { // S20
		return slices.Contains(p.told.titles(), "Backup downloaded")
	})

	p.tap("Download again") // S15, S18
	p.waitToSee("Download it again?")
	p.tap("No")
	p.tap("Extract") // S22 to S24, S45
	p.waitToSee("Extracted")
	folder := strings.TrimSuffix(zip, ".zip")
	sheets, err := filepath.Glob(filepath.Join(folder, "*.csv"))
	if err != nil {
		p.Fatal(err)
	}
	if len(sheets) != 12 {
		p.Errorf("%d sheets were extracted, want 12: %v", len(sheets), sheets)
	}
	p.only("*.zip") // asked and answered with No: still one

	for range 3 { // S25; on a desk the list is there already
		p.frame.nav.Back()
	}
	p.waitToSee("Acme Trading")
	p.tap("Leave the demo")
	p.waitToSee("Sign in to your organisation")
	if _, err := os.Stat(zip); err != nil {
		p.Errorf("signing out took the file away: %v", err)
	}
}

// pickFrom chooses another first day in the date window: another year takes
// one tap.
func (p *person) pickFrom() {
	p.Helper()
	var from *widgets.FieldBox
	p.walk(func(o fyne.CanvasObject, _ []fyne.CanvasObject) {
		if b, ok := o.(*widgets.FieldBox); ok && b.Label == "Create backup from" {
			from = b
		}
	})
	test.Tap(from.Content.(fyne.Tappable))
	p.drain()
	year := time.Now().Year() // two years on: a short range makes a quick test
	p.waitToSee("Create backup from")
	p.tap(fmt.Sprint(year))
	p.tap("OK")
	p.until("the chosen year in the field", func() bool {
		return strings.HasSuffix(from.Content.(*widgets.Button).Text, fmt.Sprint(year))
	})
}

// only is the one file in Downloads of that pattern.
func (p *person) only(pattern string) string {
	p.Helper()
	files, err := filepath.Glob(filepath.Join(p.downloads, pattern))
	if err != nil {
		p.Fatal(err)
	}
	if len(files) != 1 {
		p.Fatalf("in Downloads are %v, want one %s", files, pattern)
	}
	return files[0]
}
