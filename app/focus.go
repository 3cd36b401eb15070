package app

import (
	"slices"

	"fyne.io/fyne/v2"

	"connectbackup/screens"
	"connectbackup/screens/widgets"
)

// Where the keyboard goes on. Who chooses something with Enter is led to what
// stands first in the screen that this opens, and with Back or Esc returns to
// where they came from. Who taps is led nowhere: the focus would only distract.
// A phone has no focus to lead.

// leaveFocus takes the focus from what is going out of sight, and reports
// whether the screen that comes is to get it.
func (n *Navigator) leaveFocus(before, now []screens.Screen) (lead bool) {
	n.focus = nil
	if same(before, now) {
		return false
	}
	c := n.window.Canvas()
	had := c.Focused()
	list, isList := had.(*widgets.List)
	tapped := isList && !list.Pressed()
	if len(before) > 0 {
		n.keep(before[0], had)
	}
	if tapped && len(before) > 0 && contains(now, before[0]) {
		return false // the list stays on the left, and the arrows move on in it
	}
	c.Unfocus() // what had it may not be seen any more
	return had != nil && !tapped && !fyne.CurrentDevice().IsMobile()
}

// keep remembers what had the focus in a screen that stays on the way. In a
// wide window that of the list is the list, whatever stands beside it.
func (n *Navigator) keep(s screens.Screen, had fyne.Focusable) {
	_, list := had.(*widgets.List)
	for i := range n.way {
		if n.way[i].screen == s && (list || !n.wide || n.way[i].place == atRoot) {
			n.way[i].focus = had
		}
	}
}

// refocus gives the focus back to what had it when the screen at the end of
// the way was left.
func (n *Navigator) refocus() {
	last := n.last()
	if last.focus == nil || fyne.CurrentDevice().IsMobile() || n.gone(last.focus) {
		return
	}
	n.focus = nil
	n.window.Canvas().Focus(last.focus)
}

// lead gives a screen the focus, now or as soon as it shows what it is about.
// A screen that has taken it by itself keeps it.
func (n *Navigator) lead(s screens.Screen) {
	n.focus = nil
	c := n.window.Canvas()
	if c.Focused() != nil {
		return
	}
	if f := firstOf(s); f != nil {
		c.Focus(f)
	}
	if c.Focused() == nil { // nothing wants it yet, or nothing can take it
		n.focus = s
	}
}

func firstOf(s screens.Screen) fyne.Focusable {
	if f, ok := s.(screens.Focuser); ok {
		return f.FirstFocus()
	}
	return widgets.FirstFocus(s.Object())
}

// scroll moves what is in front by a key that nothing else wants: what stands
// beside the list before the list.
func (n *Navigator) scroll(key fyne.KeyName) {
	for _, s := range slices.Backward(n.shown) {
		if widgets.ScrollByKey(s.Object(), key) {
			return
		}
	}
}

// keepFocus is called after each change of what is seen. It leads to what a
// screen that has just come in shows now, and, where what had the focus has
// gone by itself, such as Pause at the end of a download, to what stands first
// in its place.
func (n *Navigator) keepFocus() {
	last := n.last()
	c := n.window.Canvas()
	if last == nil || fyne.CurrentDevice().IsMobile() || c.Overlays().Top() != nil {
		return
	}
	had := c.Focused()
	switch {
	case had == nil && n.focus != nil:
		n.lead(n.focus)
	case had != nil && n.lost(had):
		c.Unfocus()
		n.lead(last.screen)
	case had != nil:
		n.focus = nil // the person went on by themselves
	}
}

// gone reports whether a control is known to stand nowhere in the window. Fyne
// gives what is hidden, itself or by what it stands in, no place. It gives none
// either to what was not painted yet, but that has no canvas.
func (n *Navigator) gone(f fyne.Focusable) bool {
	o, ok := f.(fyne.CanvasObject)
	if !ok || !o.Visible() {
		return true
	}
	d := fyne.CurrentApp().Driver()
	return d.CanvasForObject(o) != nil && d.AbsolutePositionForObject(o) == fyne.Position{}
}

// lost reports whether what has the focus is not seen. What was not painted yet
// is given the focus anew: what is hidden does not get it.
func (n *Navigator) lost(had fyne.Focusable) bool {
	if n.gone(had) {
		return true
	}
	if fyne.CurrentApp().Driver().CanvasForObject(had.(fyne.CanvasObject)) != nil {
		return false
	}
	c := n.window.Canvas()
	c.Unfocus()
	c.Focus(had)
	return c.Focused() != had
}
