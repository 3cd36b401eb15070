//go:build ios

package app

import (
	"net/url"

	"fyne.io/fyne/v2"

	"connectbackup/app/core"
	"connectbackup/device"
)

// useToolkit hands device what only Fyne can do on a phone.
func useToolkit(a fyne.App) {
	device.SetNative(device.Native{
		Storage: a.Storage().RootURI().Path(),
		Notify:  notifyBy(a),

		Schedule: scheduleBy(a),
		OpenURL: func(address string) error {
			u, err := url.Parse(address)
			if err != nil {
				return err
			}
			return a.OpenURL(u)
		},
	})
}

// systemPaths are folders in the app's own storage: a phone has no others that
// plain files can be written to.
func systemPaths(a fyne.App) (core.Paths, error) {
	downloads, err := device.DownloadsDir()
	if err != nil {
		return core.Paths{}, err
	}
	return core.PathsIn(a.Storage().RootURI().Path(), downloads), nil
}
