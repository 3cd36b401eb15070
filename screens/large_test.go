package screens

import (
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/theme"

	"connectbackup/screens/widgets"
)

// largeText is the app's look for somebody who set the text to twice its size.
type largeText struct{ fyne.Theme }

func (l largeText) Size(name fyne.ThemeSizeName) float32 {
	size := l.Theme.Size(name)
	switch name {
	case theme.SizeNameText, theme.SizeNameCaptionText, theme.SizeNameHeadingText, theme.SizeNameSubHeadingText:
		return 2 * size
	}
	return size
}

// TestTwiceTheTextFitsAPhone shows every screen with text of twice its size:
// no screen is wider than the phone, and every word on a button is on it.
func TestTwiceTheTextFitsAPhone(t *testing.T) {
	buttons := 0
	for sheet, shots := range gallery {
		for _, shot := range shots {
			t.Run(sheet+" "+shot.name, func(t *testing.T) {
				s := newStage(t)
				fyne.CurrentApp().Settings().SetTheme(largeText{widgets.NewFixedTheme(theme.VariantLight)})
				screen := shot.make(s)
				s.put(screen, phoneWidth, phoneHeight)
				s.play(shot)
				if width := screen.Object().MinSize().Width; width > phoneWidth {
					t.Errorf("the screen wants to be %v wide", width)
				}
				walk(s.front(), nil, func(o fyne.CanvasObject, path []fyne.CanvasObject) {
					words, ok := o.(*canvas.Text)
					if !ok {
						return
					}
					for _, above := range path {
						if b, ok := above.(*widgets.Button); ok {
							buttons++
							s.inside(words, b)
						}
					}
				})
			})
		}
	}
	if buttons < 50 {
		t.Errorf("only %d lines on buttons were looked at", buttons)
	}
}

// inside sees whether words stand within their button, and that in the window.
func (s *stage) inside(words *canvas.Text, b *widgets.Button) {
	s.t.Helper()
	place := fyne.CurrentApp().Driver().AbsolutePositionForObject
	from, end := place(words), place(words).Add(words.MinSize())
	top, bottom := place(b), place(b).Add(b.Size())
	if from.X < top.X || end.X > bottom.X || from.Y < top.Y || end.Y > bottom.Y {
		s.t.Errorf("%q from %v to %v is cut off by its button from %v to %v", words.Text, from, end, top, bottom)
	}
	if top.X < 0 || bottom.X > phoneWidth {
		s.t.Errorf("the button %q reaches from %v to %v", b.Text, top.X, bottom.X)
	}
}
