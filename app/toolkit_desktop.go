//go:build !android && !ios && !darwin

package app

import (
	"fyne.io/fyne/v2"

	"connectbackup/app/core"
)

func systemPaths(fyne.App) (core.Paths, error) { return core.SystemPaths() }
