//go:build linux && !android

package device

import (
	"context"
	"errors"
	"fmt"
	"image"
	"io"
	"log"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/esiqveland/notify"
	"github.com/godbus/dbus/v5"
)

// busPatience is how long the session bus and those behind it may take.
const busPatience = 5 * time.Second

const notificationsName = "org.freedesktop.Notifications"

// busNotifier shows notifications through the desktop's daemon (Desktop
// Notifications Specification 1.2): with an action where the daemon offers
// actions, else through beeep.
type busNotifier struct {
	app  string
	icon []byte

	sending sync.Mutex // one notification at a time; guards conn and client
	conn    *dbus.Conn
	client  notify.Notifier
	shut    bool

	mu      sync.Mutex // guards the maps; held while one is sent, so that no answer overtakes its entry
	actions map[uint32]func()
	ids     map[string]uint32
}

func newNotifier(appName string, icon []byte) Notifier {
	return &busNotifier{
		app: plainText(appName), icon: icon,
		actions: make(map[uint32]func()), ids: make(map[string]uint32),
	}
}

// Notify shows n; ErrNoNotifications when there is no bus or no daemon.
func (b *busNotifier) Notify(n Notification) error {
	b.sending.Lock()
	defer b.sending.Unlock()
	ctx, cancel := context.WithTimeout(context.Background(), busPatience)
	defer cancel()
	if err := b.connect(ctx); err != nil {
		return fmt.Errorf("%w: %w", ErrNoNotifications, err)
	}
	var can []string
	call := b.conn.Object(notificationsName, "/org/freedesktop/Notifications").
		CallWithContext(ctx, notificationsName+".GetCapabilities", 0)
	if err := call.Store(&can); err != nil {
		return fmt.Errorf("%w: %w", ErrNoNotifications, err)
	}
	n.Title, n.Body = plainText(n.Title), plainText(n.Body)
	if slices.Contains(can, "body-markup") {
		n.Body = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;").Replace(n.Body)
	}
	if n.OnAction == nil || n.Action == "" || !slices.Contains(can, "actions") {
		return patiently(ctx, func() error { return beeepNotify(b.app, n.Title, n.Body, smallIcon(b.icon)) })
	}
	return patiently(ctx, func() error { return b.send(n) })
}

// connect makes a connection, or a new one when the bus has gone.
func (b *busNotifier) connect(ctx context.Context) error {
	if b.shut {
		return errors.New("the notifier is closed")
	}
	if b.conn != nil && b.conn.Connected() {
		return nil
	}
	b.disconnect()
	conn, err := openBus(ctx)
	if err != nil {
		return err
	}
	if !hasService(ctx, conn, notificationsName) {
		return errors.Join(errors.New("no program shows notifications here"), conn.Close())
	}
	client, err := notify.New(conn, notify.WithOnAction(b.onAction), notify.WithOnClosed(b.onClosed),
		notify.WithLogger(log.New(io.Discard, "", 0)))
	if err != nil {
		return errors.Join(err, conn.Close())
	}
	b.conn, b.client = conn, client
	return nil
}

// disconnect forgets a connection; what an action of it would do is lost with
// it. That the bus may be gone already is no error.
func (b *busNotifier) disconnect() {
	if b.conn == nil {
		return
	}
	_ = b.client.Close()
	_ = b.conn.Close()
	b.conn, b.client = nil, nil
	b.mu.Lock()
	clear(b.actions)
	clear(b.ids)
	b.mu.Unlock()
}

func (b *busNotifier) send(n Notification) error {
	msg := notify.Notification{
		AppName: b.app, Summary: n.Title, Body: n.Body,
		ExpireTimeout: notify.ExpireTimeoutSetByNotificationServer,
		// The default action is a click on the notification itself; the other
		// one shows as a button where there are buttons.
		Actions: []notify.Action{
			notify.NewDefaultAction(plainText(n.Action)),
			{Key: "open", Label: plainText(n.Action)},
		},
	}
	msg.SetUrgency(notify.UrgencyNormal)
	if img := decodeIcon(b.icon); img != nil {
		// The specification wants colours not multiplied by alpha: the library
		// only passes the bytes on.
		msg.AddHint(notify.HintImageDataRGBA(&image.RGBA{Pix: img.Pix, Stride: img.Stride, Rect: img.Rect}))
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if n.ID != "" {
		msg.ReplacesID = b.ids[n.ID]
	}
	id, err := b.client.SendNotification(msg)
	if err != nil {
		return fmt.Errorf("%w: %w", ErrNoNotifications, err)
	}
	b.actions[id] = n.OnAction
	if n.ID != "" {
		b.ids[n.ID] = id
	}
	return nil
}

// onAction is told of the actions of all programs on the bus.
func (b *busNotifier) onAction(s *notify.ActionInvokedSignal) {
	b.mu.Lock()
	act := b.actions[s.ID]
	delete(b.actions, s.ID)
	b.mu.Unlock()
	if act != nil {
		go act() // it may take its time, and the next answer waits for this one
	}
}

func (b *busNotifier) onClosed(s *notify.NotificationClosedSignal) {
	b.mu.Lock()
	defer b.mu.Unlock()
	delete(b.actions, s.ID)
	for name, id := range b.ids {
		if id == s.ID {
			delete(b.ids, name)
		}
	}
}

// Close ends the listening for actions.
func (b *busNotifier) Close() error {
	b.sending.Lock()
	defer b.sending.Unlock()
	b.shut = true
	b.disconnect()
	return nil
}

// patiently gives up on what cannot be given up: a call without a context.
func patiently(ctx context.Context, f func() error) error {
	done := make(chan error, 1)
	go func() { done <- f() }()
	select {
	case err := <-done:
		return err
	case <-ctx.Done():
		return fmt.Errorf("%w: %w", ErrNoNotifications, ctx.Err())
	}
}
