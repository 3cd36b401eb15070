package core

import (
	"sync"

	"connectbackup/device"
)

// screenKeeper keeps the device's screen on while something is downloaded, if
// the person wants that: on a phone, which otherwise freezes the app soon.
type screenKeeper struct {
	core *Core
	keep func(on bool) error

	mu sync.Mutex
	on bool
}

func newScreenKeeper(c *Core) *screenKeeper {
	keep := c.options.KeepScreenOn
	if keep == nil && device.CanKeepScreenOn() {
		keep = device.KeepScreenOn
	}
	return &screenKeeper{core: c, keep: keep}
}

// settle keeps the screen on, or no longer, as things are now. While one
// download follows another each renews it: a device may keep it on for some
// time only.
func (s *screenKeeper) settle() {
	s.set(s.core.settings.get().KeepScreenOn && s.core.downloads.Active())
}

// let lets the screen sleep, at the end of the app.
func (s *screenKeeper) let() { s.set(false) }

func (s *screenKeeper) set(on bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.keep == nil || !on && !s.on {
		return
	}
	s.on = on
	if err := s.keep(on); err != nil {
		s.core.log.Warn("keep the screen on", "on", on, "error", err)
	}
}
