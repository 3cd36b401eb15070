package app

import (
	"strings"
	"time"

	"fyne.io/fyne/v2"

	"connectbackup/assets"
	"connectbackup/device/download"
	"connectbackup/screens/lang"
	"connectbackup/screens/widgets"
)

// fleet is all downloads together, as core's Downloads are.
type fleet interface {
	Active() bool
	States() []download.State
	PauseAll() error
	ResumeAll() error
	Subscribe(f func(download.State)) (cancel func())
}

// trayIcon is what a toolkit can do with the icon in the tray.
type trayIcon interface {
	SetMenu(*fyne.Menu)
	SetIcon(fyne.Resource)
	SetTip(string)
}

// trayCheck is how often a hidden window looks whether the tray is still there.
const trayCheck = 5 * time.Second

// tray is the app's icon in the desktop's tray. All its methods belong to the
// UI goroutine.
type tray struct {
	icon  trayIcon
	there func() bool // whether the desktop shows it now; may block
	frame *frame
	fleet fleet

	shown trayLook
	drawn bool
}

// trayStep is of how many percent one step of the icon is: the desktop takes
// in the whole icon and menu anew each time.
const trayStep = 5

// trayLook is what the tray shows.
type trayLook struct {
	Percent       int // of all that is under way; -1 when nothing is
	Running       bool
	New           bool // a backup can be begun
	Pause, Resume bool // what all downloads can do
}

// trayFor decides what the tray shows.
func trayFor(states []download.State, signedIn bool) trayLook {
	l := trayLook{Percent: -1, New: signedIn}
	var done, total int64
	for _, s := range states {
		switch {
		case s.Phase.Active():
			l.Running, l.Pause = true, true
			done += max(s.Done, 0)
			total += max(s.Total, s.Done, 0)
		case s.Phase == download.Paused:
			l.Resume = true
		}
	}
	if l.Running {
		l.Percent = 0
		if total > 0 {
			l.Percent = int(float64(done) / float64(total) * 100)
		}
	}
	return l
}

// step is the look without the small steps between two icons.
func (l trayLook) step() trayLook {
	if l.Percent > 0 {
		l.Percent -= l.Percent % trayStep
	}
	return l
}

// words tell what is going on.
func (l trayLook) words() string {
	switch {
	case l.Running:
		return lang.L("Downloading: {{.Percent}}", map[string]any{"Percent": lang.Percent(l.Percent)})
	case l.Resume:
		return lang.L("Downloads are paused")
	default:
		return ""
	}
}

// tip stands beside the icon when the pointer rests on it.
func (l trayLook) tip() string {
	if words := l.words(); words != "" {
		return lang.L("{{.App}}: {{.What}}", map[string]any{"App": Name, "What": words})
	}
	return Name
}

// draw brings the tray in line with the downloads.
func (t *tray) draw() {
	look := trayFor(t.fleet.States(), t.frame.nav != nil && t.frame.nav.signedIn())
	if t.drawn && look == t.shown {
		return
	}
	t.icon.SetTip(look.tip())
	if !t.drawn || look.step() != t.shown.step() {
		t.icon.SetMenu(t.menu(look.step()))
		t.icon.SetIcon(fyne.NewStaticResource("tray.png", pictureOf(assets.AppIcon, look.step().Percent)))
	}
	t.shown, t.drawn = look, true
}

// menu is what the icon offers. Desktops that show nothing at a tap show this.
func (t *tray) menu(l trayLook) *fyne.Menu {
	item := func(label string, do func()) *fyne.MenuItem { return fyne.NewMenuItem(label, do) }
	m := fyne.NewMenu(Name)
	if words := l.words(); words != "" {
		state := item(words, nil)
		state.Disabled = true
		m.Items = append(m.Items, state, fyne.NewMenuItemSeparator())
	}
	m.Items = append(m.Items, item(lang.L("Open {{.App}}", map[string]any{"App": Name}), func() { t.frame.come("") }))
	if l.New {
		m.Items = append(m.Items, item(lang.L("New backup"), func() {
			t.frame.come("")
			t.frame.nav.New()
		}))
	}
	if l.Pause {
		m.Items = append(m.Items, item(lang.L("Pause all downloads"), func() { t.steer(t.fleet.PauseAll) }))
	}
	if l.Resume {
		m.Items = append(m.Items, item(lang.L("Resume all downloads"), func() { t.steer(t.fleet.ResumeAll) }))
	}
	quit := item(lang.L("Quit"), t.frame.window.Close)
	quit.IsQuit = true // or Fyne adds one of its own
	m.Items = append(m.Items, fyne.NewMenuItemSeparator(), quit)
	return m
}

// steer does something to all downloads. What fails is told in the window.
func (t *tray) steer(do func() error) {
	f := t.frame
	f.hops.Go(func() {
		err := do()
		f.hops.UI(func() {
			if err == nil {
				return
			}
			what, next := f.say(err)
			f.come("")
			f.nav.Toast(widgets.Toast{Text: strings.TrimSpace(what + " " + next), Tone: widgets.Bad})
		})
	})
}

// hide lets the app go on without its window, if the tray still shows the way
// back.
func (t *tray) hide() {
	f := t.frame
	f.hops.Go(func() {
		there := t.there()
		f.hops.UI(func() {
			if !there {
				f.nav.Toast(widgets.Toast{Text: lang.L("The tray has gone. The window stays."), Tone: widgets.Bad})
				return
			}
			f.window.Hide()
			f.hidden = true
			t.watch()
		})
	})
}

// watch brings the window back when the tray goes while it is hidden.
func (t *tray) watch() {
	f := t.frame
	f.after(trayCheck, func() {
		if !f.hidden {
			return
		}
		f.hops.Go(func() {
			there := t.there()
			f.hops.UI(func() {
				switch {
				case !f.hidden:
				case there:
					t.watch()
				default:
					f.come("")
				}
			})
		})
	})
}
