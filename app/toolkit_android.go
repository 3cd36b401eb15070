package app

import (
	"errors"
	"net/url"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver"

	"connectbackup/app/core"
	"connectbackup/assets"
	"connectbackup/device"
)

// noticeIcon is a shape alone: Android shows nothing else of a notification's
// icon.
var noticeIcon = assets.NoticeIcon

// useToolkit hands device Java, by which it reaches Android, and what Fyne does
// well enough.
func useToolkit(a fyne.App) {
	device.SetNative(device.Native{
		Storage:  a.Storage().RootURI().Path(),
		Java:     lendJava,
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

// lendJava lends the virtual machine and the activity that is there now: it is
// another one after the system has made the app's window anew.
func lendJava(do func(vm, ctx uintptr) error) error {
	return driver.RunNative(func(context any) error {
		c, ok := context.(*driver.AndroidContext)
		if !ok {
			return errors.New("this is not Android")
		}
		return do(c.VM, c.Ctx)
	})
}

// systemPaths are folders in the app's own storage, and the public Downloads.
func systemPaths(a fyne.App) (core.Paths, error) {
	downloads, err := device.DownloadsDir()
	if err != nil {
		return core.Paths{}, err
	}
	return core.PathsIn(a.Storage().RootURI().Path(), downloads), nil
}
