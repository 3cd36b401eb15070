//go:build darwin && !ios

package app

import (
	"os"
	"strings"

	"fyne.io/fyne/v2"

	"connectbackup/app/core"
	"connectbackup/device"
)

// useToolkit lets Fyne show notifications where the app is a bundle: macOS
// gives them the app's name and icon then, and takes some for later.
func useToolkit(a fyne.App) {
	program, err := os.Executable()
	if err != nil || !strings.Contains(program, ".app/Contents/MacOS/") {
		return
	}
	device.SetNative(device.Native{Notify: notifyBy(a), Schedule: scheduleBy(a)})
}

func systemPaths(fyne.App) (core.Paths, error) { return core.SystemPaths() }
