//go:build !android && !ios && !darwin

package app

import (
	"fyne.io/fyne/v2"

	"connectbackup/app/core"
)

// useToolkit does nothing here: these systems are reached without Fyne.
func useToolkit(fyne.App) {}

func systemPaths(fyne.App) (core.Paths, error) { return core.SystemPaths() }
