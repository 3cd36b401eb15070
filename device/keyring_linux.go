//go:build linux && !android

package device

import "context"

// keyringReady reports whether a Secret Service answers on the session bus, or
// would be started to.
func keyringReady() bool {
	ctx, cancel := context.WithTimeout(context.Background(), busPatience)
	defer cancel()
	conn, err := openBus(ctx)
	if err != nil {
		return false
	}
	defer func() { _ = conn.Close() }()
	return hasService(ctx, conn, "org.freedesktop.secrets")
}
