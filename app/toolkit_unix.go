//go:build !android && !ios && !darwin && !windows

package app

import "fyne.io/fyne/v2"

// useToolkit does nothing here: Linux is reached without Fyne.
func useToolkit(fyne.App) {}
