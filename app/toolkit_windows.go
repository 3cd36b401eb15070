package app

import (
	"fyne.io/fyne/v2"

	"connectbackup/device"
)

// useToolkit lets Fyne hand Windows notifications for later. All else is done
// without it.
func useToolkit(a fyne.App) { device.SetNative(device.Native{Schedule: scheduleBy(a)}) }
