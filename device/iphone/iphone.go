// Package iphone is the narrow native layer of iOS and iPadOS: the few things
// that the app asks of Apple's frameworks, each a Go function with a Go error.
// It decides nothing and keeps nothing; device does. The Objective-C is one
// file, iphone_ios.m, behind the functions of iphone.h.
//
// Functions may block on the system's services, and on the main thread, which
// belongs to UIKit: call them off both. Nothing here starts a goroutine but one
// for each notification that is chosen.
package iphone

import (
	"errors"
	"fmt"
	"sync"
)

var (
	// ErrNoApp says that nothing on this device takes what it was to be handed.
	ErrNoApp = errors.New("nothing on this device opens that")
	// ErrNoWindow says that the app's window is not there.
	ErrNoWindow = errors.New("the app's window is not there")
	// ErrRefused says that the person allows the app no notifications.
	ErrRefused = errors.New("the app may not show notifications")
	// ErrSlow says that the system, or the person whom it asks, has not answered
	// yet. What was wanted may still be done.
	ErrSlow = errors.New("the system has not answered yet")
	// ErrFailed says that the system refused, without a reason that it names.
	ErrFailed = errors.New("the system refused")
	// ErrNoSecret says that nothing is kept under that name.
	ErrNoSecret = errors.New("no such secret")
)

// answers are the errors behind the numbers of iphone.h, in their order.
var answers = []error{nil, ErrNoApp, ErrNoWindow, ErrRefused, ErrSlow, ErrFailed}

// answer is the error behind one of those numbers.
func answer(number int) error {
	if number < 0 || number >= len(answers) {
		return fmt.Errorf("%w: %d", ErrFailed, number)
	}
	return answers[number]
}

// KeychainError is a number of the Keychain's (OSStatus).
type KeychainError struct{ Status int }

func (e *KeychainError) Error() string { return fmt.Sprintf("the Keychain says %d", e.Status) }

// notFound is the Keychain's errSecItemNotFound.
const notFound = -25300

func keychain(status int) error {
	switch status {
	case 0:
		return nil
	case notFound:
		return ErrNoSecret
	}
	return &KeychainError{Status: status}
}

// taps joins what people choose with whoever leads them there.
var taps tapper

// tapper keeps the last notification that was chosen until there is somebody
// to lead: choosing one may be what started the app.
type tapper struct {
	mu      sync.Mutex
	lead    func(id string)
	waiting string
}

// OnTap has lead called, on a goroutine of its own, with the ID of each
// notification that was shown to lead somewhere and is chosen; also of one that
// was chosen before.
func OnTap(lead func(id string)) { taps.listen(lead) }

func (t *tapper) listen(lead func(id string)) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.lead = lead
	if t.waiting != "" {
		go lead(t.waiting)
	}
	t.waiting = ""
}

// tapped is called on the main thread, which must not wait.
func (t *tapper) tapped(id string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.lead == nil {
		t.waiting = id
		return
	}
	go t.lead(id)
}
