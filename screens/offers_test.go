package screens

import (
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
	file := offers{Open: true, Extract: true, Reveal: true}
	and := func(o offers, p primary) offers {
		o.Primary = p
		return o
	}
	for name, c := range map[string]struct {
		s    situation
		want offers
	}{
		"never downloaded here": {situation{Backup: sample()}, offers{Primary: firstDownload}},
		"here":                  {situation{Backup: sample(), Copy: held(download.CopyPresent)}, and(file, downloadAgain)},
		"changed here":          {situation{Backup: sample(), Copy: held(download.CopyChanged)}, and(file, downloadAgain)},
		"deleted here":          {situation{Backup: sample(), Copy: held(download.CopyGone)}, offers{Primary: downloadAgain}},
		"running":               {situation{Backup: sample(), State: state(download.Running)}, offers{Primary: transfer}},
		"stopped":               {situation{Backup: sample(), State: state(download.Failed)}, offers{Primary: transfer}},
		"again, running":        {situation{Backup: sample(), Copy: held(download.CopyPresent), State: state(download.Running)}, and(file, transfer)},
		"done":                  {situation{Backup: sample(), Copy: held(download.CopyPresent), State: state(download.Done)}, and(file, downloadAgain)},
		"pending":               {situation{Backup: pendingSample()}, offers{Primary: cancelJob}},
		"failed":                {situation{Backup: failedSample()}, offers{Primary: tryAgain}},
		"cancelled":             {situation{Backup: withStatus("x", "x", api.StatusCancelled, 0)}, offers{Primary: tryAgain}},
		"expired, held":         {situation{Backup: expiredSample(), Copy: held(download.CopyPresent)}, file},
		"expired, not held":     {situation{Backup: expiredSample()}, offers{}},
		"deleted":               {situation{Backup: withStatus("x", "x", api.StatusDeleted, 0)}, offers{}},
		"of a later version":    {situation{Backup: withStatus("x", "x", api.StatusOther, 0)}, offers{}},
		"completed, no file":    {situation{Backup: noFile}, offers{}},
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
