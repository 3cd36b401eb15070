package screens

import (
	"fmt"
	"image"
	"os"
	"path/filepath"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/theme"

	"connectbackup/screens/widgets"
)

// keyboardHeight is about what a phone's keyboard takes of the window.
const keyboardHeight = 340

// TestGalleryOfPhones draws every screen as a small phone shows it, with text
// of twice its size, and above the keyboard where there is something to type
// into, side by side, into the folder phones of the gallery.
func TestGalleryOfPhones(t *testing.T) {
	dir := os.Getenv("GALLERY_DIR")
	if dir == "" {
		t.Skip("set GALLERY_DIR to a folder to get pictures")
	}
	folder := filepath.Join(dir, "phones")
	if err := os.MkdirAll(folder, 0o755); err != nil {
		t.Fatal(err)
	}
	light := widgets.NewFixedTheme(theme.VariantLight)
	for sheet, shots := range gallery {
		for _, shot := range shots {
			var row []image.Image
			picture := func(name string, look fyne.Theme, w, h float32, after func(*stage) bool) {
				t.Run(fmt.Sprintf("%s %s %s", sheet, shot.name, name), func(t *testing.T) {
					s := newStageIn(t, look)
					s.put(shot.make(s), w, h)
					s.play(shot)
					if after == nil || after(s) {
						row = append(row, s.window.Canvas().Capture())
					}
				})
			}
			picture("small", light, 360, 640, nil)
			picture("keyboard", light, phoneWidth, phoneHeight, (*stage).typeAbove)
			picture("large", largeText{light}, phoneWidth, phoneHeight, nil)
			savePNG(t, filepath.Join(folder, sheet+" "+shot.name+" small-keyboard-large.png"), stackImages(row, true))
		}
	}
	writeGalleryIndex(t, dir)
}

// typeAbove taps the last field in front, and the keyboard comes.
func (s *stage) typeAbove() bool {
	var field *widgets.Field
	walk(s.front(), nil, func(o fyne.CanvasObject, _ []fyne.CanvasObject) {
		if f, ok := o.(*widgets.Field); ok && !f.Disabled() {
			field = f
		}
	})
	if field == nil {
		return false
	}
	s.window.Canvas().Focus(field)
	s.window.Resize(fyne.NewSize(phoneWidth, phoneHeight-keyboardHeight))
	return true
}
