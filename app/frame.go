package app

import (
	"context"
	"strings"
	"time"

	"fyne.io/fyne/v2"

	"connectbackup/device/download"
	"connectbackup/screens"
	"connectbackup/screens/lang"
	"connectbackup/screens/widgets"
)

// frame is one window and what is in it.
type frame struct {
	window fyne.Window
	hops   screens.Hops // real ones, or the queue of a test
	words  screens.Words
	shell  *shell
	nav    *Navigator
	tray   *tray  // nil: the desktop has none
	hidden bool   // the window is in the tray alone
	wanted string // the backup to show as soon as there is a first screen

	unsubscribe []func() // from the end of the session, and from the downloads
}

// newFrame puts an empty shell into the window: until the core is open there
// is nothing to show.
func newFrame(w fyne.Window, hops screens.Hops, words screens.Words) *frame {
	f := &frame{window: w, hops: hops, words: words}
	f.shell = newShell(widgets.NewToastHost(f.after))
	w.SetPadded(false)
	w.SetContent(f.shell.root)
	w.SetTitle(Name)
	return f
}

// after runs do on the UI goroutine after a while.
func (f *frame) after(d time.Duration, do func()) (stop func()) {
	stopped := false // belongs to the UI goroutine: a timer that fired already is too late to stop
	t := time.AfterFunc(d, func() {
		f.hops.UI(func() {
			if !stopped {
				do()
			}
		})
	})
	return func() {
		stopped = true
		t.Stop()
	}
}

// retitled makes hops after which the window's title is that of the screen in
// front, and a toast stands above its buttons: a screen learns its title with
// an answer from the server, and shows other buttons.
func (f *frame) retitled() screens.Hops {
	return screens.Hops{Go: f.hops.Go, UI: func(do func()) {
		f.hops.UI(func() {
			do()
			f.nav.Retitle()
			f.nav.keepFocus()
			f.shell.toasts.Settle()
		})
	}}
}

// begin shows the first screen.
func (f *frame) begin(n screens.Needs, downloads fleet) {
	lang.Use(n.Settings.Language())
	f.shell.word()
	f.nav = newNavigator(f.window, f.shell, n.Sessions.Current)
	n.Hops = f.retitled()
	f.nav.make = makerOf(n, f.nav)
	f.nav.ended = func() string { return f.endText(n.Sessions) }
	f.shell.end.SetAction(lang.L("Sign in"), f.nav.ShowSignIn)
	f.unsubscribe = append(f.unsubscribe, n.Sessions.Subscribe(func() { n.Hops.UI(f.nav.showEnd) }))
	f.nav.wide = f.window.Canvas().Size().Width >= wideFrom
	f.shell.demo.SetAction(lang.L("Leave the demo"), func() { f.leaveDemo(n) })
	listenToKeys(f.window.Canvas(), f.nav)
	f.beginTray(downloads)
	if _, ok := n.Sessions.Current(); !ok {
		f.nav.ShowSignIn()
		return
	}
	f.nav.ShowHome()
	if f.wanted != "" {
		f.come(f.wanted)
	}
}

// beginTray lets the tray follow the downloads, where there is one, and asks
// before the window is closed.
func (f *frame) beginTray(downloads fleet) {
	if f.tray == nil {
		askBeforeClose(f.window, downloads.Active, nil)
		return
	}
	f.tray.fleet = downloads
	f.nav.moved = f.tray.draw
	f.unsubscribe = append(f.unsubscribe, downloads.Subscribe(func(download.State) { f.hops.UI(f.tray.draw) }))
	askBeforeClose(f.window, downloads.Active, f.tray.hide)
}

// endText says that the session ended; empty when it did not.
func (f *frame) endText(s screens.Sessions) string {
	_, why := s.Ended()
	if why == nil {
		return ""
	}
	what, next := f.say(why)
	return strings.TrimSpace(what + " " + next)
}

// leaveDemo signs out of the demo and leads to where a real organisation is
// signed in to. Its files stay.
func (f *frame) leaveDemo(n screens.Needs) {
	f.shell.showDemo(false) // it is one tap; a second would sign out of what comes next
	n.Hops.Go(func() {
		err := n.Sessions.SignOut(context.Background())
		n.Hops.UI(func() {
			if err != nil {
				what, next := f.say(err)
				f.nav.Toast(widgets.Toast{Text: strings.TrimSpace(what + " " + next), Tone: widgets.Bad})
				f.nav.showDemo()
				return
			}
			f.nav.ShowSignIn()
		})
	})
}

// wait says what takes so long at the start: hardly ever anything else than the
// question that unlocks the system's store for passwords.
func (f *frame) wait() {
	f.shell.show(nil, widgets.NewLoading(lang.L("Opening. The system may ask you to unlock its store for passwords.")))
}

// fail says why the app could not start. again tries once more.
func (f *frame) fail(err error, again func()) {
	what, next := f.say(err)
	p := widgets.NewPlaceholder(widgets.IconWarning, widgets.Bad, what, next)
	p.SetAction(lang.L("Try again"), func() {
		f.shell.show(nil, nil)
		again()
	})
	f.shell.show(nil, p)
}

// say tells an error in words: what happened, and what to do next.
func (f *frame) say(err error) (what, next string) {
	what, next, data := f.words(err)
	return lang.L(what, data), sentence(next, data)
}

func sentence(text string, data map[string]any) string {
	if text == "" {
		return ""
	}
	return lang.L(text, data)
}

// end stops what the screens in front are doing.
func (f *frame) end() {
	if f.nav == nil {
		return
	}
	for _, end := range f.unsubscribe {
		end()
	}
	for _, s := range f.nav.shown {
		s.Hidden()
	}
	f.nav.shown = nil
}
