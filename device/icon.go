//go:build !android && !ios

package device

import (
	"bytes"
	"image"
	"image/png"

	"golang.org/x/image/draw"
)

// iconMax is the side of a notification's icon in pixels. Windows shows none
// above 256, and the session bus carries each one uncompressed.
const iconMax = 128

// decodeIcon is a PNG as an image of at most iconMax pixels a side; nil when it
// is none.
func decodeIcon(b []byte) *image.NRGBA {
	src, err := png.Decode(bytes.NewReader(b))
	if err != nil {
		return nil
	}
	size := src.Bounds().Size()
	if long := max(size.X, size.Y); long > iconMax {
		size = image.Pt(max(1, size.X*iconMax/long), max(1, size.Y*iconMax/long))
	}
	img := image.NewNRGBA(image.Rectangle{Max: size})
	draw.ApproxBiLinear.Scale(img, img.Bounds(), src, src.Bounds(), draw.Src, nil)
	return img
}

// smallIcon is the icon as a PNG that every system shows; nil when it is none.
func smallIcon(b []byte) []byte {
	img := decodeIcon(b)
	if img == nil {
		return nil
	}
	var out bytes.Buffer
	if err := png.Encode(&out, img); err != nil {
		return nil
	}
	return out.Bytes()
}
