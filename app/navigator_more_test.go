package app

import (
	"testing"

	"connectbackup/api"
	"connectbackup/screens"
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
