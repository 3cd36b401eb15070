package device

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"sync"

	"git.sr.ht/~jackmordaunt/go-toast"
)

// toastClass is under which class of COM Windows tells this app, and no other,
// that one of its toasts was chosen.
const toastClass = "{6B1F7A52-0C9E-4E0B-9E55-5C4E8B6F3D21}"

// toastsMax is how many toasts can still be chosen: an older one of the action
// centre then only goes away.
const toastsMax = 64

// toastNotifier shows toasts. Those with an action are made here, since beeep
// cannot tell that one was chosen; Windows tells the running app, by a call
// into it.
type toastNotifier struct {
	app  string
	icon []byte

	sending  sync.Mutex // one at a time; guards iconPath
	iconPath string     // of a file of the icon; empty: none was made

	mu      sync.Mutex
	next    uint64
	actions map[string]func()
}

func newNotifier(appName string, icon []byte) Notifier {
	t := &toastNotifier{app: scriptText(appName), icon: smallIcon(icon), actions: make(map[string]func())}
	toast.SetActivationCallback(func(key string, _ []toast.UserData) { t.chosen(key) })
	return t
}

// Notify shows n.
func (t *toastNotifier) Notify(n Notification) error {
	t.sending.Lock()
	defer t.sending.Unlock()
	if n.OnAction == nil {
		return beeepNotify(t.app, n.Title, n.Body, t.icon)
	}
	// The class stays the app's for later toasts, also those of beeep.
	if err := toast.SetAppData(toast.AppData{AppID: t.app, GUID: toastClass, IconPath: t.iconFile()}); err != nil {
		return fmt.Errorf("%w: %w", ErrNoNotifications, err)
	}
	message := toast.Notification{
		AppID: t.app, Title: scriptText(n.Title), Body: scriptText(n.Body), Icon: t.iconFile(),
		ActivationType: toast.Foreground, ActivationArguments: t.remember(n.OnAction), Audio: toast.Silent,
	}
	if err := message.Push(); err != nil {
		return fmt.Errorf("%w: %w", ErrNoNotifications, err)
	}
	return nil
}

// remember keeps what choosing a toast does, under the key that it returns.
func (t *toastNotifier) remember(act func()) (key string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.next++
	key = strconv.FormatUint(t.next, 10)
	t.actions[key] = act
	delete(t.actions, strconv.FormatUint(t.next-toastsMax, 10))
	return key
}

// chosen is called by Windows, on a thread of its own.
func (t *toastNotifier) chosen(key string) {
	t.mu.Lock()
	act := t.actions[key]
	delete(t.actions, key)
	t.mu.Unlock()
	if act != nil {
		go act() // Windows waits for this call to return
	}
}

// iconFile is where the icon lies as a file, as toasts want it: they show it for
// as long as they stay in the action centre, so that it is left there. Empty
// when it cannot be written: a toast without it is better than none.
func (t *toastNotifier) iconFile() string {
	if t.iconPath != "" || len(t.icon) == 0 {
		return t.iconPath
	}
	path := filepath.Join(os.TempDir(), "connect-backup-toast.png")
	if err := os.WriteFile(path, t.icon, 0o600); err != nil {
		return ""
	}
	t.iconPath = path
	return path
}

// Close forgets what toasts do. What is shown stays.
func (t *toastNotifier) Close() error {
	t.mu.Lock()
	defer t.mu.Unlock()
	clear(t.actions)
	return nil
}
