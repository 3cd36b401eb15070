//go:build built

package app_test

import (
	"image"
	"image/color"
	"math"
	"slices"
	"sort"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/driver/software"
	"fyne.io/fyne/v2/theme"

	"connectbackup/screens/widgets"
)

// To read the screen, the words looked for are drawn as the app draws them, in
// each of its sizes, and the shape is searched for in whatever colours.

// shape is how dark each pixel of some drawn words is, without empty borders.
type shape struct {
	size       image.Point
	room       int     // so many columns on the right are empty
	ink        []uint8 // most where a letter is, 0 beside it
	full, none []image.Point
}

func shapesOf(words string) []shape {
	// More room behind it than a space takes: "Download" is not the "Download" of "Download again".
	return shapesBefore(words, 0.6)
}

// shapesInPill are those of words that stand close to the edge of a pill.
func shapesInPill(words string) []shape { return shapesBefore(words, 0) }

// shapesBefore are those of words before so much empty room, in parts of their height.
func shapesBefore(words string, room float32) (shapes []shape) {
	for _, name := range []fyne.ThemeSizeName{theme.SizeNameText, theme.SizeNameCaptionText, theme.SizeNameSubHeadingText, theme.SizeNameHeadingText} {
		for _, bold := range []bool{false, true} {
			text := canvas.NewText(words, color.Black)
			text.TextSize = theme.Size(name)
			text.TextStyle.Bold = bold
			shapes = append(shapes, newShape(drawn(text, text.MinSize()), int(room*text.TextSize)))
		}
	}
	return shapes
}

func shapeOfIcon(name string, size float32) shape {
	icon := canvas.NewImageFromResource(widgets.ColoredIcon(name, theme.ColorNameForeground))
	return newShape(drawn(icon, fyne.NewSquareSize(size)), 0)
}

// drawn draws something dark on white.
func drawn(o fyne.CanvasObject, size fyne.Size) image.Image {
	c := software.NewCanvas()
	c.SetPadded(false)
	c.SetContent(container.NewStack(canvas.NewRectangle(color.White), o))
	c.Resize(size)
	return c.Capture()
}

// newShape takes a drawing, which is to have so many empty columns on its right.
func newShape(img image.Image, room int) shape {
	gray := grayOf(img)
	box := image.Rectangle{}
	for y := range gray.Rect.Dy() {
		for x := range gray.Rect.Dx() {
			if gray.GrayAt(x, y).Y < 128 {
				box = box.Union(image.Rect(x, y, x+1, y+1))
			}
		}
	}
	box.Max.X += room
	s := shape{size: box.Size(), room: room}
	for y := box.Min.Y; y < box.Max.Y; y++ {
		for x := box.Min.X; x < box.Max.X; x++ {
			ink := uint8(0)
			if image.Pt(x, y).In(gray.Rect) {
				ink = 255 - gray.GrayAt(x, y).Y
			}
			s.ink = append(s.ink, ink)
		}
	}
	darkest := slices.Max(s.ink)
	for i, ink := range s.ink {
		switch p := image.Pt(i%s.size.X, i/s.size.X); {
		case ink > darkest-25:
			s.full = append(s.full, p)
		case ink == 0:
			s.none = append(s.none, p)
		}
	}
	s.full, s.none = spread(s.full), spread(s.none)
	return s
}

// spread picks a dozen points from all over.
func spread(points []image.Point) (some []image.Point) {
	step := max(1, len(points)/12)
	for i := 0; i < len(points); i += step {
		some = append(some, points[i])
	}
	return some
}

func grayOf(img image.Image) *image.Gray {
	gray := image.NewGray(image.Rectangle{Max: img.Bounds().Size()})
	for y := range gray.Rect.Dy() {
		for x := range gray.Rect.Dx() {
			gray.Set(x, y, img.At(img.Bounds().Min.X+x, img.Bounds().Min.Y+y))
		}
	}
	return gray
}

// find gives all places where one of the shapes stands, from top to bottom.
func find(screen *image.RGBA, shapes []shape) (at []image.Rectangle) {
	gray := grayOf(screen)
	for _, s := range shapes {
		for y := range gray.Rect.Dy() - s.size.Y + 1 {
			for x := range gray.Rect.Dx() - s.size.X + 1 {
				p := image.Pt(x, y)
				if s.couldBe(gray, p) && s.likeness(gray, p) > 0.93 {
					at = append(at, image.Rectangle{Min: p, Max: p.Add(s.size)})
				}
			}
		}
	}
	sort.SliceStable(at, func(i, j int) bool { return at[i].Min.Y < at[j].Min.Y })
	return at
}

// couldBe looks at a few points only: all of the letters must differ from all
// beside them, in the same direction.
func (s *shape) couldBe(gray *image.Gray, at image.Point) bool {
	if len(s.full) == 0 || len(s.none) == 0 {
		return false
	}
	level := func(p image.Point) int { return int(gray.Pix[(at.Y+p.Y)*gray.Stride+at.X+p.X]) }
	ink, paper := level(s.full[0]), level(s.none[0])
	if max(ink-paper, paper-ink) < 40 {
		return false
	}
	near := max(ink-paper, paper-ink) / 3
	for _, p := range s.full {
		if l := level(p); max(l-ink, ink-l) > near {
			return false
		}
	}
	for _, p := range s.none {
		if l := level(p); max(l-paper, paper-l) > near {
			return false
		}
	}
	for x := s.size.X - s.room + 2; x < s.size.X; x++ { // behind the soft edge of the last letter
		for y := range s.size.Y {
			if l := level(image.Pt(x, y)); max(l-paper, paper-l) > near {
				return false
			}
		}
	}
	return true
}

// likeness is how closely the pixels follow the shape: 1 in any two colours
// that differ, 0 where they have nothing to do with it.
func (s *shape) likeness(gray *image.Gray, at image.Point) float64 {
	var n, sx, sy, sxx, syy, sxy float64
	for i, ink := range s.ink {
		x := float64(ink)
		y := float64(gray.Pix[(at.Y+i/s.size.X)*gray.Stride+at.X+i%s.size.X])
		n, sx, sy, sxx, syy, sxy = n+1, sx+x, sy+y, sxx+x*x, syy+y*y, sxy+x*y
	}
	spread := (n*sxx - sx*sx) * (n*syy - sy*sy)
	if spread <= 0 {
		return 0
	}
	return math.Abs(n*sxy-sx*sy) / math.Sqrt(spread)
}
