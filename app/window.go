package app

import (
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
// that: downloads and jobs go on at the next start.
func Run() error {
	dropEmptyPreferences()
	a := fyneapp.NewWithID(ID)
	a.SetIcon(fyne.NewStaticResource("icon.png", assets.AppIcon))
	a.Settings().SetTheme(screens.ThemeFor(""))
	useToolkit(a)

	w := a.NewWindow(Name)
	w.SetMaster()
	o := &opener{app: a, opened: make(chan *core.Core, 1)}
	o.frame = newFrame(w, screens.Hops{Go: func(do func()) { go do() }, UI: o.onUI}, core.Explain)
	w.Resize(fyne.NewSize(1000, 720))
	w.SetOnClosed(o.end)
	a.Lifecycle().SetOnStarted(o.open)
	w.ShowAndRun()
	return o.close()
}

// slowStart is how long the app may take to open before it says what it waits
// for.
const slowStart = time.Second

// opener opens the core while the window is seen already.
type opener struct {
	app    fyne.App
	frame  *frame
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
		c, err := openCore(o.app)
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
	if err != nil {
		o.frame.fail(err, o.open)
		return
	}
	o.app.Settings().SetTheme(screens.ThemeFor(c.Settings().Theme()))
	o.frame.begin(needsOf(c, o.frame.hops), c.Downloads().Active)
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

// close waits for an attempt that is under way and closes what it opened.
func (o *opener) close() error {
	o.ended.Store(true)
	if o.work == nil {
		return nil
	}
	<-o.work
	select {
	case c := <-o.opened:
		return c.Close()
	default:
		return nil
	}
}

func openCore(a fyne.App) (*core.Core, error) {
	paths, err := systemPaths(a)
	if err != nil {
		return nil, err
	}
	return core.Open(core.Options{
		Paths:    paths,
		Notifier: device.NewNotifier(Name, assets.AppIcon),
		Pace:     core.DemoPace,
	})
}
