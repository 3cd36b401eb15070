//go:build linux && !android

package device

import (
	"testing"

	"github.com/godbus/dbus/v5"
	"github.com/godbus/dbus/v5/prop"
)

func TestTray(t *testing.T) {
	if HasTray() {
		t.Fatal("without a bus there is a tray")
	}
	startBus(t)
	if HasTray() {
		t.Fatal("without a watcher there is a tray")
	}
	conn := connect(t)
	own(t, conn, trayName)
	const host = "IsStatusNotifierHostRegistered"
	props, err := prop.Export(conn, "/StatusNotifierWatcher", prop.Map{trayName: {host: {Value: false}}})
	must(t, err)
	if HasTray() {
		t.Error("a watcher that shows icons nowhere counts as a tray")
	}
	props.SetMust(trayName, host, true)
	if !HasTray() {
		t.Error("the tray is not found")
	}
	must(t, conn.Close())
	if HasTray() {
		t.Error("a tray that has gone is still there")
	}
}

// portal answers for the settings of a desktop.
type portal map[string]dbus.Variant

func (p portal) Read(group, key string) (dbus.Variant, *dbus.Error) {
	v, ok := p[group+" "+key]
	if !ok {
		return dbus.Variant{}, dbus.NewError("org.freedesktop.portal.Error.NotFound", nil)
	}
	return dbus.MakeVariant(v), nil // a variant within one, as the portal does
}

func TestCalmMotion(t *testing.T) {
	if CalmMotion() {
		t.Fatal("without a bus nobody asked for calm")
	}
	startBus(t)
	conn := connect(t)
	own(t, conn, portalName)
	for name, c := range map[string]struct {
		settings portal
		want     bool
	}{
		"nothing set": {portal{}, false},
		"GNOME, off":  {portal{"org.gnome.desktop.interface enable-animations": dbus.MakeVariant(false)}, true},
		"GNOME, on":   {portal{"org.gnome.desktop.interface enable-animations": dbus.MakeVariant(true)}, false},
		"KDE, off":    {portal{"org.kde.kdeglobals.KDE AnimationDurationFactor": dbus.MakeVariant("0")}, true},
		"KDE, slow":   {portal{"org.kde.kdeglobals.KDE AnimationDurationFactor": dbus.MakeVariant("2")}, false},
		"calm by the newer name": {portal{
			"org.freedesktop.appearance reduced-motion":     dbus.MakeVariant(uint32(1)),
			"org.gnome.desktop.interface enable-animations": dbus.MakeVariant(true),
		}, true},
		"another type": {portal{"org.gnome.desktop.interface enable-animations": dbus.MakeVariant("false")}, false},
	} {
		t.Run(name, func(t *testing.T) {
			must(t, conn.Export(c.settings, "/org/freedesktop/portal/desktop", "org.freedesktop.portal.Settings"))
			if got := CalmMotion(); got != c.want {
				t.Errorf("calm: %v, want %v", got, c.want)
			}
		})
	}
}
