package app

import (
	"context"
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
	p.frame.begin(needsOf(c, hops), c.Downloads())
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
	deadline := time.After(time.Minute)
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
		if t, ok := o.(*widgets.Line); ok && t.Text != "" {
			fmt.Fprintln(&b, t.Text)
		}
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

// tap waits until those words can be tapped, and taps where they stand.
func (p *person) tap(words string) {
	p.Helper()
	p.until(fmt.Sprintf("something to tap called %q", words), func() bool {
		o := p.control(words)
		d, ok := o.(fyne.Disableable)
		return o != nil && (!ok || !d.Disabled())
	})
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

// demoFiles is the data of a server with the demo in it. TestMain removes it.
var demoFiles struct {
	sync.Once
	dir string
	err error
}

func TestMain(m *testing.M) {
	code := m.Run()
	if demoFiles.dir != "" {
		_ = os.RemoveAll(demoFiles.dir) // what stays is emptied with the folder for temporary files
	}
	os.Exit(code)
}

// demoServer makes the data of the demo once for all tests: it is half the work
// of one.
func demoServer(t *testing.T) (dir string) {
	t.Helper()
	demoFiles.Do(func() { demoFiles.dir, demoFiles.err = makeDemo() })
	if demoFiles.err != nil {
		t.Fatal(demoFiles.err)
	}
	return demoFiles.dir
}

func makeDemo() (dir string, err error) {
	if dir, err = os.MkdirTemp("", "connect-backup-demo-*"); err != nil {
		return "", err
	}
	e, err := core.OpenEmbedded(context.Background(), core.EmbeddedOptions{Dir: dir})
	if err != nil {
		return dir, err
	}
	_, err = e.SeedDemo(context.Background())
	return dir, errors.Join(err, e.Close())
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
