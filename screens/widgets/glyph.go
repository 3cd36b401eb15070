package widgets

import (
	"image/color"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/widget"
)

// glyph is one of our icons at one size. Fyne's image reads its drawing anew at
// every refresh, also at that of anything around it: most of what a screen
// cost to open. This one does so only when what it shows has changed.
type glyph struct {
	widget.BaseWidget
	image *canvas.Image
	drawn glyphLook
}

// glyphLook is all that the picture of an icon depends on but for its size,
// which Fyne minds itself.
type glyphLook struct {
	name  string
	color color.Color
	scale float32
}

func newGlyph(size float32) *glyph {
	g := &glyph{image: &canvas.Image{FillMode: canvas.ImageFillContain}}
	g.image.SetMinSize(fyne.NewSquareSize(size))
	g.ExtendBaseWidget(g)
	return g
}

// show draws the icon of that name, or hides it when there is none.
func (g *glyph) show(name string, c fyne.ThemeColorName) {
	g.image.Resource = ColoredIcon(name, c)
	g.Hidden = g.image.Resource == nil
	look := glyphLook{name, paint(g, c), 1}
	if on := fyne.CurrentApp().Driver().CanvasForObject(g); on != nil {
		look.scale = on.Scale()
	}
	if g.drawn != look {
		g.drawn = look
		g.image.Refresh()
	}
}

// Refresh implements fyne.CanvasObject. Whoever owns the icon shows it anew
// when it is refreshed itself.
func (g *glyph) Refresh() {}

// CreateRenderer implements fyne.Widget.
func (g *glyph) CreateRenderer() fyne.WidgetRenderer { return widget.NewSimpleRenderer(g.image) }
