//go:build linux && !android

package device

import (
	"context"
	"errors"
	"time"

	"github.com/godbus/dbus/v5"
)

const (
	trayName   = "org.kde.StatusNotifierWatcher" // every desktop's, whatever its name says
	portalName = "org.freedesktop.portal.Desktop"
	// deskPatience is how long the desktop may take to say what it can do: the
	// first window waits for it.
	deskPatience = 500 * time.Millisecond
)

// HasTray reports whether the desktop shows tray icons now. One without, such
// as GNOME as it comes, takes an icon and shows it nowhere.
func HasTray() bool {
	shown := false
	_ = askDesk(func(ctx context.Context, conn *dbus.Conn) error {
		if !hasOwner(ctx, conn, trayName) {
			return nil
		}
		v, err := property(ctx, conn, trayName, "/StatusNotifierWatcher", trayName, "IsStatusNotifierHostRegistered")
		shown, _ = v.(bool)
		return err
	})
	return shown
}

// CalmMotion reports whether the person asked the system for no animations. It
// asks the desktop's portal, which speaks for GNOME, KDE and others.
func CalmMotion() bool {
	calm := false
	_ = askDesk(func(ctx context.Context, conn *dbus.Conn) error {
		if !hasOwner(ctx, conn, portalName) { // it would be started, and take long
			return nil
		}
		calm = calmBy(func(group, key string) any {
			var v dbus.Variant
			call := conn.Object(portalName, "/org/freedesktop/portal/desktop").CallWithContext(ctx,
				"org.freedesktop.portal.Settings.Read", 0, group, key)
			if call.Store(&v) != nil {
				return nil // a desktop that does not know this setting
			}
			for {
				inner, ok := v.Value().(dbus.Variant)
				if !ok {
					return v.Value()
				}
				v = inner
			}
		})
		return nil
	})
	return calm
}

// calmBy decides by the settings of the desktops; read gives nil for what is
// not set.
func calmBy(read func(group, key string) any) bool {
	if v, ok := read("org.freedesktop.appearance", "reduced-motion").(uint32); ok {
		return v == 1
	}
	if v, ok := read("org.gnome.desktop.interface", "enable-animations").(bool); ok {
		return !v
	}
	v, ok := read("org.kde.kdeglobals.KDE", "AnimationDurationFactor").(string)
	return ok && v == "0"
}

// askDesk asks somebody on the session bus, with little patience.
func askDesk(ask func(context.Context, *dbus.Conn) error) (err error) {
	ctx, cancel := context.WithTimeout(context.Background(), deskPatience)
	defer cancel()
	conn, err := openBus(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, conn.Close()) }()
	return ask(ctx, conn)
}

func hasOwner(ctx context.Context, conn *dbus.Conn, name string) bool {
	var owned bool
	err := conn.BusObject().CallWithContext(ctx, "org.freedesktop.DBus.NameHasOwner", 0, name).Store(&owned)
	return err == nil && owned
}

func property(ctx context.Context, conn *dbus.Conn, name string, path dbus.ObjectPath, of, property string) (any, error) {
	var v dbus.Variant
	err := conn.Object(name, path).CallWithContext(ctx, "org.freedesktop.DBus.Properties.Get", 0, of, property).Store(&v)
	if err != nil {
		return nil, err
	}
	return v.Value(), nil
}
