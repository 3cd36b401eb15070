package core

import (
	"sync/atomic"
	"testing"

	"connectbackup/device/download"
)

func TestTheScreenStaysOnWhileDownloading(t *testing.T) {
	w := newWorld(t)
	var on atomic.Bool
	changes := make(chan bool, 99)
	w.change = func(o *Options) {
		o.KeepScreenOn = func(is bool) error {
			on.Store(is)
			changes <- is
			return nil
		}
	}
	c := w.start()
	signInDemo(t, c)
	held(t, c)
	if len(changes) > 0 {
		t.Error("the screen was kept on though nobody asked for it")
	}
	if err := c.Settings().SetKeepScreenOn(true); err != nil {
		t.Fatal(err)
	}
	if len(changes) > 0 {
		t.Error("the screen is kept on though nothing is downloaded")
	}
	b := completed(t, c)
	if err := c.Downloads().Start(b, download.Replace); err != nil {
		t.Fatal(err)
	}
	if !<-changes {
		t.Error("the screen is let go before it was kept on")
	}
	for <-changes { // until it is let go, at the end of the download
	}
	if on.Load() {
		t.Error("the screen stays on")
	}
}
