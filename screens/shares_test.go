package screens

import (
	"testing"

	"fyne.io/fyne/v2"

	"connectbackup/screens/widgets"
)

// Two buttons that do not fit beside each other stand below each other, and
// nothing is cut off.
func TestSideBySide(t *testing.T) {
	newStage(t)
	a, b := widgets.NewButton("Extract", "", nil), widgets.NewButton("Download again", "", nil)
	box := sideBySide(a, b)
	need := b.MinSize()
	for width, stacked := range map[float32]bool{2*need.Width + widgets.Space: false, 2 * need.Width: true, need.Width: true} {
		box.Resize(fyne.NewSize(width, 1))
		box.Resize(fyne.NewSize(width, box.MinSize().Height))
		if got := b.Position().Y > 0; got != stacked {
			t.Errorf("%v wide: stacked %v", width, got)
		}
		if b.Size().Width < need.Width || b.Position().X+b.Size().Width > width || b.Position().Y+b.Size().Height > box.Size().Height {
			t.Errorf("%v wide: cut off at %v, %v", width, b.Position(), b.Size())
		}
	}
	b.Hide()
	box.Resize(fyne.NewSize(100, box.MinSize().Height))
	if a.Size().Width != 100 {
		t.Errorf("alone it is %v wide", a.Size().Width)
	}
}
