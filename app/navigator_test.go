package app

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/mobile"
	"fyne.io/fyne/v2/test"
	"fyne.io/fyne/v2/theme"

	"connectbackup/api"
	"connectbackup/screens"
	"connectbackup/screens/widgets"
)

// page is a screen that notes what happens to it.
type page struct {
	name   string
	log    *[]string
	object fyne.CanvasObject
	search *widgets.SearchBar
	front  bool
}

func (p *page) Title() string             { return p.name }
func (p *page) Object() fyne.CanvasObject { return p.object }
func (p *page) Refresh()                  { *p.log = append(*p.log, "refresh "+p.name) }

func (p *page) Shown() {
	if !p.front {
		*p.log = append(*p.log, "show "+p.name)
	}
	p.front = true
}

func (p *page) Hidden() {
	*p.log = append(*p.log, "hide "+p.name)
	p.front = false
}

// listPage is a page with a search box.
type listPage struct{ *page }

func (p listPage) FocusSearch() { p.search.Focus() }

// fixture is a navigator with pages that note what happens.
type fixture struct {
	nav     *Navigator
	window  fyne.Window
	log     []string
	account api.Account
	in      bool
	made    map[string]int
}

func newFixture(t *testing.T, width float32) *fixture {
	t.Helper()
	test.NewTempApp(t).Settings().SetTheme(widgets.NewFixedTheme(theme.VariantLight))
	f := &fixture{in: true, made: map[string]int{}}
	w := test.NewTempWindow(t, nil)
	w.SetPadded(false)
	s := newShell(widgets.NewToastHost(nil))
	f.window = w
	f.nav = newNavigator(w, s, func() (api.Account, bool) { return f.account, f.in })
	f.nav.make = maker{
		signIn:   func() screens.Screen { return f.page("sign in") },
		home:     func() screens.Screen { return f.page("home") },
		settings: func() screens.Screen { return f.page("settings") },
		help:     func() screens.Screen { return f.page("help") },
		licences: func() screens.Screen { return f.page("licences") },
		backups:  func() screens.Screen { return listPage{f.page("list")} },
		details:  func(id string) screens.Screen { return f.page("details " + id) },
		create:   func(*api.NewBackup) screens.Screen { return f.page("create") },
	}
	w.SetContent(s.root)
	w.Resize(fyne.NewSize(width, 700))
	return f
}

func (f *fixture) page(name string) *page {
	f.made[name]++
	search := widgets.NewSearchBar("Search", nil)
	return &page{name: name, log: &f.log, search: search, object: widgets.Page(widgets.NewHeader(name, nil), search, nil)}
}

// front is what is seen, by name.
func (f *fixture) front() string {
	var names []string
	for _, s := range f.nav.shown {
		names = append(names, s.Title())
	}
	for _, s := range f.nav.shown {
		if !slices.Contains(f.nav.shell.stage.Objects, s.Object()) {
			return fmt.Sprintf("%s is in front but not drawn", s.Title())
		}
	}
	return strings.Join(names, " | ")
}

func (f *fixture) mustShow(t *testing.T, want string) {
	t.Helper()
	if got := f.front(); got != want {
		t.Fatalf("in front: %q, want %q", got, want)
	}
}

func TestOneColumnPushesAndGoesBack(t *testing.T) {
	f := newFixture(t, 412)
	f.nav.ShowHome()
	f.nav.ShowBackups()
	f.nav.ShowBackup("a")
	f.mustShow(t, "details a")
	if f.nav.Wide() {
		t.Error("a phone is not wide")
	}
	f.nav.Back()
	f.mustShow(t, "list")
	f.nav.Back()
	f.mustShow(t, "home")
	f.nav.Back()
	f.mustShow(t, "home")
	want := "show home,hide home,show list,hide list,show details a,hide details a,show list,hide list,show home"
	if got := strings.Join(f.log, ","); got != want {
		t.Errorf("what happened:\n%s\nwant:\n%s", got, want)
	}
	if f.made["list"] != 1 || f.made["home"] != 1 {
		t.Errorf("screens were made again on the way back: %v", f.made)
	}
}

func TestWideKeepsTheListAndReplacesWhatIsBesideIt(t *testing.T) {
	f := newFixture(t, 1000)
	f.nav.ShowHome()
	f.mustShow(t, "home")
	f.nav.ShowBackups()
	f.mustShow(t, "list")
	if !slices.Contains(f.nav.shell.stage.Objects, fyne.CanvasObject(f.nav.shell.empty)) {
		t.Error("the right side does not say that nothing is chosen")
	}
	f.nav.ShowBackup("a")
	f.nav.ShowBackup("b")
	f.mustShow(t, "list | details b")
	f.nav.ShowCreate(nil)
	f.mustShow(t, "list | create")
	if slices.Contains(f.log, "hide list") {
		t.Errorf("the list went away: %v", f.log)
	}
	f.nav.ShowBackup("b")
	f.nav.ShowBackup("b")
	if f.made["details b"] != 2 {
		t.Errorf("details b was made %d times: what is shown already is made again", f.made["details b"])
	}
	f.nav.Back()
	f.mustShow(t, "list")
	f.nav.Back()
	f.mustShow(t, "home")
}

func TestResizingLosesNothing(t *testing.T) {
	f := newFixture(t, 1000)
	f.nav.ShowHome()
	f.nav.ShowBackups()
	f.nav.ShowCreate(nil)
	f.window.Resize(fyne.NewSize(600, 700))
	f.mustShow(t, "create")
	if f.nav.Wide() {
		t.Error("600 is not wide")
	}
	f.window.Resize(fyne.NewSize(759, 700))
	f.mustShow(t, "create")
	f.window.Resize(fyne.NewSize(760, 700))
	f.mustShow(t, "list | create")
	if f.made["create"] != 1 || f.made["list"] != 1 {
		t.Errorf("screens were made again: %v", f.made)
	}
	if slices.Contains(f.log, "hide create") {
		t.Error("the form that stays in front was hidden, and may have lost what was under way")
	}
	left := f.nav.shown[0].Object()
	if left.Size().Width < listLeast || left.Size().Width > listMost {
		t.Errorf("the list is %v wide", left.Size().Width)
	}
	f.window.Resize(fyne.NewSize(412, 700))
	f.nav.Back()
	f.mustShow(t, "list")
}

func TestWayGoneBeforeTheWindowIsSeenIsKept(t *testing.T) {
	test.NewTempApp(t).Settings().SetTheme(widgets.NewFixedTheme(theme.VariantLight))
	f := newFixture(t, 412)
	w := test.NewTempWindow(t, nil)
	s := newShell(widgets.NewToastHost(nil))
	early := newNavigator(w, s, f.nav.account)
	early.make = f.nav.make
	early.ShowHome()
	early.ShowBackups()
	early.ShowBackup("a")
	w.SetContent(s.root)
	w.Resize(fyne.NewSize(900, 700))
	f.nav = early
	f.mustShow(t, "list | details a")
}

func TestNotificationLeadsToABackupFromAnywhere(t *testing.T) {
	f := newFixture(t, 412)
	f.nav.ShowHome()
	f.nav.ShowSettings()
	f.nav.ShowBackup("a")
	f.mustShow(t, "details a")
	f.nav.Back()
	f.mustShow(t, "list")
}

func TestSigningOutForgetsTheWay(t *testing.T) {
	f := newFixture(t, 1000)
	f.nav.ShowHome()
	f.nav.ShowBackup("a")
	f.in = false
	f.nav.ShowSignIn()
	f.mustShow(t, "sign in")
	f.nav.Back()
	f.mustShow(t, "sign in")
	if !slices.Contains(f.log, "hide list") || !slices.Contains(f.log, "hide details a") {
		t.Errorf("what was in front goes on working: %v", f.log)
	}
	f.nav.Search()
	f.nav.New()
	f.mustShow(t, "sign in")
}

// The session ended by itself: the sign-in lies over what was seen, and leads
// back there, but somebody else begins at home.
func TestSigningInAgainLeadsBack(t *testing.T) {
	for _, width := range []float32{412, 1000} {
		f := newFixture(t, width)
		f.account = api.Account{Server: "https://a", User: api.User{ID: "ada"}}
		over := ""
		f.nav.ended = func() string { return over }
		f.nav.ShowHome()
		f.nav.ShowBackup("a")
		before := f.front()
		over = "Your session has ended."
		f.nav.showEnd()
		if bar := f.nav.shell.end; !bar.Visible() || bar.Text != over || f.nav.shell.stage.Position().Y < bar.Size().Height {
			t.Errorf("the bar says %q, visible %v", bar.Text, bar.Visible())
		}
		f.nav.ShowSignIn()
		f.nav.ShowSignIn()
		f.mustShow(t, "sign in")
		if f.nav.shell.end.Visible() {
			t.Error("the door says it twice")
		}
		f.nav.New()
		f.nav.Search()
		f.mustShow(t, "sign in")
		f.nav.Back()
		f.mustShow(t, before) // offline copies can still be read
		f.nav.ShowSignIn()
		over = ""
		f.nav.ShowHome()
		f.mustShow(t, before)
		f.nav.ShowSignIn()
		f.account.User.ID = "bob"
		f.nav.ShowHome()
		f.mustShow(t, "home")
		f.nav.Back()
		f.mustShow(t, "home")
	}
}

func TestDemoBarStandsOnEveryScreenOfTheDemoOnly(t *testing.T) {
	f := newFixture(t, 412)
	f.account.Demo = true
	f.nav.ShowHome()
	for _, next := range []func(){f.nav.ShowBackups, func() { f.nav.ShowBackup("a") }, func() { f.nav.ShowCreate(nil) }, f.nav.ShowSettings} {
		next()
		bar := f.nav.shell.demo
		if !bar.Visible() || bar.Size().Height < widgets.Touch {
			t.Errorf("no demo bar on %s", f.front())
		}
		if top := f.nav.shell.stage.Position().Y; top < bar.Size().Height {
			t.Errorf("the screen begins at %v, under the demo bar", top)
		}
	}
	f.in = false
	f.nav.ShowSignIn()
	if f.nav.shell.demo.Visible() {
		t.Error("the demo bar stays after signing out")
	}
	f.in, f.account.Demo = true, false
	f.nav.ShowHome()
	if f.nav.shell.demo.Visible() {
		t.Error("a real organisation is called a demo")
	}
}

func TestWindowTitleFollowsTheScreen(t *testing.T) {
	f := newFixture(t, 412)
	f.nav.ShowHome()
	if got := f.window.Title(); got != "home – Connect Backup" {
		t.Errorf("title is %q", got)
	}
	f.nav.ShowBackup("a")
	f.nav.shown[0].(*page).name = "Year end"
	f.nav.Retitle()
	if got := f.window.Title(); got != "Year end – Connect Backup" {
		t.Errorf("title is %q", got)
	}
}

func TestKeys(t *testing.T) {
	f := newFixture(t, 412)
	listenToKeys(f.window.Canvas(), f.nav)
	key := func(name fyne.KeyName) { f.window.Canvas().OnTypedKey()(&fyne.KeyEvent{Name: name}) }
	f.nav.ShowHome()
	f.nav.ShowBackup("a")
	f.log = nil
	key(fyne.KeyF5)
	if !slices.Equal(f.log, []string{"refresh details a"}) {
		t.Errorf("F5: %v", f.log)
	}
	key(fyne.KeyEscape)
	f.mustShow(t, "list")
	key(mobile.KeyBack)
	f.mustShow(t, "home")
	key(mobile.KeyBack) // leaves the app where the system can do that
	f.mustShow(t, "home")

	f.nav.Search() // Ctrl+F
	f.mustShow(t, "list")
	if _, ok := f.window.Canvas().Focused().(*widgets.Field); !ok {
		t.Errorf("Ctrl+F gave the focus to %v", f.window.Canvas().Focused())
	}
	f.nav.New() // Ctrl+N
	f.mustShow(t, "create")
	if f.window.Canvas().Focused() != nil {
		t.Error("a screen that is covered keeps the focus")
	}

	question := widgets.Ask(f.window, widgets.Question{Title: "Sure?", Answers: []widgets.Answer{{Label: "No"}}})
	key(fyne.KeyEscape)
	f.mustShow(t, "create")
	if f.window.Canvas().Overlays().Top() != nil {
		t.Error("Esc does not close the question")
	}
	question.Close()
	key(fyne.KeyEscape)
	f.mustShow(t, "list")
}

func TestWindowDoesNotGrowWithItsContent(t *testing.T) {
	f := newFixture(t, 412)
	f.nav.ShowHome()
	f.nav.shown[0].(*page).object.(*fyne.Container).Add(widgets.AtLeast(3000, 3000, widgets.NewText("huge")))
	if m := f.nav.shell.root.MinSize(); m.Width != leastWidth || m.Height != leastHeight {
		t.Errorf("the window's least size is %v", m)
	}
}

func TestClosingDuringADownloadAsks(t *testing.T) {
	f := newFixture(t, 412)
	running := true
	w := &closable{Window: f.window}
	kept := 0
	askBeforeClose(w, func() bool { return running }, func() { kept++ })
	tap := func(label string) {
		t.Helper()
		var found fyne.Tappable
		for _, o := range test.LaidOutObjects(f.window.Canvas().Overlays().Top()) {
			if b, ok := o.(*widgets.Button); ok && b.Text == label {
				found = b
			}
		}
		if found == nil {
			t.Fatalf("no button %q", label)
		}
		test.Tap(found)
	}
	w.try()
	w.try() // the second click on the cross asks no second question
	if n := len(f.window.Canvas().Overlays().List()); n != 1 {
		t.Fatalf("%d questions are open", n)
	}
	tap("Stay")
	if w.closed {
		t.Fatal("Stay closed the window")
	}
	w.try()
	tap("Keep going in the tray")
	if w.closed || kept != 1 {
		t.Errorf("Keep going in the tray: closed %v, kept %d times", w.closed, kept)
	}
	w.try()
	tap("Pause and quit")
	if !w.closed {
		t.Error("Pause and quit did not close the window")
	}
	w.closed, running = false, false
	f2 := &closable{Window: f.window}
	askBeforeClose(f2, func() bool { return running }, nil)
	f2.try()
	if !f2.closed {
		t.Error("without a download the window asks before it closes")
	}
}

// closable is a window that notes being closed.
type closable struct {
	fyne.Window
	try    func()
	closed bool
}

func (c *closable) SetCloseIntercept(f func()) { c.try = f }
func (c *closable) Close()                     { c.closed = true }

// sessions is a service that signs out, or fails to.
type sessions struct {
	screens.Sessions
	account api.Account
	in      bool
	err     error
	outs    int
}

func (s *sessions) Current() (api.Account, bool) { return s.account, s.in }

func (s *sessions) SignOut(context.Context) error {
	s.outs++
	if s.err == nil {
		s.in = false
	}
	return s.err
}

func TestLeavingTheDemoTakesOneTap(t *testing.T) {
	for name, failure := range map[string]error{"signed out": nil, "failed": errors.New("disk full")} {
		t.Run(name, func(t *testing.T) {
			f := newFixture(t, 412)
			var queue []func()
			hops := screens.Hops{Go: func(do func()) { queue = append(queue, do) }, UI: func(do func()) { queue = append(queue, do) }}
			words := func(err error) (string, string, map[string]any) {
				return "It failed: " + err.Error() + ".", "Try again.", nil
			}
			fr := newFrame(f.window, hops, words)
			who := &sessions{account: api.Account{Demo: true}, in: true, err: failure}
			fr.nav = newNavigator(f.window, fr.shell, who.Current)
			fr.nav.make = f.nav.make
			fr.nav.ShowHome()
			f.nav = fr.nav
			n := screens.Needs{Sessions: who, Hops: fr.retitled(), Words: words}
			fr.shell.demo.SetAction("Leave the demo", func() { fr.leaveDemo(n) })
			for _, o := range test.LaidOutObjects(fr.shell.demo) {
				if b, ok := o.(fyne.Tappable); ok {
					test.Tap(b)
				}
			}
			for len(queue) > 0 {
				do := queue[0]
				queue = queue[1:]
				do()
			}
			if who.outs != 1 {
				t.Fatalf("signed out %d times", who.outs)
			}
			toast, said := fr.shell.toasts.Current()
			if failure == nil {
				f.mustShow(t, "sign in")
				return
			}
			f.mustShow(t, "home")
			if !said || toast.Text != "It failed: disk full. Try again." || !fr.shell.demo.Visible() {
				t.Errorf("said %q, demo bar visible: %v", toast.Text, fr.shell.demo.Visible())
			}
		})
	}
}

func TestFailedStartSaysWhyAndTriesAgain(t *testing.T) {
	f := newFixture(t, 412)
	words := func(error) (string, string, map[string]any) {
		return "It is running already.", "Close the other window.", nil
	}
	fr := newFrame(f.window, screens.Hops{}, words)
	again := 0
	fr.fail(errors.New("locked"), func() { again++ })
	var texts []string
	for _, o := range test.LaidOutObjects(fr.shell.stage) {
		switch o := o.(type) {
		case *widgets.Text:
			texts = append(texts, o.Text)
		case *widgets.Button:
			test.Tap(o)
		}
	}
	if !slices.Contains(texts, "It is running already.") || !slices.Contains(texts, "Close the other window.") {
		t.Errorf("says %q", texts)
	}
	if again != 1 {
		t.Errorf("tried again %d times", again)
	}
	fr.end() // closing a window that never began is fine
}

// A toast never lies over the buttons that come next, however many there are.
func TestToastsStandAboveTheButtons(t *testing.T) {
	for _, width := range []float32{412, 1000} {
		f := newFixture(t, width)
		more := widgets.NewButton("Extract", "", nil)
		more.Hide()
		next := widgets.NewPrimaryButton("Open with the default app", "", nil)
		screen := f.page("details")
		screen.object = widgets.Page(widgets.NewHeader("details", nil), widgets.NewText("body"), widgets.Column(next, more))
		f.nav.make.details = func(string) screens.Screen { return screen }
		f.nav.ShowBackup("a")
		f.nav.Toast(widgets.Toast{Text: "acme.zip is in Downloads.", Tone: widgets.Good})
		mustBeFree := func(when string) {
			t.Helper()
			place := fyne.CurrentApp().Driver().AbsolutePositionForObject
			view := test.WidgetRenderer(f.nav.shell.toasts).Objects()[0].(*fyne.Container).Objects[0]
			end := place(view).Y + view.Size().Height
			if view.Size().Height < 40 || end > place(next).Y {
				t.Errorf("%v wide, %s: the toast reaches down to %v, the button begins at %v", width, when, end, place(next).Y)
			}
		}
		mustBeFree("one button")
		more.Show()
		screen.object.Refresh()
		f.nav.shell.toasts.Settle()
		mustBeFree("two buttons")
	}
}

func TestToastsLeaveByThemselves(t *testing.T) {
	f := newFixture(t, 412)
	ui := make(chan func(), 1)
	fr := newFrame(f.window, screens.Hops{UI: func(do func()) { ui <- do }}, nil)
	ran := 0
	fr.after(time.Millisecond, func() { ran++ })
	(<-ui)()
	if ran != 1 {
		t.Fatalf("ran %d times", ran)
	}
	stop := fr.after(time.Millisecond, func() { ran++ })
	late := <-ui // the timer fired, but its turn on the UI goroutine is still to come
	stop()
	late()
	if ran != 1 {
		t.Error("what was stopped ran all the same")
	}
}
