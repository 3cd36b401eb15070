//go:build darwin && !ios

package app

import "fyne.io/fyne/v2"

// notifyBy shows notifications by the toolkit.
func notifyBy(a fyne.App) func(title, body string) error {
	return func(title, body string) error {
		fyne.Do(func() { a.SendNotification(fyne.NewNotification(title, body)) })
		return nil
	}
}
