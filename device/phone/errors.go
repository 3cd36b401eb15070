package phone

import (
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"syscall"
)

var (
	// ErrNoApp says that no app on this phone takes what it was to be handed.
	ErrNoApp = errors.New("no app on this phone opens that")
	// ErrTooOld says that this version of Android does not have that yet.
	ErrTooOld = errors.New("this version of Android cannot do that")
	// ErrNotReady says that the app's window is not there yet, or not any more.
	ErrNotReady = errors.New("the app's window is not there")
	// ErrSealed says that a sealed secret cannot be opened: it was changed, or
	// its key is gone.
	ErrSealed = errors.New("the secret cannot be opened any more")
)

// errNil says that Java answered with nothing where something must be.
var errNil = errors.New("nothing came from Java")

// errRoom says that Java has no memory for references.
var errRoom = errors.New("no room for references in Java")

// JavaError is an exception that Java threw.
type JavaError struct {
	Class   string // java.lang.SecurityException
	Message string // as Java says it; for the log, not for people
	In      string // the member that threw it
}

func (e *JavaError) Error() string { return fmt.Sprintf("%s: %s: %s", e.In, e.Class, e.Message) }

// Is says what the exceptions that the app expects mean in Go.
func (e *JavaError) Is(target error) bool {
	switch e.Class {
	case "java.io.FileNotFoundException":
		return target == fs.ErrNotExist
	case "java.lang.SecurityException", "android.app.RecoverableSecurityException":
		return target == fs.ErrPermission
	case "android.content.ActivityNotFoundException":
		return target == ErrNoApp
	// What was changed, and a key that is another one or invalid for ever. A
	// Keystore that fails for now says something else.
	case "javax.crypto.AEADBadTagException", "java.security.InvalidAlgorithmParameterException",
		"android.security.keystore.KeyPermanentlyInvalidatedException":
		return target == ErrSealed
	}
	// Java's file operations end with the name of the system's error alone.
	return target == syscall.ENOSPC && strings.Contains(e.Message, "ENOSPC")
}
