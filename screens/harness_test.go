package screens

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/test"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"connectbackup/api"
	"connectbackup/screens/widgets"
)

func TestMain(m *testing.M) {
	// What people see is written for a person in one place.
	for _, name := range []string{"LANGUAGE", "LC_ALL", "LANG"} {
		if err := os.Setenv(name, "en_GB.UTF-8"); err != nil {
			panic(err)
		}
	}
	test.NewApp()
	os.Exit(m.Run())
}

// wear gives the app of all tests a look. One that it wears already is left:
// with each change the fonts are read anew, which is most of the work.
func wear(look fyne.Theme) {
	if settings := fyne.CurrentApp().Settings(); settings.Theme() != look {
		settings.SetTheme(look)
	}
}

// patience is how long a test waits for what must come. It is reached only by
// a test that fails.
const patience = 20 * time.Second

// ui is the goroutine of the screen: what hops to it waits in a queue that
// only the test's goroutine drains.
type ui struct {
	t       testing.TB
	mu      sync.Mutex
	queue   []func()
	working int
	news    chan struct{}
}

func newUI(t testing.TB) *ui { return &ui{t: t, news: make(chan struct{}, 1)} }

func (u *ui) hops() Hops {
	return Hops{
		Go: func(f func()) {
			u.count(1)
			go func() {
				defer u.count(-1)
				f()
			}()
		},
		UI: func(f func()) {
			u.mu.Lock()
			u.queue = append(u.queue, f)
			u.mu.Unlock()
			u.tell()
		},
	}
}

func (u *ui) count(n int) {
	u.mu.Lock()
	u.working += n
	u.mu.Unlock()
	u.tell()
}

func (u *ui) tell() {
	select {
	case u.news <- struct{}{}:
	default:
	}
}

// drain runs what waits, and reports whether work is still under way.
func (u *ui) drain() (working bool) {
	for {
		u.mu.Lock()
		if len(u.queue) == 0 {
			working = u.working > 0
			u.mu.Unlock()
			return working
		}
		f := u.queue[0]
		u.queue = u.queue[1:]
		u.mu.Unlock()
		f()
	}
}

// Until drains the queue until the condition holds.
func (u *ui) Until(what string, condition func() bool) {
	u.t.Helper()
	deadline := time.After(patience)
	for {
		u.drain()
		if condition() {
			return
		}
		select {
		case <-u.news:
		case <-deadline:
			u.t.Fatalf("%s did not come about", what)
		}
	}
}

// Settle drains the queue until no work is under way.
func (u *ui) Settle() {
	u.t.Helper()
	u.Until("rest", func() bool { return !u.drain() })
}

// stage is a window with one screen in it, and a person before it.
type stage struct {
	*ui
	window fyne.Window
	world  *world
	nav    *fakeNav
}

const (
	phoneWidth, phoneHeight     = 412, 892
	desktopWidth, desktopHeight = 1000, 720
)

func newStage(t testing.TB) *stage {
	t.Helper()
	return newStageIn(t, widgets.NewFixedTheme(theme.VariantLight))
}

func newStageIn(t testing.TB, look fyne.Theme) *stage {
	t.Helper()
	wear(look)
	w := test.NewTempWindow(t, nil)
	w.SetPadded(false)
	u := newUI(t)
	s := &stage{ui: u, window: w, world: newWorld(u)}
	s.nav = &fakeNav{window: w}
	return s
}

// show puts a screen into the window, as the navigator does.
func (s *stage) show(screen Screen) {
	s.t.Helper()
	s.put(screen, phoneWidth, phoneHeight)
	s.Settle()
}

func (s *stage) put(screen Screen, width, height float32) {
	s.window.SetContent(screen.Object())
	s.window.Resize(fyne.NewSize(width, height))
	screen.Shown()
	if c, ok := s.t.(interface{ Cleanup(func()) }); ok {
		c.Cleanup(screen.Hidden)
	}
}

// front is what a person can reach: the dialog, where there is one.
func (s *stage) front() fyne.CanvasObject {
	if top := s.window.Canvas().Overlays().Top(); top != nil {
		return top
	}
	return s.window.Content()
}

// walk visits every object that is drawn; path leads to it.
func walk(o fyne.CanvasObject, path []fyne.CanvasObject, visit func(o fyne.CanvasObject, path []fyne.CanvasObject)) {
	if o == nil || !o.Visible() {
		return
	}
	visit(o, path)
	path = append(path, o)
	switch x := o.(type) {
	case *fyne.Container:
		for _, child := range x.Objects {
			walk(child, path, visit)
		}
	case fyne.Widget:
		for _, child := range test.WidgetRenderer(x).Objects() {
			walk(child, path, visit)
		}
	}
}

// sees is all the words in front, a line for each text.
func (s *stage) sees() string {
	var b strings.Builder
	walk(s.front(), nil, func(o fyne.CanvasObject, path []fyne.CanvasObject) {
		switch x := o.(type) {
		case *widgets.Text:
			fmt.Fprintln(&b, x.Text)
		case *widgets.Line:
			fmt.Fprintln(&b, x.Text)
		case *canvas.Text: // of a button or a box; the lines of a Text are in it
			if !slices.ContainsFunc(path, inText) {
				fmt.Fprintln(&b, x.Text)
			}
		}
	})
	return b.String()
}

// inText reports whether the words on o are told by o itself.
func inText(o fyne.CanvasObject) bool {
	switch o.(type) {
	case *widgets.Text, *widgets.Line:
		return true
	}
	return false
}

func (s *stage) mustSee(texts ...string) {
	s.t.Helper()
	seen := s.sees()
	for _, text := range texts {
		if !strings.Contains(seen, text) {
			s.t.Errorf("%q is not to be seen in:\n%s", text, seen)
		}
	}
}

func (s *stage) mustNotSee(texts ...string) {
	s.t.Helper()
	seen := s.sees()
	for _, text := range texts {
		if strings.Contains(seen, text) {
			s.t.Errorf("%q is to be seen in:\n%s", text, seen)
		}
	}
}

// waitToSee drains the queue until the words appear.
func (s *stage) waitToSee(text string) {
	s.t.Helper()
	s.Until(fmt.Sprintf("%q", text), func() bool { return strings.Contains(s.sees(), text) })
}

// labelOf is the words on a control.
func labelOf(o fyne.CanvasObject) string {
	switch x := o.(type) {
	case *widgets.Field:
		return "" // is typed into, not tapped
	case *canvas.Text:
		return x.Text
	case *widgets.Text:
		return x.Text
	case *widgets.Line:
		return x.Text
	case *widget.Check:
		return x.Text
	case fyne.Accessible:
		return x.AccessibilityLabel()
	}
	return ""
}

// control finds what a person would tap to press those words.
func (s *stage) control(label string) fyne.CanvasObject {
	inItsLanguage := spoken(label)
	var found fyne.CanvasObject
	walk(s.front(), nil, func(o fyne.CanvasObject, path []fyne.CanvasObject) {
		if found != nil || labelOf(o) != label && labelOf(o) != inItsLanguage {
			return
		}
		all := append(append([]fyne.CanvasObject(nil), path...), o)
		for i := len(all) - 1; i >= 0; i-- {
			if _, ok := all[i].(fyne.Tappable); ok {
				found = all[i]
				return
			}
		}
	})
	return found
}

// tap presses what bears that label, at its middle, as a finger does: what is
// covered, hidden or off the window is not reached.
func (s *stage) tap(label string) {
	s.t.Helper()
	o := s.control(label)
	if o == nil {
		s.t.Fatalf("nothing to tap says %q in:\n%s", label, s.sees())
	}
	if s.covered(o) {
		s.scrollTo(o)
	}
	middle := fyne.CurrentApp().Driver().AbsolutePositionForObject(o).AddXY(o.Size().Width/2, o.Size().Height/2)
	test.TapCanvas(s.window.Canvas(), middle)
	s.drain()
}

// scroller is something that moves what it holds.
type scroller interface {
	fyne.Scrollable
	fyne.CanvasObject
}

// around is the scroller that o stands in; nil when there is none.
func (s *stage) around(o fyne.CanvasObject) (found scroller) {
	walk(s.front(), nil, func(x fyne.CanvasObject, path []fyne.CanvasObject) {
		for i := len(path) - 1; i >= 0 && x == o && found == nil; i-- {
			found, _ = path[i].(scroller)
		}
	})
	return found
}

// covered reports whether the scroller around o does not show all of it.
func (s *stage) covered(o fyne.CanvasObject) bool {
	in := s.around(o)
	if in == nil {
		return false
	}
	at, room := areaOf(o), areaOf(in)
	return at.top < room.top || at.bottom > room.bottom
}

// scrollTo moves the scroller around o until o is in it.
func (s *stage) scrollTo(o fyne.CanvasObject) {
	if in := s.around(o); in != nil {
		at, room := areaOf(o), areaOf(in)
		in.Scrolled(&fyne.ScrollEvent{Scrolled: fyne.Delta{DY: room.top + in.Size().Height/3 - at.top}})
	}
}

// hasIcon reports whether a picture is drawn on what bears that label.
func (s *stage) hasIcon(label string) (drawn bool) {
	s.t.Helper()
	walk(s.control(label), nil, func(o fyne.CanvasObject, _ []fyne.CanvasObject) {
		if i, ok := o.(*canvas.Image); ok && i.Resource != nil && i.Size().Width > 0 {
			drawn = true
		}
	})
	return drawn
}

// disabled reports whether what bears that label cannot be used.
func (s *stage) disabled(label string) bool {
	s.t.Helper()
	o := s.control(label)
	if o == nil {
		s.t.Fatalf("nothing says %q", label)
	}
	d, ok := o.(fyne.Disableable)
	return ok && d.Disabled()
}

// entry is the n-th box to type into, counted from the top; -1 is the last.
func (s *stage) entry(n int) *widgets.Field {
	s.t.Helper()
	var all []*widgets.Field
	walk(s.front(), nil, func(o fyne.CanvasObject, _ []fyne.CanvasObject) {
		if e, ok := o.(*widgets.Field); ok {
			all = append(all, e)
		}
	})
	if n < 0 {
		n += len(all)
	}
	if n >= len(all) {
		s.t.Fatalf("there are only %d boxes to type into", len(all))
	}
	return all[n]
}

// fill types text in place of what stands in the n-th box.
func (s *stage) fill(n int, text string) {
	s.t.Helper()
	e := s.entry(n)
	s.window.Canvas().Focus(e)
	e.TypedShortcut(&fyne.ShortcutSelectAll{})
	e.TypedKey(&fyne.KeyEvent{Name: fyne.KeyBackspace})
	for _, r := range text {
		s.window.Canvas().Focused().TypedRune(r)
	}
	if e.Text != text {
		s.t.Fatalf("typed %q, the box holds %q", text, e.Text)
	}
}

// press presses a key on what has the focus.
func (s *stage) press(key fyne.KeyName) {
	s.t.Helper()
	focused := s.window.Canvas().Focused()
	if focused == nil {
		s.t.Fatalf("nothing has the focus to press %s on", key)
	}
	focused.TypedKey(&fyne.KeyEvent{Name: key})
	s.drain()
}

// fakeNav notes where a screen leads.
type fakeNav struct {
	window fyne.Window
	wide   bool
	went   []string
	like   *api.NewBackup
	toasts []widgets.Toast
	onGo   func()
}

func (n *fakeNav) Back()                { n.lead("back") }
func (n *fakeNav) ShowHome()            { n.lead("home") }
func (n *fakeNav) ShowSignIn()          { n.lead("sign in") }
func (n *fakeNav) ShowBackups()         { n.lead("backups") }
func (n *fakeNav) ShowOnDevice()        { n.lead("on this device") }
func (n *fakeNav) ShowHelp()            { n.lead("help") }
func (n *fakeNav) ShowLicences()        { n.lead("licences") }
func (n *fakeNav) Remake()              { n.lead("remade") }
func (n *fakeNav) ShowBackup(id string) { n.lead("backup " + id) }
func (n *fakeNav) ShowSettings()        { n.lead("settings") }
func (n *fakeNav) Window() fyne.Window  { return n.window }
func (n *fakeNav) Wide() bool           { return n.wide }

func (n *fakeNav) ShowCreate(like *api.NewBackup) {
	n.like = like
	n.lead("create")
}

func (n *fakeNav) Toast(t widgets.Toast) { n.toasts = append(n.toasts, t) }

func (n *fakeNav) lead(to string) {
	n.went = append(n.went, to)
	if n.onGo != nil {
		n.onGo()
	}
}

func (n *fakeNav) last() string {
	if len(n.went) == 0 {
		return ""
	}
	return n.went[len(n.went)-1]
}

func (n *fakeNav) toast() widgets.Toast {
	if len(n.toasts) == 0 {
		return widgets.Toast{}
	}
	return n.toasts[len(n.toasts)-1]
}
