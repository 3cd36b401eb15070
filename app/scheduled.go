package app

import (
	"time"

	"connectbackup/device"
)

// handedOver is one notification that the system will show, under the ID by
// which alone it can be taken back.
type handedOver struct {
	device.Scheduled

	ID string
}

// compareScheduled says what of that which the system has stays there, what is
// taken back, and what is new. What it has shown by now is forgotten.
func compareScheduled(before []handedOver, all []device.Scheduled, now time.Time) (keep, drop []handedOver, add []device.Scheduled) {
	type key struct {
		at          int64
		title, body string
	}
	keyOf := func(s device.Scheduled) key { return key{s.At.Unix(), s.Title, s.Body} }
	wanted := map[key]bool{}
	for _, s := range all {
		if s.At.After(now) {
			wanted[keyOf(s)] = true
		}
	}
	for _, h := range before {
		switch {
		case !h.At.After(now):
		case wanted[keyOf(h.Scheduled)]:
			keep = append(keep, h)
			delete(wanted, keyOf(h.Scheduled))
		default:
			drop = append(drop, h)
		}
	}
	for _, s := range all {
		if wanted[keyOf(s)] {
			add = append(add, s)
			delete(wanted, keyOf(s))
		}
	}
	return keep, drop, add
}
