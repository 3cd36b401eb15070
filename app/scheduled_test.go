package app

import (
	"testing"
	"time"

	"connectbackup/device"
)

func TestOnlyWhatChangedIsHandedToTheSystem(t *testing.T) {
	now := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	at := func(days int, title string) device.Scheduled {
		return device.Scheduled{At: now.AddDate(0, 0, days), Title: title, Body: "b"}
	}
	before := []handedOver{{at(-1, "shown"), "1"}, {at(2, "stays"), "2"}, {at(3, "goes"), "3"}, {at(2, "stays"), "4"}}
	all := []device.Scheduled{at(2, "stays"), at(3, "comes"), at(3, "comes"), at(-1, "late")}
	keep, drop, add := compareScheduled(before, all, now)
	if len(keep) != 1 || keep[0].ID != "2" {
		t.Errorf("kept are %+v", keep)
	}
	if len(drop) != 2 || drop[0].ID != "3" || drop[1].ID != "4" {
		t.Errorf("taken back are %+v", drop)
	}
	if len(add) != 1 || add[0].Title != "comes" {
		t.Errorf("new are %+v", add)
	}
	if keep, drop, add = compareScheduled(before, nil, now); len(keep)+len(add) > 0 || len(drop) != 3 {
		t.Errorf("signed out: %+v, %+v, %+v", keep, drop, add)
	}
}
