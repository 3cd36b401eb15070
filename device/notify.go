package device

import (
	"errors"
	"strings"
	"unicode"

	"connectbackup/device/download"
)

// ErrNoNotifications says that nothing on this device shows notifications, or
// that the person has switched them off. The app then tells inside
// (requirement I13).
var ErrNoNotifications = errors.New("this device shows no notifications")

// Notification is what is shown by the system, outside the app's window.
type Notification struct {
	// ID makes a later notification of the same ID take the place of the
	// earlier one, where the system can do that. Empty: none is replaced.
	ID          string
	Title, Body string // plain text
	// Action is the label of what selecting the notification does, such as
	// "Open" (requirement S21), and OnAction does it, on any goroutine. Systems
	// whose notifications cannot be selected leave both out.
	Action   string
	OnAction func()
	// Opens is a file that choosing it opens, where the system does that by
	// itself, whether the app runs or not: on Android.
	Opens download.Location
}

// Notifier shows notifications. Notify may block for some seconds: call it off
// the goroutine of the screen. It is safe for use by several goroutines.
type Notifier interface {
	// Notify shows n; ErrNoNotifications when there is nobody to show it.
	Notify(n Notification) error
	// Close ends the listening for actions. What is shown stays.
	Close() error
}

// ProgressNotifier also shows how far something is, on systems that have a
// place for that.
type ProgressNotifier interface {
	Notifier
	// Progress shows that much of total under that ID, in place of what it
	// showed before; a total of 0 or less is not known.
	Progress(id, title, body string, done, total int64) error
	// Withdraw takes it away. None there is not an error.
	Withdraw(id string) error
}

// NewNotifier makes the notifier of this system. The icon is a PNG; without
// one the system chooses.
func NewNotifier(appName string, icon []byte) Notifier { return newNotifier(appName, icon) }

// plainText keeps what can be shown: a file name in a notification comes from
// a server, and must neither break lines nor turn the direction of writing.
func plainText(s string) string {
	return strings.TrimSpace(strings.Map(func(r rune) rune {
		switch {
		case r == '\n' || r == '\t':
			return ' '
		case r == unicode.ReplacementChar || unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r):
			return -1
		}
		return r
	}, s))
}
