package screens

import (
	"maps"
	"slices"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"

	"connectbackup/screens/widgets"
)

// Wherever Tab leads, in whatever state of a screen, a ring is seen, and it is
// in sight (B16; WCAG 2.2, 2.4.7 and 2.4.11).
func TestTheFocusIsSeenEverywhere(t *testing.T) {
	if fyne.CurrentDevice().IsMobile() {
		t.Skip("a phone has no Tab")
	}
	controls := 0
	for _, sheet := range slices.Sorted(maps.Keys(gallery)) {
		for _, shot := range gallery[sheet] {
			t.Run(sheet+" "+shot.name, func(t *testing.T) {
				s := newStage(t)
				s.put(shot.make(s), leastDesktopWidth, leastDesktopHeight)
				s.play(shot)
				top := s.window.Canvas().Overlays().Top()
				if _, ours := top.(*widgets.Modal); top != nil && !ours {
					return // the toolkit's own dialog
				}
				been := map[fyne.Focusable]bool{}
				for {
					s.window.Canvas().FocusNext()
					f := s.window.Canvas().Focused()
					if f == nil || been[f] {
						break
					}
					been[f] = true
					s.mustShowFocus(f.(fyne.CanvasObject))
				}
				controls += len(been)
			})
		}
	}
	if controls < 500 {
		t.Errorf("Tab led to %d controls only", controls)
	}
}

// A low window, in which much is out of sight.
const leastDesktopWidth, leastDesktopHeight = 640, 420

// mustShowFocus fails the test where what has the focus has no ring, or stands
// where it is not seen.
func (s *stage) mustShowFocus(o fyne.CanvasObject) {
	s.t.Helper()
	var ring fyne.CanvasObject // around it, or around what is chosen in it
	walk(o, nil, func(x fyne.CanvasObject, _ []fyne.CanvasObject) {
		r, ok := x.(*canvas.Rectangle)
		if !ok || r.StrokeWidth < 2 || r.StrokeColor == nil {
			return
		}
		if _, _, _, alpha := r.StrokeColor.RGBA(); alpha > 0 {
			ring = r
		}
	})
	if ring == nil {
		s.t.Errorf("%T %q has the focus, and no ring", o, labelOf(o))
		return
	}
	walk(s.front(), nil, func(x fyne.CanvasObject, path []fyne.CanvasObject) {
		if x != o {
			return
		}
		for _, around := range path {
			scroll, ok := around.(*container.Scroll)
			if !ok {
				continue
			}
			at, room := areaOf(ring), areaOf(scroll)
			if at.top < room.top || at.bottom > room.bottom && at.bottom-at.top < room.bottom-room.top {
				s.t.Errorf("%T %q stands from %v to %v, and %v to %v is seen", o, labelOf(o), at.top, at.bottom, room.top, room.bottom)
			}
		}
	})
}
