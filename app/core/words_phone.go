package core

import (
	"errors"

	"connectbackup/device/iphone"
	"connectbackup/device/phone"
)

// explainPhone has the words for what a phone's system answers. Most of that
// stands within an error that says what it was for, which has its own.
func explainPhone(err error) (words, bool) {
	var java *phone.JavaError
	var keychain *iphone.KeychainError
	switch {
	case errors.Is(err, phone.ErrNotReady), errors.Is(err, iphone.ErrNoWindow), errors.Is(err, iphone.ErrSlow):
		return words{what: "The phone is not ready for that yet.", next: "Wait a moment and try again."}, true
	case errors.As(err, &java), errors.As(err, &keychain), errors.Is(err, iphone.ErrFailed):
		return words{
			what: "The phone's system refused that.",
			next: "Try again. If it stays so, the log file named in Settings tells more.",
		}, true
	}
	return words{}, false
}
