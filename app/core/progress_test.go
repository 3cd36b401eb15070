package core

import (
	"fmt"
	"testing"

	"connectbackup/device"
	"connectbackup/device/download"
)

// bar is a system with a place for progress. What it is told arrives in order.
type bar struct {
	told

	lines chan string
}

func (b *bar) Progress(id, title, body string, done, total int64) error {
	b.lines <- fmt.Sprintf("%s: %s %s %d/%d", id, title, body, done, total)
	return nil
}

func (b *bar) Withdraw(id string) error {
	b.lines <- id + " withdrawn"
	return device.ErrNoNotifications // and nothing comes of it
}

func TestProgressIsShownOutsideTheWindow(t *testing.T) {
	w := newWorld(t)
	b := &bar{told: told{more: make(chan struct{}, 1)}, lines: make(chan string, 99)}
	w.change = func(o *Options) { o.Notifier = b }
	c := w.start()
	state := func(phase download.Phase, done int64) download.State {
		return download.State{ID: "x", Name: "a.zip", Phase: phase, Done: done, Total: 1000}
	}
	for _, step := range []struct {
		state download.State
		want  string // empty: nothing is shown
	}{
		{state(download.Running, 0), "x: Downloading a.zip 0/1000"},
		{state(download.Running, 9), ""}, // the same percent
		{state(download.Running, 10), "x: Downloading a.zip 10/1000"},
		{state(download.Verifying, 10), "x: Downloading a.zip 10/1000"},
		{state(download.Paused, 10), "x withdrawn"},
		{state(download.Running, 500), "x: Downloading a.zip 500/1000"},
		{state(download.Done, 1000), "x withdrawn"},
		{download.State{ID: "y", Name: "b.zip", Phase: download.Running, Total: -1}, "y: Downloading b.zip 0/-1"},
	} {
		c.progress.hear(step.state)
		if step.want == "" {
			continue // what comes next would be after it
		}
		if got := <-b.lines; got != step.want {
			t.Fatalf("%q is shown, not %q", got, step.want)
		}
	}
	if err := c.Close(); err != nil {
		t.Error(err)
	}
	if got := <-b.lines; got != "y withdrawn" {
		t.Errorf("at the end %q is shown", got)
	}
}

// What a killed run showed is taken away by the next.
func TestProgressOfAnEarlierRunIsTakenAway(t *testing.T) {
	w := newWorld(t)
	b := &bar{told: told{more: make(chan struct{}, 1)}, lines: make(chan string, 9)}
	w.change = func(o *Options) { o.Notifier = b }
	c := w.start()
	c.progress.hear(download.State{ID: "x", Phase: download.Paused})
	if got := <-b.lines; got != "x withdrawn" {
		t.Errorf("%q", got)
	}
}
