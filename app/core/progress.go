package core

import (
	"sync"

	"connectbackup/device"
	"connectbackup/device/download"
)

// progressNotices shows how far downloads are outside the app's window, where
// the system has a place for that: on a phone, whose window is seldom seen.
type progressNotices struct {
	core  *Core
	to    device.ProgressNotifier
	ready chan struct{}

	mu    sync.Mutex
	newer map[string]download.State // by ID, not shown yet

	shown map[string]shownProgress // belongs to run
}

// shownProgress is what can be seen of one download.
type shownProgress struct {
	phase   download.Phase
	percent int64
}

func newProgressNotices(c *Core, to device.ProgressNotifier) *progressNotices {
	return &progressNotices{
		core: c, to: to, ready: make(chan struct{}, 1),
		newer: map[string]download.State{}, shown: map[string]shownProgress{},
	}
}

// hear takes in how a download stands. It never waits for the system, which may
// take its time: then newer states take the place of older ones.
func (p *progressNotices) hear(s download.State) {
	p.mu.Lock()
	p.newer[s.ID] = s
	p.mu.Unlock()
	select {
	case p.ready <- struct{}{}:
	default:
	}
}

// run shows what was heard until the app closes, and takes away what it showed.
func (p *progressNotices) run() {
	for {
		select {
		case <-p.ready:
			p.mu.Lock()
			newer := p.newer
			p.newer = map[string]download.State{}
			p.mu.Unlock()
			for _, s := range newer {
				p.show(s)
			}
		case <-p.core.ctx.Done():
			for id := range p.shown {
				p.withdraw(id)
			}
			return
		}
	}
}

// show shows a download that is under way, once for each percent: the system
// drops what comes faster.
func (p *progressNotices) show(s download.State) {
	before, was := p.shown[s.ID]
	if !s.Phase.Active() {
		p.withdraw(s.ID) // also what an earlier run showed, which was killed
		return
	}
	now := shownProgress{phase: s.Phase}
	if s.Total > 0 {
		now.percent = int64(float64(s.Done) / float64(s.Total) * 100)
	}
	if was && now == before {
		return
	}
	p.shown[s.ID] = now
	if err := p.to.Progress(s.ID, p.core.say("Downloading", nil), s.Name, s.Done, s.Total); err != nil {
		p.core.log.Info("show progress outside the window", "error", err)
	}
}

func (p *progressNotices) withdraw(id string) {
	delete(p.shown, id)
	if err := p.to.Withdraw(id); err != nil {
		p.core.log.Info("take progress away", "error", err)
	}
}
