package iphone

/*
#cgo CFLAGS: -fobjc-arc -Wall -Werror=incompatible-pointer-types
#cgo LDFLAGS: -framework Foundation -framework UIKit -framework Security -framework UserNotifications

#include <stdlib.h>
#include "iphone.h"
*/
import "C"

import (
	"fmt"
	"math"
	"unsafe"
)

//export cbTapped
func cbTapped(id *C.char) { taps.tapped(C.GoString(id)) }

// inC hands texts to C for the time of one call.
func inC(f func(c []*C.char) int, texts ...string) int {
	c := make([]*C.char, len(texts))
	for i, text := range texts {
		copied := C.CString(text)
		defer C.free(unsafe.Pointer(copied))
		c[i] = copied
	}
	return f(c)
}

// folder takes over the path of a folder.
func folder(path *C.char, what string) (string, error) {
	if path == nil {
		return "", fmt.Errorf("find the folder for %s: %w", what, ErrFailed)
	}
	defer C.free(unsafe.Pointer(path))
	return C.GoString(path), nil
}

// Documents is the folder that Files shows as this app's.
func Documents() (string, error) { return folder(C.cbDocuments(), "documents") }

// Support is the folder for what is the app's alone.
func Support() (string, error) { return folder(C.cbSupport(), "the app's own files") }

// Free is how many bytes the system finds room for at path, when a person asks
// for it; it deletes what it can fetch again for that.
func Free(path string) (int64, error) {
	c := C.CString(path)
	defer C.free(unsafe.Pointer(c))
	free := int64(C.cbFree(c))
	if free < 0 {
		return 0, fmt.Errorf("free space at %s: %w", path, ErrFailed)
	}
	return free, nil
}

// KeepScreenOn keeps the screen on, or no longer. It returns at once.
func KeepScreenOn(on bool) {
	var c C.int
	if on {
		c = 1
	}
	C.cbKeepScreenOn(c)
}

// BeginWork says that work has begun for which the system is asked for time
// when the app goes out of sight; EndWork is called once for each.
func BeginWork() { C.cbWork(1) }

// EndWork says that such work has ended.
func EndWork() { C.cbWork(-1) }

// OpenURL has the system open an address.
func OpenURL(address string) error {
	return answer(inC(func(c []*C.char) int { return int(C.cbOpenURL(c[0])) }, address))
}

// Open hands a file to people: it shows it here, if look and the system can, and
// otherwise lets them choose the app that opens it.
func Open(path string, look bool) error {
	var here C.int
	if look {
		here = 1
	}
	return answer(inC(func(c []*C.char) int { return int(C.cbOpen(c[0], here)) }, path))
}

// Share hands a file to another app by the share sheet.
func Share(path string) error {
	return answer(inC(func(c []*C.char) int { return int(C.cbShare(c[0])) }, path))
}

// AskToNotify has the system ask the person, once, whether the app may show
// notifications: ErrRefused when not.
func AskToNotify() error { return answer(int(C.cbAskToNotify())) }

// Notify shows a notification, in place of an earlier one of that ID. If leads,
// choosing it calls what OnTap was given.
func Notify(id, title, body string, leads bool) error {
	var tap C.int
	if leads {
		tap = 1
	}
	return answer(inC(func(c []*C.char) int { return int(C.cbNotify(c[0], c[1], c[2], tap)) }, id, title, body))
}

// Secret is what the Keychain keeps of that account of a service; ErrNoSecret if
// nothing.
func Secret(service, account string) (secret []byte, err error) {
	var value *C.char
	var size C.int
	err = keychain(inC(func(c []*C.char) int { return int(C.cbSecret(c[0], c[1], &value, &size)) }, service, account))
	if err != nil {
		return nil, err
	}
	defer C.free(unsafe.Pointer(value))
	return C.GoBytes(unsafe.Pointer(value), size), nil
}

// KeepSecret keeps a secret in the Keychain of this device alone.
func KeepSecret(service, account string, secret []byte) error {
	if len(secret) > math.MaxInt32 {
		return fmt.Errorf("a secret of %d bytes: %w", len(secret), ErrFailed)
	}
	return keychain(inC(func(c []*C.char) int {
		return int(C.cbKeepSecret(c[0], c[1], c[2], C.int(len(secret))))
	}, service, account, string(secret)))
}

// DropSecret forgets a secret; ErrNoSecret if there is none.
func DropSecret(service, account string) error {
	return keychain(inC(func(c []*C.char) int { return int(C.cbDropSecret(c[0], c[1])) }, service, account))
}
