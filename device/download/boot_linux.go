//go:build linux

package download

import (
	"os"
	"strings"
	"sync"
)

// bootID names the time since the system was started; empty when it does not
// say.
var bootID = sync.OnceValue(func() string {
	b, err := os.ReadFile("/proc/sys/kernel/random/boot_id")
	if err != nil {
		return ""
	}
	return strings.TrimSpace(string(b))
})
