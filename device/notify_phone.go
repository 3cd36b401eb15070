//go:build ios

package device

// phoneNotifier shows notifications through the app's toolkit, which has no
// way to select them.
type phoneNotifier struct{}

func newNotifier(string, []byte) Notifier { return phoneNotifier{} }

func (phoneNotifier) Notify(n Notification) error {
	notify := getNative().Notify
	if notify == nil {
		return ErrNoNotifications
	}
	return notify(plainText(n.Title), plainText(n.Body))
}

func (phoneNotifier) Close() error { return nil }
