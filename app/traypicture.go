package app

import (
	"bytes"
	"image"
	"image/color"
	"image/draw"
	"image/png"

	"fyne.io/fyne/v2"
)

// traySize is the width and height of the icon in the tray, in pixels.
const traySize = 64

var (
	trayTrack = color.NRGBA{0x06, 0x2C, 0x29, 0xFF}
	trayDone  = color.NRGBA{0xFF, 0xFF, 0xFF, 0xFF}
)

// pictureOf is the app's icon, a PNG, as small as the tray wants it, with a bar
// over its lower edge while something is under way. What cannot be read stays
// as it is.
func pictureOf(icon []byte, percent int) []byte {
	from, err := png.Decode(bytes.NewReader(icon))
	if err != nil {
		fyne.LogError("read the app's icon", err)
		return icon
	}
	to := smaller(from, traySize)
	if percent >= 0 {
		const left, right, top, bottom = 2, traySize - 2, traySize - 18, traySize - 4
		bar := image.Rect(left, top, right, bottom)
		draw.Draw(to, bar, image.NewUniform(trayTrack), image.Point{}, draw.Src)
		inner := bar.Inset(3)
		inner.Max.X = inner.Min.X + inner.Dx()*min(percent, 100)/100
		draw.Draw(to, inner, image.NewUniform(trayDone), image.Point{}, draw.Src)
	}
	var b bytes.Buffer
	if err := png.Encode(&b, to); err != nil {
		fyne.LogError("draw the icon for the tray", err)
		return icon
	}
	return b.Bytes()
}

// smaller makes each pixel the mean of those that it stands for.
func smaller(from image.Image, size int) *image.NRGBA {
	to := image.NewNRGBA(image.Rect(0, 0, size, size))
	area := from.Bounds()
	for y := range size {
		for x := range size {
			part := image.Rect(area.Dx()*x/size, area.Dy()*y/size, area.Dx()*(x+1)/size, area.Dy()*(y+1)/size).Add(area.Min)
			to.Set(x, y, mean(from, part))
		}
	}
	return to
}

func mean(from image.Image, part image.Rectangle) color.Color {
	var r, g, b, a, n uint64
	for y := part.Min.Y; y < part.Max.Y; y++ {
		for x := part.Min.X; x < part.Max.X; x++ {
			cr, cg, cb, ca := from.At(x, y).RGBA()
			r, g, b, a, n = r+uint64(cr), g+uint64(cg), b+uint64(cb), a+uint64(ca), n+1
		}
	}
	if n == 0 {
		return color.Transparent
	}
	return color.RGBA64{uint16(r / n), uint16(g / n), uint16(b / n), uint16(a / n)}
}
