package core

import (
	"errors"

	"connectbackup/device/phone"
)

// explainPhone has the words for what a phone's system answers. Most of that
// stands within an error that says what it was for, which has its own.
func explainPhone(err error) (words, bool) {
	var java *phone.JavaError
	switch {
	case errors.Is(err, phone.ErrNotReady):
		return words{what: "The phone is not ready for that yet.", next: "Wait a moment and try again."}, true
	case errors.As(err, &java):
		return words{
			what: "Android refused that.",
			next: "Try again. If it stays so, the log file named in Settings tells more.",
		}, true
	}
	return words{}, false
}
