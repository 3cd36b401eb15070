// Package screens holds what people see, one file a screen. Beside each screen
// stand its rows, its validation and its choice of buttons as pure functions.
//
// A screen gets everything it needs through the interfaces in seams.go and
// knows neither the network nor the system it runs on: it asks for the width
// it has and for what a device Can do. It never starts a goroutine and never
// calls fyne.Do: it uses Hops, so that a test decides when the answer of slow
// work reaches the screen.
package screens
