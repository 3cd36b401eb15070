package app

import (
	"bytes"
	"errors"
	"image/png"
	"math"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"

	"connectbackup/api"
	"connectbackup/app/core"
	"connectbackup/assets"
	"connectbackup/device/download"
	"connectbackup/screens"
	"connectbackup/screens/widgets"
)

func TestWhatALaterStartWants(t *testing.T) {
	for _, id := range []string{"", "bkp_01JD0000000000000000000000", "a-b_C9"} {
		if got, ok := wished(wish(id)); got != id || !ok {
			t.Errorf("%q arrives as %q, %v", id, got, ok)
		}
	}
	for _, bad := range []string{"a b", "../x", "ü", "a\nshow", strings.Repeat("x", maxBackupID+1)} {
		if wish(bad) != wantShow {
			t.Errorf("%q is sent", bad)
		}
	}
	for _, message := range []string{"", "hide", "show backup", "show backup ", "show backup a/b", "show backup a b", "SHOW"} {
		if _, ok := wished(message); ok {
			t.Errorf("%q is obeyed", message)
		}
	}
}

func TestBeginSize(t *testing.T) {
	nan, endless := float32(math.NaN()), float32(math.Inf(1))
	for _, c := range []struct{ w, h, wantW, wantH float32 }{
		{0, 0, firstWidth, firstHeight},
		{nan, 700, firstWidth, firstHeight},
		{-5, 700, firstWidth, firstHeight},
		{1200, 800, 1200, 800},
		{10, 10, leastWidth, leastHeight},
		{5120, 2880, mostWidth, mostHeight},
		{endless, endless, mostWidth, mostHeight},
	} {
		if got := beginSize(c.w, c.h); got != fyne.NewSize(c.wantW, c.wantH) {
			t.Errorf("%v by %v begins with %v", c.w, c.h, got)
		}
	}
}

// fakeFleet is a set of downloads.
type fakeFleet struct {
	states []download.State
	did    []string
	err    error
}

func (f *fakeFleet) Active() bool             { return trayFor(f.states, true).Running }
func (f *fakeFleet) States() []download.State { return f.states }
func (f *fakeFleet) PauseAll() error          { f.did = append(f.did, "pause"); return f.err }
func (f *fakeFleet) ResumeAll() error         { f.did = append(f.did, "resume"); return f.err }

func (f *fakeFleet) Subscribe(func(download.State)) (cancel func()) { return func() {} }

func TestTrayFor(t *testing.T) {
	state := func(p download.Phase, done, total int64) download.State {
		return download.State{Phase: p, Done: done, Total: total}
	}
	for name, c := range map[string]struct {
		states []download.State
		in     bool
		want   trayLook
		words  string
	}{
		"nothing":       {nil, true, trayLook{Percent: -1, New: true}, ""},
		"signed out":    {nil, false, trayLook{Percent: -1}, ""},
		"finished":      {[]download.State{state(download.Done, 9, 9)}, true, trayLook{Percent: -1, New: true}, ""},
		"one":           {[]download.State{state(download.Running, 42, 100)}, true, trayLook{Percent: 42, Running: true, New: true, Pause: true}, "Downloading: 42%"},
		"two, one done": {[]download.State{state(download.Running, 10, 100), state(download.Verifying, 100, 100), state(download.Done, 7, 7)}, true, trayLook{Percent: 55, Running: true, New: true, Pause: true}, "Downloading: 55%"},
		"no size":       {[]download.State{state(download.Running, 10, -1)}, true, trayLook{Percent: 100, Running: true, New: true, Pause: true}, "Downloading: 100%"},
		"waiting":       {[]download.State{state(download.Queued, 0, 0)}, true, trayLook{Percent: 0, Running: true, New: true, Pause: true}, "Downloading: 0%"},
		"paused":        {[]download.State{state(download.Paused, 10, 100)}, true, trayLook{Percent: -1, New: true, Resume: true}, "Downloads are paused"},
	} {
		t.Run(name, func(t *testing.T) {
			got := trayFor(c.states, c.in)
			if got != c.want || got.words() != c.words {
				t.Errorf("got %+v %q, want %+v %q", got, got.words(), c.want, c.words)
			}
		})
	}
}

// noted is a tray that notes what it shows.
type noted struct {
	menu  *fyne.Menu
	tip   string
	icons int
}

func (n *noted) SetMenu(m *fyne.Menu)  { n.menu = m }
func (n *noted) SetIcon(fyne.Resource) { n.icons++ }
func (n *noted) SetTip(words string)   { n.tip = words }

func (n *noted) labels() (labels []string) {
	for _, i := range n.menu.Items {
		if !i.IsSeparator {
			labels = append(labels, i.Label)
		}
	}
	return labels
}

func (n *noted) choose(t *testing.T, label string) {
	t.Helper()
	i := slices.IndexFunc(n.menu.Items, func(i *fyne.MenuItem) bool { return i.Label == label })
	if i < 0 {
		t.Fatalf("the tray has no %q: %q", label, n.labels())
	}
	n.menu.Items[i].Action()
}

// hidable is a window that notes being hidden and shown.
type hidable struct {
	fyne.Window
	shown  bool
	closed bool
}

func (h *hidable) Show()         { h.shown = true }
func (h *hidable) Hide()         { h.shown = false }
func (h *hidable) Close()        { h.closed = true }
func (h *hidable) RequestFocus() {}

// trayFixture is a frame with a tray, whose hops run at once.
func trayFixture(t *testing.T) (*tray, *noted, *fakeFleet, *hidable) {
	t.Helper()
	f := newFixture(t, 412)
	f.nav.ShowHome()
	w := &hidable{Window: f.window, shown: true}
	now := func(do func()) { do() }
	words := func(err error) (string, string, map[string]any) { return err.Error() + ".", "", nil }
	fr := &frame{window: w, hops: screens.Hops{Go: now, UI: now}, words: words, shell: f.nav.shell, nav: f.nav}
	icon, downloads := &noted{}, &fakeFleet{}
	fr.tray = &tray{icon: icon, there: func() bool { return true }, frame: fr, fleet: downloads}
	return fr.tray, icon, downloads, w
}

func TestTrayShowsAndSteersDownloads(t *testing.T) {
	tray, icon, downloads, w := trayFixture(t)
	tray.draw()
	if got := strings.Join(icon.labels(), "|"); got != "Open Connect Backup|New backup|Quit" || icon.tip != Name {
		t.Errorf("the tray offers %s, and says %q", got, icon.tip)
	}
	downloads.states = []download.State{{Phase: download.Running, Done: 41, Total: 100}}
	tray.draw()
	drawn := icon.icons
	if got := strings.Join(icon.labels(), "|"); got != "Downloading: 40%|Open Connect Backup|New backup|Pause all downloads|Quit" {
		t.Errorf("while downloading it offers %s", got)
	}
	downloads.states[0].Done = 43
	tray.draw()
	if icon.tip != "Connect Backup: Downloading: 43%" || icon.icons != drawn {
		t.Errorf("two percent later it says %q, and the icon was drawn %d times more", icon.tip, icon.icons-drawn)
	}
	icon.choose(t, "Pause all downloads")
	downloads.states[0].Phase = download.Paused
	tray.draw()
	downloads.err = errors.New("the disk is gone")
	w.shown = false
	icon.choose(t, "Resume all downloads")
	if got := strings.Join(downloads.did, "|"); got != "pause|resume" {
		t.Errorf("it did %s", got)
	}
	if toast, ok := tray.frame.shell.toasts.Current(); !ok || toast.Text != "the disk is gone." || !w.shown {
		t.Errorf("what failed is told by %+v, %v; the window is seen: %v", toast, ok, w.shown)
	}
	icon.choose(t, "Quit")
	if !w.closed {
		t.Error("Quit does not quit")
	}
}

func TestTheWindowIsHiddenOnlyWhereItComesBack(t *testing.T) {
	tray, icon, _, w := trayFixture(t)
	there := false
	tray.there = func() bool { return there }
	tray.draw()
	tray.hide()
	if !w.shown {
		t.Fatal("the window is hidden although the tray has gone")
	}
	there = true
	tray.hide()
	if w.shown || !tray.frame.hidden {
		t.Fatal("the window is not in the tray")
	}
	icon.choose(t, "Open Connect Backup")
	if !w.shown || tray.frame.hidden {
		t.Error("the tray does not bring the window back")
	}
}

// While the window is hidden, somebody looks whether the tray still shows the
// way back; where it has gone, the window returns by itself.
func TestAHiddenWindowReturnsWhenTheTrayGoes(t *testing.T) {
	for name, c := range map[string]struct {
		back  bool // the person brings it back meanwhile
		looks int
	}{"the tray goes": {false, 4}, "the person was there before": {true, 2}} {
		t.Run(name, func(t *testing.T) {
			tray, icon, _, w := trayFixture(t)
			tray.draw()
			synctest.Test(t, func(t *testing.T) {
				looks := 0
				there := true
				tray.there = func() bool {
					looks++
					return there
				}
				later := make(chan func(), 10) // a timer's goroutine is not the window's
				tray.frame.hops.UI = func(do func()) { later <- do }
				settle := func() {
					synctest.Wait()
					for len(later) > 0 {
						(<-later)()
					}
				}
				wait := func() {
					<-time.After(trayCheck + time.Second)
					settle()
				}
				tray.hide()
				settle()
				wait()
				if w.shown || looks != 2 {
					t.Errorf("while the tray is there the window is seen: %v, after %d looks", w.shown, looks)
				}
				if c.back {
					icon.choose(t, "Open Connect Backup")
					w.shown = false // hidden by somebody else: it is not ours to show
				} else {
					wait()
				}
				there = false
				wait()
				if w.shown == c.back || tray.frame.hidden {
					t.Errorf("the window is seen: %v, and counts as hidden: %v", w.shown, tray.frame.hidden)
				}
				wait()
				if looks != c.looks {
					t.Errorf("%d looks, want %d", looks, c.looks)
				}
			})
		})
	}
}

// The window begins as large as it was at the end.
func TestTheWindowBeginsAsItEnded(t *testing.T) {
	p := newPerson(t, fyne.NewSize(1111, 640), t.TempDir())
	paths := core.PathsIn(filepath.Dir(p.data), p.downloads)
	o := &opener{frame: p.frame}
	if err := o.keepSize(p.core); err != nil {
		t.Fatal(err)
	}
	want := fyne.NewSize(1111, 640)
	if fyne.CurrentDevice().IsMobile() {
		want = fyne.NewSize(firstWidth, firstHeight) // it fills the screen, whatever is kept
	}
	if got := beginSize(core.LastWindowSize(paths)); got != want {
		t.Errorf("it begins with %v, want %v", got, want)
	}
	o.frame.shell.size = fyne.Size{} // it was closed before it was seen
	if err := o.keepSize(p.core); err != nil {
		t.Fatal(err)
	}
	if got := beginSize(core.LastWindowSize(paths)); got != want {
		t.Errorf("after a window that nobody saw it begins with %v, want %v", got, want)
	}
}

func TestTrayPicture(t *testing.T) {
	plain := pictureOf(assets.AppIcon, -1)
	for _, percent := range []int{0, 50, 100, 400} {
		busy := pictureOf(assets.AppIcon, percent)
		if bytes.Equal(plain, busy) {
			t.Errorf("at %d %% the icon looks as when nothing is under way", percent)
		}
		img, err := png.Decode(bytes.NewReader(busy))
		if err != nil || img.Bounds().Dx() != traySize {
			t.Fatalf("%v, %v", img.Bounds(), err)
		}
		filled := img.At(traySize/2+8, traySize-11)
		if r, _, _, _ := filled.RGBA(); (r > 0xF000) != (percent >= 100) {
			t.Errorf("at %d %% the bar's right half is %v", percent, filled)
		}
	}
}

func TestComingToTheFront(t *testing.T) {
	tray, _, _, w := trayFixture(t)
	f := tray.frame
	w.shown, f.hidden = false, true
	f.come("bkp_1")
	if last := f.nav.last(); last.id != "bkp_1" || !w.shown || f.hidden {
		t.Errorf("shows %q, window %v", last.id, w.shown)
	}
	f.come("no/backup")
	if last := f.nav.last(); last.id != "bkp_1" {
		t.Errorf("shows %q", last.id)
	}
	f.nav.account = func() (api.Account, bool) { return api.Account{}, false }
	f.nav.ShowSignIn()
	f.come("bkp_2")
	if !f.nav.last().door {
		t.Error("who is signed out sees a backup")
	}
	f.nav = nil
	f.come("bkp_3")
	if f.wanted != "bkp_3" {
		t.Errorf("before the first screen %q is wanted", f.wanted)
	}
}

// chooser is a list with one row, and details that show their button later.
type chooser struct {
	*page
	list *widgets.List
}

func TestEnterLeadsOnAndBackReturns(t *testing.T) {
	onADesk(t)
	for name, width := range map[string]float32{"wide": 1000, "narrow": 412} {
		t.Run(name, func(t *testing.T) {
			f := newFixture(t, width)
			list := widgets.NewList(func() int { return 3 },
				func() fyne.CanvasObject { return widgets.NewText("row") }, func(int, fyne.CanvasObject) {})
			list.OnSelected = func(int) {
				list.UnselectAll()
				f.nav.ShowBackup("a")
			}
			open := widgets.NewPrimaryButton("Open", "", nil)
			open.Hide()
			pause := widgets.NewProgressRow(func() {}, nil, nil)
			pause.SetState(widgets.ProgressState{Pause: true})
			pause.Hide()
			f.nav.make.backups = func() screens.Screen {
				p := f.page("list")
				p.object = widgets.Page(widgets.NewHeader("list", nil), list, nil)
				return chooser{p, list}
			}
			f.nav.make.details = func(string) screens.Screen {
				p := f.page("details")
				p.object = widgets.Page(widgets.NewHeader("details", nil), widgets.NewText(""), widgets.Column(pause, open))
				return p
			}
			c := f.window.Canvas()
			focused := func() string {
				switch o := c.Focused().(type) {
				case *widgets.List:
					return "list"
				case *widgets.Button:
					return o.Text
				case nil:
					return ""
				default:
					return "something else"
				}
			}
			must := func(when, want string) {
				t.Helper()
				if got := focused(); got != want {
					t.Fatalf("%s: %q has the focus, want %q", when, got, want)
				}
			}
			f.nav.ShowHome()
			f.nav.ShowBackups()
			c.Focus(list)
			list.TypedKey(&fyne.KeyEvent{Name: fyne.KeyReturn})
			must("before the details show anything", "")
			pause.Show()
			f.nav.keepFocus()
			must("while downloading", "Pause")
			pause.Hide()
			open.Show()
			f.nav.keepFocus()
			must("after the download", "Open")
			f.nav.Back()
			must("after Back", "list")
			list.TypedKey(&fyne.KeyEvent{Name: fyne.KeyReturn})
			must("the second time", "Open")
			f.nav.Back()
			c.Unfocus()
			for _, o := range test.LaidOutObjects(list) {
				if row, ok := o.(fyne.Tappable); ok {
					test.Tap(row)
					break
				}
			}
			f.mustShow(t, map[string]string{"wide": "list | details", "narrow": "details"}[name])
			must("after a tap", map[string]string{"wide": "list", "narrow": ""}[name])
		})
	}
}
