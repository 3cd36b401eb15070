//go:build linux && !android

package device

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"

	"github.com/godbus/dbus/v5"
)

// errNoBus says that no session bus runs.
var errNoBus = errors.New("there is no session bus")

// hasBus reports whether a session bus runs. Libraries that find none start
// one of their own, which nobody listens to and nobody ends: they must not be
// asked.
func hasBus() bool {
	if os.Getenv("DBUS_SESSION_BUS_ADDRESS") != "" {
		return true
	}
	_, err := os.Stat(fmt.Sprintf("/run/user/%d/bus", os.Getuid()))
	return err == nil
}

// openBus connects to the session bus. The connection is the caller's to close.
func openBus(ctx context.Context) (*dbus.Conn, error) {
	if !hasBus() {
		return nil, errNoBus
	}
	conn, err := dbus.SessionBusPrivateNoAutoStartup()
	if err != nil {
		return nil, fmt.Errorf("%w: %w", errNoBus, err)
	}
	// Neither step of the greeting can be given up but by closing.
	stop := context.AfterFunc(ctx, func() { _ = conn.Close() })
	err = conn.Auth(nil)
	if err == nil {
		err = conn.Hello()
	}
	if !stop() {
		return nil, errors.Join(errNoBus, ctx.Err())
	}
	if err != nil {
		return nil, errors.Join(errNoBus, err, conn.Close())
	}
	return conn, nil
}

// hasService reports whether a program answers to that name on the bus, or
// would be started to.
func hasService(ctx context.Context, conn *dbus.Conn, name string) bool {
	var owned bool
	if err := conn.BusObject().CallWithContext(ctx, "org.freedesktop.DBus.NameHasOwner", 0, name).Store(&owned); err != nil {
		return false
	}
	if owned {
		return true
	}
	var names []string
	err := conn.BusObject().CallWithContext(ctx, "org.freedesktop.DBus.ListActivatableNames", 0).Store(&names)
	return err == nil && slices.Contains(names, name)
}
