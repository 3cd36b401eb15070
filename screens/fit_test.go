package screens

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

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

// windowsOf are the windows in which everything has to fit: a phone's by its
// own, a desktop's with the list beside it.
var windowsOf = []struct {
	name   string
	large  bool
	wide   bool
	widths []float32
}{
	{"phone", false, false, []float32{phoneWidth, 360, 320}},
	{"desktop", false, true, []float32{desktopWidth, 1600, 760}},
	{"phone, text of twice its size", true, false, []float32{phoneWidth}},
	{"desktop, text of twice its size", true, true, []float32{desktopWidth}},
}

// TestEverythingFits goes through every state of every screen in windows from
// the narrowest phone to a large desktop, and with text of twice its size:
// nothing leaves the window or its own widget, nothing is drawn over anything
// else, and no word is cut.
func TestEverythingFits(t *testing.T) {
	looked := 0
	for _, look := range windowsOf { // the outermost: another size of text is slow to put on
		worn := widgets.NewFixedTheme(theme.VariantLight)
		if look.large {
			worn = largeText{worn}
		}
		for _, sheet := range slices.Sorted(maps.Keys(gallery)) {
			for _, shot := range gallery[sheet] {
				t.Run(fmt.Sprintf("%s %s, %s", sheet, shot.name, look.name), func(t *testing.T) {
					s := newStageIn(t, worn)
					s.nav.wide = look.wide
					screen := shot.make(s)
					if look.wide {
						screen = beside(s, sheet, screen)
					}
					s.put(screen, look.widths[0], s.heightAt(look.widths[0]))
					s.play(shot)
					for _, width := range look.widths {
						s.settleAt(width)
						if least := screen.Object().MinSize().Width; least > width {
							t.Errorf("at %v: the screen wants to be %v wide", width, least)
						}
						drawn := s.drawn()
						for _, problem := range drawn.problems() {
							t.Errorf("at %v: %s", width, problem)
						}
						looked += len(drawn)
					}
				})
			}
		}
	}
	if looked < 20_000 {
		t.Errorf("only %d things were looked at", looked)
	}
}

// settleAt lays out at a width, and again, as the window does when the least
// size of something in it has changed.
func (s *stage) settleAt(width float32) {
	s.window.Resize(fyne.NewSize(width, s.heightAt(width)))
	s.front().Refresh()
}

func (s *stage) heightAt(width float32) float32 {
	if width >= widgets.ReadingWidth {
		return desktopHeight
	}
	return phoneHeight
}

// area is where something stands in the window.
type area struct{ left, top, right, bottom float32 }

func areaOf(o fyne.CanvasObject) area {
	at := fyne.CurrentApp().Driver().AbsolutePositionForObject(o)
	return area{at.X, at.Y, at.X + o.Size().Width, at.Y + o.Size().Height}
}

func (a area) and(b area) area {
	return area{max(a.left, b.left), max(a.top, b.top), min(a.right, b.right), min(a.bottom, b.bottom)}
}

// hairline is what rounding may cost.
const hairline = 1

func (a area) empty() bool { return a.right-a.left <= hairline || a.bottom-a.top <= hairline }

func (a area) String() string {
	return fmt.Sprintf("(%.0f,%.0f)–(%.0f,%.0f)", a.left, a.top, a.right, a.bottom)
}

// thing is a text, or something to tap or to type into.
type thing struct {
	object fyne.CanvasObject
	path   []fyne.CanvasObject
	name   string
	words  bool
	whole  area // all of it
	seen   area // what the scrollers around it show
	window area
}

type things []thing

// drawn is what stands in front.
func (s *stage) drawn() (all things) {
	size := s.window.Canvas().Size()
	window := area{0, 0, size.Width, size.Height}
	walk(s.front(), nil, func(o fyne.CanvasObject, path []fyne.CanvasObject) {
		text, words := o.(*canvas.Text)
		if !words && !isControl(o) || words && strings.TrimSpace(text.Text) == "" || inFileDialog(path) {
			return
		}
		one := thing{object: o, path: slices.Clone(path), words: words, whole: areaOf(o), window: window}
		if words {
			one.name, one.whole = text.Text, areaOfWords(text)
		} else {
			one.name = fmt.Sprintf("%T %s", o, labelOf(o))
		}
		one.seen = one.whole
		for _, around := range path {
			if isScroller(around) {
				one.seen = one.seen.and(areaOf(around))
			}
		}
		all = append(all, one)
	})
	return all
}

// areaOfWords is where the letters of a text are, which may be more than it was
// given.
func areaOfWords(t *canvas.Text) area {
	a, need := areaOf(t), t.MinSize()
	switch t.Alignment {
	case fyne.TextAlignCenter:
		middle := (a.left + a.right) / 2
		a.left, a.right = middle-need.Width/2, middle+need.Width/2
	case fyne.TextAlignTrailing:
		a.left = a.right - need.Width
	default:
		a.right = a.left + need.Width
	}
	return a
}

func isControl(o fyne.CanvasObject) bool {
	switch o.(type) {
	case *widgets.Modal, *widget.List, *widgets.List: // hold what is tapped
		return false
	case fyne.Tappable, fyne.Focusable:
		_, drawn := o.(fyne.Widget)
		return drawn
	}
	return false
}

func isScroller(o fyne.CanvasObject) bool {
	switch o.(type) {
	case *container.Scroll:
		return true
	}
	return false
}

// problems says of what stands in front what does not fit.
func (all things) problems() (found []string) {
	var seen things
	for _, one := range all {
		if problem := one.problem(); problem != "" {
			found = append(found, problem)
		}
		if !one.seen.empty() && !typed(one.path) {
			seen = append(seen, one)
		}
	}
	for i, one := range seen {
		for _, other := range seen[i+1:] {
			if over := one.seen.and(other.seen); !over.empty() && !mayOverlap(one, other) {
				found = append(found, fmt.Sprintf("%q %v and %q %v are drawn over each other", one.name, one.seen, other.name, other.seen))
			}
		}
	}
	return found
}

// problem says how a thing leaves the window, or what it is in.
func (t thing) problem() string {
	if typed(t.path) {
		return "" // moves aside while somebody types
	}
	if t.whole.left < t.window.left-hairline || t.whole.right > t.window.right+hairline {
		return fmt.Sprintf("%q %v leaves the window", t.name, t.whole)
	}
	if !t.words {
		return ""
	}
	for _, around := range slices.Backward(t.path) {
		if isScroller(around) {
			if a := areaOf(around); t.whole.left < a.left-hairline || t.whole.right > a.right+hairline {
				return fmt.Sprintf("%q %v is cut off at the side %v", t.name, t.whole, a)
			}
			return "" // up and down it may be anywhere
		}
		if _, ok := around.(fyne.Widget); !ok {
			continue
		}
		if a := areaOf(around); t.whole.left < a.left-hairline || t.whole.right > a.right+hairline ||
			t.whole.top < a.top-hairline || t.whole.bottom > a.bottom+hairline {
			return fmt.Sprintf("%q %v does not fit into its %T %v", t.name, t.whole, around, a)
		}
	}
	if t.whole.top < t.window.top-hairline || t.whole.bottom > t.window.bottom+hairline {
		return fmt.Sprintf("%q %v leaves the window", t.name, t.whole)
	}
	return ""
}

// typed reports whether something is what is typed into a field, which moves
// aside where it is longer.
func typed(path []fyne.CanvasObject) bool {
	return slices.ContainsFunc(path, func(o fyne.CanvasObject) bool {
		switch o.(type) {
		case *widget.Entry, *widgets.Field:
			return true
		}
		return false
	})
}

// mayOverlap reports whether two things are meant to be where the other is:
// what is within the other; the add button, which floats over the list; what
// clears the search, in the box of the search; a scroll bar.
func mayOverlap(a, b thing) bool {
	return slices.Contains(a.path, b.object) || slices.Contains(b.path, a.object) || floats(a) || floats(b)
}

func floats(t thing) bool {
	return slices.ContainsFunc(append(slices.Clone(t.path), t.object), func(o fyne.CanvasObject) bool {
		_, adds := o.(*widgets.AddButton)
		return adds || fmt.Sprintf("%T", o) == "*widget.scrollBarArea" || labelOf(o) == "Clear search" && isIconButton(o)
	})
}

func isIconButton(o fyne.CanvasObject) bool {
	_, ok := o.(*widgets.IconButton)
	return ok
}

// inFileDialog reports whether something is part of Fyne's own dialog to pick
// a file, in which the folder's path moves sideways; a phone shows the
// system's in its place.
func inFileDialog(path []fyne.CanvasObject) bool {
	return slices.ContainsFunc(path, func(o fyne.CanvasObject) bool {
		return fmt.Sprintf("%T", o) == "*widget.PopUp"
	})
}
