//go:build darwin

package download

import (
	"sync"
	"syscall"
)

// bootID names the time since the system was started; empty when it does not
// say.
var bootID = sync.OnceValue(func() string {
	id, err := syscall.Sysctl("kern.bootsessionuuid")
	if err != nil {
		return ""
	}
	return id
})
