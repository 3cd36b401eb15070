package widgets

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"
)

var _ fyne.Widget = (*Bar)(nil)

// Bar shows how far something is. A fraction below zero means that nobody
// knows: then a piece of the bar is filled, and it moves on with every report,
// so that it stands still when the work does.
type Bar struct {
	widget.BaseWidget
	Fraction float64 // 0 to 1
	Tone     Tone    // Neutral: the accent

	step        int
	track, fill *canvas.Rectangle
}

// NewBar makes an empty bar.
func NewBar() *Bar {
	b := &Bar{}
	b.ExtendBaseWidget(b)
	return b
}

// Set shows another fraction.
func (b *Bar) Set(fraction float64, tone Tone) {
	if fraction < 0 {
		b.step++
	} else if b.Fraction == fraction && b.Tone == tone {
		return
	}
	b.Fraction, b.Tone = fraction, tone
	b.Refresh()
}

// MinSize implements fyne.CanvasObject.
func (b *Bar) MinSize() fyne.Size {
	b.ExtendBaseWidget(b)
	return fyne.NewSize(40, 8)
}

// CreateRenderer implements fyne.Widget.
func (b *Bar) CreateRenderer() fyne.WidgetRenderer {
	b.ExtendBaseWidget(b)
	b.track, b.fill = surface(canvas.RadiusMaximum), surface(canvas.RadiusMaximum)
	r := &barRenderer{b: b}
	r.colour()
	return r
}

type barRenderer struct{ b *Bar }

func (r *barRenderer) Layout(size fyne.Size) {
	b := r.b
	b.track.Resize(size)
	x, w := float32(0), size.Width*float32(min(max(b.Fraction, 0), 1))
	if b.Fraction < 0 {
		w = size.Width * 0.3
		x = (size.Width - w) * float32(b.step%11) / 10
	}
	if w > 0 {
		w = max(w, size.Height) // a rounded beginning, not a sliver
	}
	b.fill.Move(fyne.NewPos(x, 0))
	b.fill.Resize(fyne.NewSize(w, size.Height))
}

func (r *barRenderer) MinSize() fyne.Size { return r.b.MinSize() }

func (r *barRenderer) colour() {
	fill := theme.ColorNamePrimary
	switch r.b.Tone {
	case Good:
		fill = theme.ColorNameSuccess
	case Bad:
		fill = theme.ColorNameError
	case Waiting:
		fill = ColorAmber
	}
	r.b.track.FillColor = paint(r.b, ColorTrack)
	r.b.fill.FillColor = paint(r.b, fill)
}

func (r *barRenderer) Refresh() {
	r.colour()
	r.Layout(r.b.Size())
	r.b.track.Refresh()
	r.b.fill.Refresh()
}

func (r *barRenderer) Objects() []fyne.CanvasObject {
	return []fyne.CanvasObject{r.b.track, r.b.fill}
}

func (r *barRenderer) Destroy() {}
