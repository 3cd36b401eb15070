//go:build linux && !android

package device

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/godbus/dbus/v5"
)

// A bus of our own that starts no services: nothing of the real session can be
// reached through it.
const busConfig = `<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig><type>session</type><listen>unix:path=%s</listen><auth>EXTERNAL</auth>
<policy context="default"><allow send_destination="*" eavesdrop="true"/><allow eavesdrop="true"/><allow own="*"/></policy>
</busconfig>`

// startBus starts a private session bus and makes it this process's. It needs
// dbus-daemon, which make test installs.
func startBus(t *testing.T) {
	t.Helper()
	dir, err := os.MkdirTemp("", "bus") // a socket's path is short
	must(t, err)
	t.Cleanup(func() { must(t, os.RemoveAll(dir)) })
	config := filepath.Join(dir, "bus.conf")
	must(t, os.WriteFile(config, fmt.Appendf(nil, busConfig, filepath.Join(dir, "bus")), 0o600))
	cmd := exec.Command("dbus-daemon", "--config-file="+config, "--nofork", "--print-address=1")
	out, err := cmd.StdoutPipe()
	must(t, err)
	must(t, cmd.Start())
	t.Cleanup(func() { _ = cmd.Process.Kill(); _ = cmd.Wait() })
	address, err := bufio.NewReader(out).ReadString('\n')
	must(t, err)
	t.Setenv("DBUS_SESSION_BUS_ADDRESS", strings.TrimSpace(address))
}

// connect is a connection to the private bus for the other side of a test.
func connect(t *testing.T) *dbus.Conn {
	t.Helper()
	conn, err := openBus(context.Background())
	must(t, err)
	t.Cleanup(func() { _ = conn.Close() })
	return conn
}

func own(t *testing.T, conn *dbus.Conn, name string) {
	t.Helper()
	reply, err := conn.RequestName(name, dbus.NameFlagDoNotQueue)
	if err != nil || reply != dbus.RequestNameReplyPrimaryOwner {
		t.Fatalf("%s: %v, %v", name, reply, err)
	}
}

func TestNoBusStartsNone(t *testing.T) {
	bin := t.TempDir()
	marker := filepath.Join(bin, "started")
	must(t, os.WriteFile(filepath.Join(bin, "dbus-launch"), []byte("#!/bin/sh\ntouch "+marker+"\n"), 0o755))
	t.Setenv("PATH", bin)
	for _, address := range []string{"unix:path=" + filepath.Join(bin, "none"), ""} {
		t.Setenv("DBUS_SESSION_BUS_ADDRESS", address)
		if address == "" && hasBus() {
			continue // the person who runs this has one
		}
		n := NewNotifier("Test", nil)
		if err := n.Notify(Notification{Title: "x"}); err == nil {
			t.Error("shown, without a bus")
		}
		must(t, n.Close())
		if where, protected := OpenSecrets(t.TempDir()).Where(); protected {
			t.Errorf("secrets are in %q", where)
		}
	}
	if _, err := os.Stat(marker); err == nil {
		t.Error("a bus was started")
	}
}
