//go:build !darwin && !android && !ios

package app

import "fyne.io/fyne/v2"

// beCalm ends all animations.
func beCalm(a fyne.App) { fyne.SetCurrentApp(calmApp{a}) }
