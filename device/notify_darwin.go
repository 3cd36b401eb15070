//go:build !ios

package device

import "sync"

// scriptNotifier shows notifications through beeep, one at a time, or through
// the app's toolkit when that was handed in, which is better. Neither tells of
// a click: choosing one brings the app to the front by the system's own ways.
type scriptNotifier struct {
	app  string
	icon []byte
	mu   sync.Mutex
}

func newNotifier(appName string, icon []byte) Notifier {
	return &scriptNotifier{app: appName, icon: smallIcon(icon)}
}

func (s *scriptNotifier) Notify(n Notification) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if notify := getNative().Notify; notify != nil {
		return notify(plainText(n.Title), plainText(n.Body))
	}
	return beeepNotify(s.app, n.Title, n.Body, s.icon)
}

func (s *scriptNotifier) Close() error { return nil }
