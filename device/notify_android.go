package device

import (
	"errors"
	"fmt"

	"connectbackup/device/phone"
)

// noticeChannel is what the system files our notifications under; people see
// the app's name, and may switch it off there.
const noticeChannel = "backups"

// noticeColour is the ground of the notification's icon: the app's teal.
const noticeColour = 0x0b6560 | -0x1000000

// progressTag sets what shows progress apart from what tells the end: the
// system drops changes that come too fast, and the end must not be one.
const progressTag = "progress "

// phoneNotifier shows notifications by Android's own ways. Choosing one opens
// its file, or the app.
type phoneNotifier struct {
	name string
	icon []byte
}

var _ ProgressNotifier = (*phoneNotifier)(nil)

func newNotifier(appName string, icon []byte) Notifier {
	return &phoneNotifier{name: plainText(appName), icon: icon}
}

func (p *phoneNotifier) Notify(n Notification) error {
	notice := phone.Notice{Tag: n.ID, Title: plainText(n.Title), Text: plainText(n.Body)}
	if n.Opens != "" {
		h, _, err := handOver(n.Opens)
		if err != nil && !errors.Is(err, ErrUnsafe) {
			return fmt.Errorf("hand %s to a notification: %w", n.Opens, err)
		}
		notice.Opens = h
	}
	return p.show(notice)
}

// Progress implements ProgressNotifier.
func (p *phoneNotifier) Progress(id, title, body string, done, total int64) error {
	return p.show(phone.Notice{
		Tag: progressTag + id, Title: plainText(title), Text: plainText(body), Quiet: true, Done: done, Total: total,
	})
}

// Withdraw implements ProgressNotifier.
func (p *phoneNotifier) Withdraw(id string) error { return android.Withdraw(progressTag + id) }

func (p *phoneNotifier) show(n phone.Notice) error {
	allowed, err := android.NoticesAllowed()
	if err != nil || !allowed {
		return errors.Join(ErrNoNotifications, err)
	}
	n.Icon, n.Colour = p.icon, noticeColour
	if err := android.Show(phone.Channel{ID: noticeChannel, Name: p.name}, n); err != nil {
		return fmt.Errorf("%w: %w", ErrNoNotifications, err)
	}
	return nil
}

func (p *phoneNotifier) Close() error { return nil }
