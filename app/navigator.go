package app

import (
	"strings"

	"fyne.io/fyne/v2"

	"connectbackup/api"
	"connectbackup/screens"
	"connectbackup/screens/lang"
	"connectbackup/screens/widgets"
)

// Name of the app, as people read it.
const Name = "Connect Backup"

// wideFrom is the width from which list and details stand side by side.
const wideFrom = 760

// maker makes the screens. Tests put others in their place.
type maker struct {
	signIn, home, backups    func() screens.Screen
	settings, help, licences func() screens.Screen
	details                  func(id string) screens.Screen
	create                   func(like *api.NewBackup) screens.Screen
}

// makerOf makes the real screens.
func makerOf(n screens.Needs, nav screens.Nav) maker {
	return maker{
		signIn:   func() screens.Screen { return screens.NewSignIn(n, nav) },
		home:     func() screens.Screen { return screens.NewHome(n, nav) },
		backups:  func() screens.Screen { return screens.NewBackups(n, nav) },
		settings: func() screens.Screen { return screens.NewSettings(n, nav) },
		help:     func() screens.Screen { return screens.NewHelp(n, nav) },
		licences: func() screens.Screen { return screens.NewLicences(n, nav) },
		details:  func(id string) screens.Screen { return screens.NewDetails(n, nav, id) },
		create:   func(like *api.NewBackup) screens.Screen { return screens.NewCreate(n, nav, like) },
	}
}

// place is where a screen stands on the way that the person went.
type place int

const (
	atRoot  place = iota // sign in, home, settings: alone in the window
	atList               // the list of backups: stays on the left of a wide window
	atRight              // what belongs to the list; there is one at most
)

// stop is one screen on the way.
type stop struct {
	screen screens.Screen
	make   func() screens.Screen // makes it, and makes it anew in another language
	place  place
	focus  fyne.Focusable // had the focus when something else came to the front
	id     string         // of the backup whose details it shows; whose session ended, at the door
	door   bool           // it is the sign-in
}

// Navigator keeps the way a person went and shows its end: one screen, or from
// wideFrom on the list with what belongs to it. It implements screens.Nav.
//
// The way does not depend on the width, so that resizing loses nothing, and
// it can be gone before the window is seen.
type Navigator struct {
	window fyne.Window
	shell  *shell
	make   maker
	// account is who is signed in; the demo bar follows it.
	account func() (api.Account, bool)
	// ended says in words that the session ended; empty when it did not. It
	// may be nil.
	ended func() string

	way   []stop
	shown []screens.Screen // in front, as the last arrange left it
	wide  bool
	moved func()         // the way has changed; may be nil
	focus screens.Screen // that is to get the focus as soon as it has something to focus
}

var _ screens.Nav = (*Navigator)(nil)

// newNavigator makes a navigator whose way is empty.
func newNavigator(w fyne.Window, s *shell, account func() (api.Account, bool)) *Navigator {
	n := &Navigator{window: w, shell: s, account: account}
	s.onWide = n.setWide
	return n
}

// Window implements screens.Nav.
func (n *Navigator) Window() fyne.Window { return n.window }

// Wide implements screens.Nav.
func (n *Navigator) Wide() bool { return n.wide }

// Toast implements screens.Nav.
func (n *Navigator) Toast(t widgets.Toast) { n.shell.toasts.Push(t) }

// ShowHome implements screens.Nav.
func (n *Navigator) ShowHome() {
	account, _ := n.account()
	if last := n.last(); last != nil && last.door && len(n.way) > 1 && last.id == whoIs(account) {
		n.back() // the same person signed in again, and goes on
		return
	}
	n.restart(n.stop(atRoot, n.make.home))
}

// ShowSignIn implements screens.Nav. After signing out nobody is signed in;
// when the session ended by itself, its account still is.
func (n *Navigator) ShowSignIn() {
	door := n.stop(atRoot, n.make.signIn)
	door.door = true
	account, seen := n.account()
	if !seen {
		n.restart(door)
		return
	}
	if last := n.last(); last != nil && last.door {
		return
	}
	door.id = whoIs(account)
	n.way = append(n.way, door)
	n.arrange()
}

// whoIs tells accounts apart.
func whoIs(a api.Account) string {
	return strings.Join([]string{a.Server, a.Organisation.ID, a.User.ID}, "\n")
}

// ShowBackups implements screens.Nav.
func (n *Navigator) ShowBackups() {
	n.toList()
	n.arrange()
}

// ShowOnDevice implements screens.Nav.
func (n *Navigator) ShowOnDevice() {
	n.toList()
	if list, ok := n.last().screen.(screens.OnDeviceShower); ok {
		list.ShowOnDevice()
	}
	n.arrange()
}

// ShowBackup implements screens.Nav. The backup that is shown already stays.
func (n *Navigator) ShowBackup(id string) {
	if last := n.last(); last != nil && last.place == atRight && last.id == id && id != "" {
		return
	}
	s := n.stop(atRight, func() screens.Screen { return n.make.details(id) })
	s.id = id
	n.beside(s)
}

// ShowCreate implements screens.Nav.
func (n *Navigator) ShowCreate(like *api.NewBackup) {
	n.beside(n.stop(atRight, func() screens.Screen { return n.make.create(like) }))
}

// ShowSettings implements screens.Nav.
func (n *Navigator) ShowSettings() { n.on(n.make.settings) }

// ShowHelp implements screens.Nav.
func (n *Navigator) ShowHelp() { n.on(n.make.help) }

// ShowLicences implements screens.Nav.
func (n *Navigator) ShowLicences() { n.on(n.make.licences) }

// on goes on to a screen that fills the window.
func (n *Navigator) on(make func() screens.Screen) {
	n.way = append(n.way, n.stop(atRoot, make))
	n.arrange()
}

// stop makes a screen and the stop that it is on the way.
func (n *Navigator) stop(p place, make func() screens.Screen) stop {
	return stop{screen: make(), make: make, place: p}
}

// Remake implements screens.Nav.
func (n *Navigator) Remake() {
	for i := range n.way {
		n.way[i].screen = n.way[i].make()
	}
	n.shell.word()
	n.arrange()
}

// Back implements screens.Nav. At the beginning of the way it does nothing.
func (n *Navigator) Back() { n.back() }

// back goes one step back, and reports false at the beginning of the way.
func (n *Navigator) back() bool {
	if len(n.way) < 2 {
		return false
	}
	n.way = n.way[:len(n.way)-1]
	n.arrange()
	n.refocus()
	return true
}

// restart forgets the way and begins a new one.
func (n *Navigator) restart(s stop) {
	n.way = []stop{s}
	n.arrange()
}

// beside shows something that belongs to the list, in place of what stood
// there before.
func (n *Navigator) beside(s stop) {
	n.toList()
	n.way = append(n.way, s)
	n.arrange()
}

// toList goes back, or on, to the list.
func (n *Navigator) toList() {
	for i, s := range n.way {
		if s.place == atList {
			n.way = n.way[:i+1]
			return
		}
	}
	n.way = append(n.way, n.stop(atList, n.make.backups))
}

func (n *Navigator) last() *stop {
	if len(n.way) == 0 {
		return nil
	}
	return &n.way[len(n.way)-1]
}

// front is what is to be seen now: the screen on the left, nil when there is
// only one, and the one on the right, nil when nothing was chosen there yet.
func (n *Navigator) front() (left, right screens.Screen) {
	last := n.last()
	switch {
	case last == nil:
		return nil, nil
	case n.wide && last.place == atList:
		return last.screen, nil
	case n.wide && last.place == atRight:
		return n.way[len(n.way)-2].screen, last.screen
	default:
		return nil, last.screen
	}
}

// arrange brings what is seen in line with the way and the width.
func (n *Navigator) arrange() {
	left, right := n.front()
	var now []screens.Screen
	for _, s := range []screens.Screen{left, right} {
		if s != nil {
			now = append(now, s)
		}
	}
	before := n.shown
	n.shown = now
	for _, s := range before {
		if !contains(now, s) {
			s.Hidden()
		}
	}
	lead := n.leaveFocus(before, now)
	n.shell.show(objectOf(left), objectOf(right))
	n.showDemo()
	n.showEnd()
	for _, s := range now {
		s.Shown() // again for one that stays: it may stand somewhere else now
	}
	n.Retitle()
	if n.moved != nil {
		n.moved()
	}
	if lead {
		n.lead(n.last().screen)
	}
}

func objectOf(s screens.Screen) fyne.CanvasObject {
	if s == nil {
		return nil
	}
	return s.Object()
}

func contains(all []screens.Screen, s screens.Screen) bool {
	for _, x := range all {
		if x == s {
			return true
		}
	}
	return false
}

func same(a, b []screens.Screen) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if a[i] != b[i] {
			return false
		}
	}
	return true
}

// setWide is called by the shell when the window crosses wideFrom.
func (n *Navigator) setWide(wide bool) {
	if n.wide == wide {
		return
	}
	n.wide = wide
	if len(n.way) > 0 {
		n.arrange()
	}
}

// Retitle shows the title of the screen in front, which may have changed since
// it came there, in the window's title.
func (n *Navigator) Retitle() {
	title := Name
	if last := n.last(); last != nil && last.screen.Title() != "" {
		title = lang.L("{{.Screen}} – {{.App}}", map[string]any{"Screen": last.screen.Title(), "App": Name})
	}
	if n.window.Title() != title {
		n.window.SetTitle(title)
	}
}

// showDemo shows the demo bar on every screen of somebody who is signed in to
// the demo: a demo is not safety.
func (n *Navigator) showDemo() {
	account, signedIn := n.account()
	n.shell.showDemo(signedIn && account.Demo)
}

// showEnd shows above every screen that the session ended, but not at the
// door, which says so itself.
func (n *Navigator) showEnd() {
	last := n.last()
	text := ""
	if last != nil && !last.door && n.ended != nil {
		text = n.ended()
	}
	n.shell.showEnd(text)
}

// signedIn reports whether the way leads through the app, not to its door.
func (n *Navigator) signedIn() bool {
	_, ok := n.account()
	last := n.last()
	return ok && (last == nil || !last.door)
}

// Refresh asks for the content of what is in front again.
func (n *Navigator) Refresh() {
	for _, s := range n.shown {
		if r, ok := s.(screens.Refresher); ok {
			r.Refresh()
		}
	}
}

// Search puts the cursor into the search box, of the list if the screen in
// front has none.
func (n *Navigator) Search() {
	if !n.signedIn() {
		return
	}
	if n.focusSearch() {
		return
	}
	n.ShowBackups()
	n.focusSearch()
}

func (n *Navigator) focusSearch() bool {
	for _, s := range n.shown {
		if search, ok := s.(screens.Searcher); ok {
			search.FocusSearch()
			return true
		}
	}
	return false
}

// New begins a new backup.
func (n *Navigator) New() {
	if n.signedIn() {
		n.ShowCreate(nil)
	}
}
