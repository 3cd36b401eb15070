//go:build linux && !android

package device

import (
	"bytes"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"github.com/godbus/dbus/v5"
)

func init() {
	// beeep keeps one connection for the whole process: it gets one of its own.
	roles["notify"] = func(args []string) error {
		n := NewNotifier(args[0], nil)
		err := n.Notify(Notification{Title: args[1], Body: args[2], Action: "Open", OnAction: func() {}})
		fmt.Println(errors.Is(err, ErrNoNotifications), err)
		return n.Close()
	}
}

// shown is what a notification daemon was asked to show.
type shown struct {
	app      string
	replaces uint32
	title    string
	body     string
	actions  []string
	hints    map[string]dbus.Variant
}

// daemon speaks the protocol of notification daemons (Desktop Notifications
// Specification 1.2).
type daemon struct {
	conn  *dbus.Conn
	can   []string
	last  uint32
	shown chan shown
	early atomic.Bool // answers an action before the call returns
}

func startDaemon(t *testing.T, can ...string) *daemon {
	t.Helper()
	d := &daemon{conn: connect(t), can: can, shown: make(chan shown, 10)}
	must(t, d.conn.Export(d, "/org/freedesktop/Notifications", notificationsName))
	own(t, d.conn, notificationsName)
	return d
}

func (d *daemon) GetCapabilities() ([]string, *dbus.Error) { return d.can, nil }

func (d *daemon) GetServerInformation() (name, vendor, version, spec string, err *dbus.Error) {
	return "test", "test", "1", "1.2", nil
}

func (d *daemon) CloseNotification(uint32) *dbus.Error { return nil }

func (d *daemon) Notify(app string, replaces uint32, _, title, body string, actions []string, hints map[string]dbus.Variant, _ int32) (uint32, *dbus.Error) {
	d.shown <- shown{app, replaces, title, body, actions, hints}
	if replaces != 0 {
		return replaces, nil
	}
	d.last++
	if d.early.Load() {
		_ = d.emit("ActionInvoked", d.last, "default")
	}
	return d.last, nil
}

func (d *daemon) emit(signal string, values ...any) error {
	return d.conn.Emit("/org/freedesktop/Notifications", notificationsName+"."+signal, values...)
}

func receive[T any](t *testing.T, c <-chan T) T {
	t.Helper()
	select {
	case v := <-c:
		return v
	case <-time.After(10 * time.Second):
		t.Fatal("nothing came")
		panic("unreachable")
	}
}

func TestNotificationWithAction(t *testing.T) {
	startBus(t)
	d := startDaemon(t, "body", "actions", "body-markup")
	var icon bytes.Buffer
	img := image.NewNRGBA(image.Rect(0, 0, 512, 256))
	img.Set(0, 0, color.White)
	must(t, png.Encode(&icon, img))
	n := NewNotifier("Connect Backup", icon.Bytes())
	defer func() { must(t, n.Close()) }()

	opened := make(chan string, 10)
	note := func(id, body string) Notification {
		return Notification{ID: id, Title: "Saved\nhere", Body: body, Action: "Open", OnAction: func() { opened <- body }}
	}
	must(t, n.Notify(note("b1", `<b>a&b</b>`+"\u202e.zip")))
	got := receive(t, d.shown)
	if got.app != "Connect Backup" || got.title != "Saved here" || got.body != "&lt;b&gt;a&amp;b&lt;/b&gt;.zip" || got.replaces != 0 {
		t.Errorf("shown was %+v", got)
	}
	if want := []string{"default", "Open", "open", "Open"}; !slices.Equal(got.actions, want) {
		t.Errorf("actions are %q", got.actions)
	}
	var data struct {
		W, H, Stride  int32
		Alpha         bool
		Bits, Samples int32
		Pix           []byte
	}
	if err := got.hints["image-data"].Store(&data); err != nil || data.W != 128 || data.H != 64 || len(data.Pix) != 128*64*4 {
		t.Errorf("the icon is %dx%d, %v", data.W, data.H, err)
	}

	// Another program's notification, an unknown one, then ours.
	must(t, d.emit("ActionInvoked", uint32(999), "default"))
	must(t, d.emit("ActionInvoked", uint32(1), "default"))
	if body := receive(t, opened); body != note("", `<b>a&b</b>`+"\u202e.zip").Body {
		t.Errorf("opened %q", body)
	}

	// The same ID replaces; a closed one does not.
	must(t, n.Notify(note("b1", "second")))
	if got := receive(t, d.shown); got.replaces != 1 {
		t.Errorf("it replaces %d", got.replaces)
	}
	must(t, d.emit("NotificationClosed", uint32(1), uint32(2)))
	must(t, d.emit("ActionInvoked", uint32(1), "default")) // too late
	d.early.Store(true)
	must(t, n.Notify(note("b2", "third")))
	if body := receive(t, opened); body != "third" {
		t.Errorf("opened %q", body)
	}
	receive(t, d.shown)
	must(t, n.Notify(note("b1", "fourth")))
	if got := receive(t, d.shown); got.replaces != 0 {
		t.Errorf("it replaces %d, which was closed", got.replaces)
	}
}

func TestNotificationsSurviveANewDaemon(t *testing.T) {
	startBus(t)
	first := startDaemon(t, "actions")
	n := NewNotifier("Test", nil)
	note := Notification{Title: "t", Body: "a<b", Action: "Open", OnAction: func() {}}
	must(t, n.Notify(note))
	if got := receive(t, first.shown); got.body != "a<b" {
		t.Errorf("without markup the body is %q", got.body)
	}
	must(t, first.conn.Close())
	if err := n.Notify(note); !errors.Is(err, ErrNoNotifications) {
		t.Errorf("without a daemon: %v", err)
	}
	second := startDaemon(t, "actions")
	must(t, n.Notify(note))
	receive(t, second.shown)
	must(t, n.Close())
	if err := n.Notify(note); !errors.Is(err, ErrNoNotifications) {
		t.Errorf("after closing: %v", err)
	}
}

func TestNotificationWithoutActionsGoesThroughBeeep(t *testing.T) {
	startBus(t)
	d := startDaemon(t, "body", "body-markup")
	if out := play(t, "notify", "Connect Backup", "Saved", "-a&b.zip"); out != "false <nil>" {
		t.Errorf("got %s", out)
	}
	got := receive(t, d.shown)
	if got.app != "Connect Backup" || got.title != "Saved" || got.body != " -a&amp;b.zip" || len(got.actions) > 0 {
		t.Errorf("shown was %+v", got)
	}
}

func TestNobodyShowsNotifications(t *testing.T) {
	if out := play(t, "notify", "Test", "Saved", "a.zip"); out[:4] != "true" {
		t.Errorf("without a bus: %s", out)
	}
	startBus(t)
	if out := play(t, "notify", "Test", "Saved", "a.zip"); out[:4] != "true" {
		t.Errorf("without a daemon: %s", out)
	}
}

func TestScriptTextIsInert(t *testing.T) {
	got := scriptText("$(calc)`n]]></text>\"@\n\\ a.zip")
	for _, bad := range []string{"$", "`", "]]>", `"`, "\n", `\`} {
		if bytes.Contains([]byte(got), []byte(bad)) {
			t.Errorf("%q still holds %q", got, bad)
		}
	}
}
