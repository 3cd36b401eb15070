// Package widgettest helps the tests of widgets and screens: it starts Fyne's
// test app in our theme, lays out as the real window does, and takes pictures.
package widgettest

import (
	"image"
	"image/png"
	"os"
	"path/filepath"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"

	"connectbackup/screens/widgets"
)

// Phone and Desktop are the sizes that screens are looked at in.
var (
	Phone   = fyne.NewSize(412, 892)
	Desktop = fyne.NewSize(1100, 760)
	Narrow  = fyne.NewSize(360, 640)
)

// App starts a test app in our look.
func App(t testing.TB, variant fyne.ThemeVariant) fyne.App {
	t.Helper()
	a := test.NewTempApp(t)
	a.Settings().SetTheme(widgets.NewFixedTheme(variant))
	return a
}

// Window shows an object in a window of that size and settles it.
func Window(t testing.TB, o fyne.CanvasObject, size fyne.Size) fyne.Window {
	t.Helper()
	w := fyne.CurrentApp().NewWindow("")
	w.SetPadded(false)
	w.SetContent(o)
	w.Resize(size)
	t.Cleanup(w.Close)
	Settle(w)
	return w
}

// Settle lays the window out again, as the real window does when the least
// size of something in it changed.
func Settle(w fyne.Window) {
	size := w.Canvas().Size()
	for range 2 {
		w.Resize(size.AddWidthHeight(1, 1))
		w.Resize(size)
	}
}

// Save writes a picture; its folder is made.
func Save(t testing.TB, img image.Image, path string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := png.Encode(f, img); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
}
