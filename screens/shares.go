package screens

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	"connectbackup/screens/widgets"
)

// sideBySide gives what is shown of objects equal shares of the width, or,
// where that is too narrow for one of them, a line each.
func sideBySide(objects ...fyne.CanvasObject) *fyne.Container {
	return container.New(&sharesLayout{}, objects...)
}

type sharesLayout struct{ width float32 } // of the last Layout, for MinSize

// plan is what is shown, how wide each becomes and whether they stack.
func (l *sharesLayout) plan(objects []fyne.CanvasObject, width float32) (shown []fyne.CanvasObject, each float32, stacked bool) {
	widest := float32(0)
	for _, o := range objects {
		if o.Visible() {
			shown = append(shown, o)
			widest = max(widest, o.MinSize().Width)
		}
	}
	n := float32(len(shown))
	each = (width - widgets.Space*(n-1)) / max(n, 1)
	if len(shown) > 1 && each < widest {
		return shown, width, true
	}
	return shown, each, false
}

// Layout implements fyne.Layout.
func (l *sharesLayout) Layout(objects []fyne.CanvasObject, size fyne.Size) {
	l.width = size.Width
	shown, each, stacked := l.plan(objects, size.Width)
	at := fyne.NewPos(0, 0)
	for _, o := range shown {
		h := size.Height
		if stacked {
			o.Resize(fyne.NewSize(each, h)) // words that do not fit go on below
			h = o.MinSize().Height
		}
		o.Move(at)
		o.Resize(fyne.NewSize(each, h))
		if stacked {
			at.Y += h + widgets.Space
		} else {
			at.X += each + widgets.Space
		}
	}
}

// MinSize implements fyne.Layout. The height is that at the last width.
func (l *sharesLayout) MinSize(objects []fyne.CanvasObject) fyne.Size {
	shown, _, stacked := l.plan(objects, l.width)
	stacked = stacked && l.width > 0
	var size fyne.Size
	for i, o := range shown {
		m := o.MinSize()
		size.Width = max(size.Width, widgets.Narrowest(o))
		if !stacked {
			size.Height = max(size.Height, m.Height)
			continue
		}
		size.Height += m.Height
		if i > 0 {
			size.Height += widgets.Space
		}
	}
	return size
}
