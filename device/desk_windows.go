//go:build windows

package device

import (
	"unsafe"

	"golang.org/x/sys/windows"
)

// HasTray reports whether the desktop shows tray icons: the taskbar does.
func HasTray() bool { return true }

// getClientAreaAnimation is SPI_GETCLIENTAREAANIMATION of SystemParametersInfo.
const getClientAreaAnimation = 0x1042

// CalmMotion reports whether the person asked the system for no animations.
func CalmMotion() bool {
	call := windows.NewLazySystemDLL("user32.dll").NewProc("SystemParametersInfoW")
	if call.Find() != nil {
		return false
	}
	on := int32(1)
	ok, _, _ := call.Call(getClientAreaAnimation, 0, uintptr(unsafe.Pointer(&on)), 0)
	return ok != 0 && on == 0
}
