package device

import (
	"fmt"
	"time"
)

// Scheduled is a notification that the system is to show by itself at that
// time, also while the app is closed.
type Scheduled struct {
	At          time.Time
	Title, Body string // plain text
}

// CanSchedule reports whether the system takes notifications for later.
func CanSchedule() bool {
	n := native.Load()
	return n != nil && n.Schedule != nil
}

// Schedule hands notifications to the system, in place of all that were handed
// to it before; none takes them back. ErrUnsupported where CanSchedule says no.
func Schedule(all []Scheduled) error {
	if !CanSchedule() {
		return fmt.Errorf("notify later: %w", ErrUnsupported)
	}
	clean := make([]Scheduled, 0, len(all))
	for _, s := range all {
		s.Title, s.Body = scheduledText(s.Title), scheduledText(s.Body)
		clean = append(clean, s)
	}
	return native.Load().Schedule(clean)
}
