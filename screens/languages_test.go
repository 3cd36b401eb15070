package screens

import (
	"fmt"
	"image"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/widget"

	"connectbackup/api/calendar"
	"connectbackup/screens/lang"
	"connectbackup/screens/widgets"
)

// locales are the languages whose words are checked on every screen; English
// is what all the other tests read.
var locales = []string{"de-DE", "fr-FR", "es-ES"}

// narrowWidth is the narrowest phone that the screens are made for.
const narrowWidth = 360

// spoken is a label of the English app in the language that is spoken: tests
// of other languages press what the English ones press.
func spoken(label string) string {
	if t, err := time.Parse("2 Jan 2006", label); err == nil {
		return lang.Day(calendar.DayOf(t, time.UTC))
	}
	if device, ok := strings.CutPrefix(label, "Sign out of "); ok {
		return lang.L("Sign out of {{.Device}}", blanks{"Device": device})
	}
	return lang.L(label)
}

// TestNothingIsCutInAnyLanguage goes through every state of every screen on the
// narrowest phone: what the app says is seen whole. Only names
// that people or files have may be shortened.
func TestNothingIsCutInAnyLanguage(t *testing.T) {
	for _, locale := range locales {
		t.Run(locale, func(t *testing.T) {
			defer lang.Use(locale)()
			for _, sheet := range slices.Sorted(maps.Keys(gallery)) {
				for _, shot := range gallery[sheet] {
					t.Run(sheet+" "+shot.name, func(t *testing.T) {
						s := newStage(t)
						s.picture(shot, narrowWidth)
						for _, text := range s.cut() {
							t.Errorf("%q is cut", text)
						}
					})
				}
			}
		})
	}
}

// picture brings the screen into the state of a shot.
func (s *stage) picture(shot shot, width float32) {
	s.put(shot.make(s), width, phoneHeight)
	s.play(shot)
}

// cut lists the texts in front that are shortened, or reach beyond the window.
func (s *stage) cut() (texts []string) {
	width := s.window.Canvas().Size().Width
	walk(s.front(), nil, func(o fyne.CanvasObject, path []fyne.CanvasObject) {
		text, ok := o.(*canvas.Text)
		if !ok || text.Text == "" || s.shiftable(path) {
			return
		}
		right := fyne.CurrentApp().Driver().AbsolutePositionForObject(text).X + text.MinSize().Width
		if right > width+0.5 {
			texts = append(texts, text.Text)
		}
		if whole := wholeText(path); whole != "" && strings.HasSuffix(text.Text, "…") && !strings.HasSuffix(whole, "…") && !isName(whole) {
			texts = append(texts, whole)
		}
	})
	return texts
}

// shiftable reports whether something around can be moved aside: what is
// typed, and a row of chips.
func (s *stage) shiftable(path []fyne.CanvasObject) bool {
	return slices.ContainsFunc(path, func(o fyne.CanvasObject) bool {
		if scroll, ok := o.(*container.Scroll); ok {
			return scroll.Direction != container.ScrollVerticalOnly
		}
		_, typed := o.(*widget.Entry)
		_, field := o.(*widgets.Field)
		return typed || field
	})
}

// wholeText is what a drawn line is part of.
func wholeText(path []fyne.CanvasObject) string {
	for _, o := range slices.Backward(path) {
		switch x := o.(type) {
		case *widgets.Text:
			return x.Text
		case *widgets.Line:
			return x.Text
		case *widget.Label:
			return x.Text
		}
	}
	return ""
}

// isName reports whether a text is, or begins with, what people, files and
// servers of the samples are called.
func isName(text string) bool {
	names := []string{"acme_", "demo-", "/home/", "https://"}
	for _, b := range append(sampleList(), sample()) {
		names = append(names, b.Title)
	}
	return slices.ContainsFunc(names, func(name string) bool { return strings.HasPrefix(text, name) })
}

// TestGalleryOfLanguages draws every screen as a phone shows it in each
// language, side by side, into the folder languages of the gallery.
func TestGalleryOfLanguages(t *testing.T) {
	dir := os.Getenv("GALLERY_DIR")
	if dir == "" {
		t.Skip("set GALLERY_DIR to a folder to get pictures")
	}
	folder := filepath.Join(dir, "languages")
	if err := os.MkdirAll(folder, 0o755); err != nil {
		t.Fatal(err)
	}
	for sheet, shots := range gallery {
		for _, shot := range shots {
			var row []image.Image
			for _, locale := range locales {
				t.Run(fmt.Sprintf("%s %s %s", sheet, shot.name, locale), func(t *testing.T) {
					defer lang.Use(locale)()
					s := newStage(t)
					s.picture(shot, phoneWidth)
					row = append(row, s.window.Canvas().Capture())
				})
			}
			savePNG(t, filepath.Join(folder, sheet+" "+shot.name+" de-fr-es.png"), stackImages(row, true))
		}
	}
	writeGalleryIndex(t, dir)
}
