package app

import (
	"testing"

	"fyne.io/fyne/v2"

	"connectbackup/api"
	"connectbackup/screens"
	"connectbackup/screens/widgets"
)

// devicePage is a list that notes that it shows what is on this device alone.
type devicePage struct {
	listPage
	only bool
}

func (p *devicePage) ShowOnDevice() { p.only = true }

// Home's tile leads to the list with its filter; the list that is on the way
// already is the one that is filtered.
func TestOnDeviceLeadsToTheList(t *testing.T) {
	f := newFixture(t, 412)
	var lists []*devicePage
	f.nav.make.backups = func() screens.Screen {
		lists = append(lists, &devicePage{listPage: listPage{f.page("list")}})
		return lists[len(lists)-1]
	}
	f.nav.ShowHome()
	f.nav.ShowOnDevice()
	f.mustShow(t, "list")
	if len(lists) != 1 || !lists[0].only {
		t.Errorf("%d lists, filtered %v", len(lists), lists[0].only)
	}
	lists[0].only = false
	f.nav.ShowBackup("a")
	f.nav.ShowOnDevice()
	f.mustShow(t, "list")
	if len(lists) != 1 || !lists[0].only {
		t.Error("the list on the way was not filtered")
	}
	f.nav.Back()
	f.mustShow(t, "home")
}

func TestHelpAndLicencesGoBack(t *testing.T) {
	f := newFixture(t, 1000)
	f.nav.ShowHome()
	f.nav.ShowSettings()
	f.nav.ShowLicences()
	f.mustShow(t, "licences")
	f.nav.Back()
	f.nav.ShowHelp()
	f.mustShow(t, "help")
	f.nav.Back()
	f.mustShow(t, "settings")
}

// In another language every screen on the way is made anew, and the same one
// stays in front.
func TestRemakeKeepsTheWay(t *testing.T) {
	f := newFixture(t, 1000)
	f.nav.ShowHome()
	f.nav.ShowBackup("a")
	before := f.made["details a"]
	f.nav.Remake()
	f.mustShow(t, "list | details a")
	if f.made["home"] != 2 || f.made["list"] != 2 || f.made["details a"] != before+1 {
		t.Errorf("made %v", f.made)
	}
	f.nav.ShowCreate(&api.NewBackup{})
	f.nav.Back()
	f.nav.Back()
	f.mustShow(t, "home")
}

// Keys that nothing else wants scroll what is in front: beside the list, what
// stands there.
func TestKeysScrollWhatIsInFront(t *testing.T) {
	for name, width := range map[string]float32{"wide": 1000, "narrow": 412} {
		t.Run(name, func(t *testing.T) {
			f := newFixture(t, width)
			listenToKeys(f.window.Canvas(), f.nav)
			long := widgets.AtLeast(100, 3000, widgets.NewText("long"))
			f.nav.make.details = func(string) screens.Screen {
				p := f.page("details")
				p.object = widgets.Page(widgets.NewHeader("details", nil), long, widgets.NewButton("Save", "", nil))
				return p
			}
			f.nav.ShowHome()
			f.nav.ShowBackup("a")
			top := func() float32 { return fyne.CurrentApp().Driver().AbsolutePositionForObject(long).Y }
			begin := top()
			keys := f.window.Canvas().OnTypedKey()
			for _, c := range []struct {
				key  fyne.KeyName
				want func(y float32) bool
			}{
				{fyne.KeyDown, func(y float32) bool { return y < begin }},
				{fyne.KeyPageDown, func(y float32) bool { return y < begin-400 }},
				{fyne.KeyEnd, func(y float32) bool { return y < -2200 }},
				{fyne.KeyHome, func(y float32) bool { return y == begin }},
			} {
				keys(&fyne.KeyEvent{Name: c.key})
				if y := top(); !c.want(y) {
					t.Errorf("%s: it stands at %v, at the beginning at %v", c.key, y, begin)
				}
			}
			f.window.Canvas().FocusPrevious() // the last there is: a button, which has no use for the key
			f.window.Canvas().Focused().TypedKey(&fyne.KeyEvent{Name: fyne.KeyPageDown})
			if top() == begin {
				t.Error("with the focus on a button Page Down does nothing")
			}
		})
	}
}
