package app

import (
	"errors"
	"sync/atomic"
	"time"

	"fyne.io/fyne/v2"
	fyneapp "fyne.io/fyne/v2/app"

	"connectbackup/app/core"
	"connectbackup/assets"
	"connectbackup/device"
	"connectbackup/screens"
)

// ID of the app, under which systems know it.
const ID = "app.connect.backup"

// Run opens the window and returns when it was closed. Nothing is lost by
// that: downloads and jobs go on at the next start. When the app runs already,
// that one's window comes to the front instead, and Run returns at once. With
// the ID of a backup the window shows that.
func Run(backup string) error {
	dropEmptyPreferences()
	a := fyneapp.NewWithID(ID)
	o := &opener{app: a, backup: backup, opened: make(chan *core.Core, 1)}
	o.unclaimed = o.claim()
	if errors.Is(o.unclaimed, device.ErrAnswered) {
		return nil
	}
	a.SetIcon(fyne.NewStaticResource("icon.png", assets.AppIcon))
	useToolkit(a)
	if device.CalmMotion() {
		beCalm(a)
	}
	a.Settings().SetTheme(screens.ThemeFor(""))
	o.makeWindow()
	device.OnChosen(o.come)
	a.Lifecycle().SetOnStarted(o.open)
	o.frame.window.ShowAndRun()
	return o.close()
}

// makeWindow makes the window, and the icon in the tray where it will be seen.
func (o *opener) makeWindow() {
	w := o.app.NewWindow(Name)
	w.SetMaster()
	o.frame = newFrame(w, screens.Hops{Go: func(do func()) { go do() }, UI: o.onUI}, core.Explain)
	o.frame.wanted = o.backup
	w.Resize(o.lastSize())
	w.SetOnClosed(o.end)
	if !device.HasTray() {
		return
	}
	if icon := newTrayIcon(o.app, func() { o.come("") }); icon != nil {
		o.frame.tray = &tray{icon: icon, there: device.HasTray, frame: o.frame}
	}
}

// lastSize is the size that the window had at the end.
func (o *opener) lastSize() fyne.Size {
	paths, err := systemPaths(o.app)
	if err != nil {
		return beginSize(0, 0) // the core says why
	}
	return beginSize(core.LastWindowSize(paths))
}

// slowStart is how long the app may take to open before it says what it waits
// for.
const slowStart = time.Second

// opener opens the core while the window is seen already.
type opener struct {
	app    fyne.App
	frame  *frame
	backup string // that the window is to show

	single    *device.Single // nil: no later start can be heard
	unclaimed error          // why the app may not run yet

	ended  atomic.Bool     // the window is closed
	work   chan struct{}   // closed when the last attempt is over; nil: none was made
	opened chan *core.Core // what was opened, for close
}

// onUI is fyne.Do for as long as there is a window. After that Fyne would run
// the function on any goroutine, beside the end of the program.
func (o *opener) onUI(do func()) {
	fyne.Do(func() {
		if !o.ended.Load() {
			do()
		}
	})
}

// open belongs to the UI goroutine.
func (o *opener) open() {
	done := make(chan struct{})
	o.work = done
	noLongerSlow := o.frame.after(slowStart, o.frame.wait)
	go func() {
		defer close(done)
		c, err := o.openCore()
		if err == nil {
			o.opened <- c
		}
		o.onUI(func() {
			noLongerSlow()
			o.show(c, err)
		})
	}()
}

func (o *opener) show(c *core.Core, err error) {
	if errors.Is(err, device.ErrAnswered) {
		o.frame.window.Close()
		return
	}
	if err != nil {
		o.frame.fail(err, o.open)
		return
	}
	o.app.Settings().SetTheme(screens.ThemeFor(c.Settings().Theme()))
	o.frame.begin(needsOf(c, o.frame.hops), c.Downloads())
	if fyne.CurrentDevice().IsMobile() {
		// The system freezes a hidden app: what it shows is old when it returns.
		o.app.Lifecycle().SetOnEnteredForeground(o.frame.nav.Refresh)
	}
}

// end is called when the window closes.
func (o *opener) end() {
	o.frame.end()
	o.ended.Store(true)
}

// close waits for an attempt that is under way and closes what it opened. The
// next start waits for that.
func (o *opener) close() (err error) {
	o.ended.Store(true)
	if o.single != nil {
		defer func() { err = errors.Join(err, o.single.Release()) }()
		if err := o.single.Deafen(); err != nil {
			return err
		}
	}
	if o.work == nil {
		return nil
	}
	<-o.work
	select {
	case c := <-o.opened:
		return errors.Join(o.keepSize(c), c.Close())
	default:
		return nil
	}
}

// keepSize remembers the window's size for the next start. A phone has none.
func (o *opener) keepSize(c *core.Core) error {
	size := o.frame.shell.size
	if size.IsZero() || fyne.CurrentDevice().IsMobile() {
		return nil
	}
	return c.Settings().SetWindowSize(size.Width, size.Height)
}

// openCore makes sure that the app is the only one on its data, and opens it.
func (o *opener) openCore() (*core.Core, error) {
	if o.unclaimed != nil {
		o.unclaimed = o.claim()
	}
	if o.unclaimed != nil {
		return nil, o.unclaimed
	}
	paths, err := systemPaths(o.app)
	if err != nil {
		return nil, err
	}
	return core.Open(core.Options{
		Paths:      paths,
		Notifier:   device.NewNotifier(Name, noticeIcon),
		Pace:       core.DemoPace,
		Say:        say,
		OpenBackup: o.come,
	})
}
