package screens

import (
	"strings"
	"testing"

	"connectbackup/api"
	"connectbackup/device/download"
)

// The table "which button, which name" of the requirements (S11 to S19).
func TestOffers(t *testing.T) {
	all := api.User{Permissions: []string{api.PermissionCreate, api.PermissionDownload}}
	can := func(f Feature) bool { return f != CanShare }
	state := func(p download.Phase) download.State { return download.State{Phase: p} }
	held := func(s download.CopyState) download.Copy { return download.Copy{State: s} }
	noFile := with(func(b *api.Backup) { b.Archive = nil })
	file := offers{Open: true, Extract: true, Reveal: true, Verify: true, Remove: true, Rename: true, Delete: true}
	and := func(o offers, p primary, change ...func(*offers)) offers {
		o.Primary = p
		for _, f := range change {
			f(&o)
		}
		return o
	}
	served := offers{Locate: true, Rename: true, Delete: true} // the server has the file, this device not
	busy := func(o *offers) { o.Verify, o.Remove, o.Locate = false, false, false }
	unserved := func(o *offers) { o.Delete = false }
	for name, c := range map[string]struct {
		s    situation
		want offers
	}{
		"never downloaded here": {situation{Backup: sample()}, and(served, firstDownload)},
		"here":                  {situation{Backup: sample(), Copy: held(download.CopyPresent)}, and(file, downloadAgain)},
		"changed here":          {situation{Backup: sample(), Copy: held(download.CopyChanged)}, and(file, downloadAgain, func(o *offers) { o.Locate = true })},
		"deleted here":          {situation{Backup: sample(), Copy: held(download.CopyGone)}, and(served, downloadAgain, func(o *offers) { o.Find = true })},
		"running":               {situation{Backup: sample(), State: state(download.Running)}, and(served, transfer, busy)},
		"stopped":               {situation{Backup: sample(), State: state(download.Failed)}, and(served, transfer, busy)},
		"again, running":        {situation{Backup: sample(), Copy: held(download.CopyPresent), State: state(download.Running)}, and(file, transfer, busy)},
		"done":                  {situation{Backup: sample(), Copy: held(download.CopyPresent), State: state(download.Done)}, and(file, downloadAgain)},
		"pending":               {situation{Backup: pendingSample()}, offers{Primary: cancelJob}},
		"failed":                {situation{Backup: failedSample()}, offers{Primary: tryAgain, Rename: true}},
		"cancelled":             {situation{Backup: withStatus("x", "x", api.StatusCancelled, 0)}, offers{Primary: tryAgain, Rename: true}},
		"expired, held":         {situation{Backup: expiredSample(), Copy: held(download.CopyPresent)}, and(file, nothing, unserved)},
		"expired, gone":         {situation{Backup: expiredSample(), Copy: held(download.CopyGone)}, offers{Find: true, Locate: true, Rename: true}},
		"expired, not held":     {situation{Backup: expiredSample()}, offers{Locate: true, Rename: true}},
		"deleted":               {situation{Backup: withStatus("x", "x", api.StatusDeleted, 0)}, offers{Locate: true, Rename: true}},
		"of a later version":    {situation{Backup: withStatus("x", "x", api.StatusOther, 0)}, offers{}},
		"completed, no file":    {situation{Backup: noFile}, offers{Rename: true}},
	} {
		c.s.User, c.s.Can = all, can
		if got := offersFor(c.s); got != c.want {
			t.Errorf("%s: got %+v, want %+v", name, got, c.want)
		}
	}
}

func TestOffersWithoutPermission(t *testing.T) {
	can := func(Feature) bool { return false }
	for name, b := range map[string]api.Backup{"completed": sample(), "pending": pendingSample(), "failed": failedSample()} {
		o := offersFor(situation{Backup: b, Can: can})
		if o.Refused == "" {
			t.Errorf("%s: offered without the permission", name)
		}
	}
	// What is on this device can be extracted whatever the server allows, and
	// what the device cannot do is not offered.
	o := offersFor(situation{Backup: sample(), Copy: download.Copy{State: download.CopyPresent}, Can: can})
	if !o.Extract || o.Open || o.Reveal {
		t.Errorf("got %+v", o)
	}
}

// What is wanted seldom, and what cannot be undone, stands in the menu, with
// the reason where something is not allowed (I16).
func TestMenu(t *testing.T) {
	all := api.User{Permissions: []string{api.PermissionCreate, api.PermissionDownload, api.PermissionDelete}}
	for name, c := range map[string]struct {
		o    offers
		user api.User
		want string
	}{
		"nothing": {offers{Open: true, Extract: true, Verify: true}, all, ""},
		"all": {
			offers{Rename: true, Share: true, Locate: true, Remove: true, Delete: true},
			all,
			"Rename; Share; Locate file…; Delete from this device!; Delete from server!",
		},
		"a file that is gone has its buttons": {offers{Rename: true, Locate: true, Find: true}, all, "Rename"},
		"not allowed": {
			offers{Rename: true, Remove: true, Delete: true},
			api.User{},
			"Rename (You are not allowed to create backups. Ask the person who manages your organisation.); Delete from this device!; " +
				"Delete from server! (You are not allowed to delete files on the server. Ask the person who manages your organisation.)",
		},
	} {
		var parts []string
		for _, e := range menuFor(c.o, c.user) {
			part := e.Label
			if e.Danger {
				part += "!"
			}
			if e.Refused != "" {
				part += " (" + e.Refused + ")"
			}
			parts = append(parts, part)
		}
		if got := strings.Join(parts, "; "); got != c.want {
			t.Errorf("%s: got %s", name, got)
		}
	}
}
