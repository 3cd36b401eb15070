package core

import (
	"errors"

	"connectbackup/device/download"
)

// States are all downloads that are known of, the oldest first.
func (d *Downloads) States() []download.State { return d.core.manager.States() }

// PauseAll pauses whatever is under way.
func (d *Downloads) PauseAll() error {
	return d.each(download.Phase.Active, d.Pause)
}

// ResumeAll lets all that is paused go on.
func (d *Downloads) ResumeAll() error {
	return d.each(func(p download.Phase) bool { return p == download.Paused }, d.Resume)
}

// each does something to all downloads of a kind. One that ended by itself
// meanwhile is no error.
func (d *Downloads) each(which func(download.Phase) bool, do func(id string) error) error {
	var errs []error
	for _, s := range d.States() {
		if !which(s.Phase) {
			continue
		}
		if err := do(s.ID); err != nil && !errors.Is(err, download.ErrUnknown) {
			errs = append(errs, err)
		}
	}
	return errors.Join(errs...)
}
