package device

import "errors"

// ErrNoTimer says that no timers of the user run here: there is no systemd, or
// this session is none of its.
var ErrNoTimer = errors.New("no timers of the user run here")
