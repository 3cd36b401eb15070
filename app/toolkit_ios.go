package app

import (
	"fyne.io/fyne/v2"

	"connectbackup/app/core"
	"connectbackup/device"
)

// useToolkit hands device what Fyne does well enough. What it keeps for itself
// lies where people see it, in Files: they need not.
func useToolkit(a fyne.App) {
	device.SetNative(device.Native{Schedule: scheduleBy(a)})
	if err := device.HideFolder(a.Storage().RootURI().Path()); err != nil {
		fyne.LogError("hide the toolkit's own folder", err)
	}
}

// systemPaths are folders that the app alone sees, and its Documents.
func systemPaths(fyne.App) (core.Paths, error) {
	own, err := device.SupportDir()
	if err != nil {
		return core.Paths{}, err
	}
	downloads, err := device.DownloadsDir()
	if err != nil {
		return core.Paths{}, err
	}
	return core.PathsIn(own, downloads), nil
}
