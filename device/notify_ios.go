package device

import (
	"fmt"

	"connectbackup/device/iphone"
)

// phoneNotifier shows notifications by the system's centre for them.
type phoneNotifier struct{}

func newNotifier(string, []byte) Notifier { return phoneNotifier{} }

// Notify shows n. What choosing it does cannot be kept: the app may be ended
// before. So it leads to the ID, by what OnChosen was given.
func (phoneNotifier) Notify(n Notification) error {
	if err := iphone.Notify(n.ID, plainText(n.Title), plainText(n.Body), n.OnAction != nil && n.ID != ""); err != nil {
		return fmt.Errorf("%w: %w", ErrNoNotifications, err)
	}
	return nil
}

func (phoneNotifier) Close() error { return nil }

// OnChosen has lead called with the ID of each notification that is chosen and
// leads somewhere; also when that starts the app.
func OnChosen(lead func(id string)) { iphone.OnTap(lead) }
