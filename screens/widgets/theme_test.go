package widgets

import (
	"image/color"
	"math"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"
	"fyne.io/fyne/v2/theme"
)

var variants = map[string]fyne.ThemeVariant{"light": theme.VariantLight, "dark": theme.VariantDark}

// luminance and contrast follow WCAG 2.2.
func luminance(c color.Color) float64 {
	n := color.NRGBAModel.Convert(c).(color.NRGBA)
	f := func(v uint8) float64 {
		s := float64(v) / 255
		if s <= 0.04045 {
			return s / 12.92
		}
		return math.Pow((s+0.055)/1.055, 2.4)
	}
	return 0.2126*f(n.R) + 0.7152*f(n.G) + 0.0722*f(n.B)
}

func contrast(a, b color.Color) float64 {
	x, y := luminance(a), luminance(b)
	return (max(x, y) + 0.05) / (min(x, y) + 0.05)
}

// over is c as it looks on an opaque ground.
func over(c, ground color.Color) color.Color {
	n := color.NRGBAModel.Convert(c).(color.NRGBA)
	g := color.NRGBAModel.Convert(ground).(color.NRGBA)
	mix := func(a, b uint8) uint8 { return uint8((int(a)*int(n.A) + int(b)*(255-int(n.A))) / 255) }
	return color.NRGBA{R: mix(n.R, g.R), G: mix(n.G, g.G), B: mix(n.B, g.B), A: 255}
}

func TestTextCanBeReadInBothThemes(t *testing.T) {
	grounds := []fyne.ThemeColorName{theme.ColorNameBackground, ColorSurface, theme.ColorNameOverlayBackground}
	type pair struct{ text, ground fyne.ThemeColorName }
	pairs := []pair{
		{theme.ColorNameForegroundOnPrimary, theme.ColorNamePrimary},
		{theme.ColorNameForegroundOnError, theme.ColorNameError},
		{theme.ColorNameForegroundOnSuccess, theme.ColorNameSuccess},
		{theme.ColorNameForegroundOnWarning, theme.ColorNameWarning},
		{theme.ColorNameForeground, theme.ColorNameButton},
		{theme.ColorNameForeground, theme.ColorNameInputBackground},
		{theme.ColorNamePlaceHolder, theme.ColorNameInputBackground},
	}
	for _, g := range grounds {
		for _, text := range []fyne.ThemeColorName{theme.ColorNameForeground, ColorMuted, theme.ColorNameHyperlink, textOf(Bad), textOf(Outline)} {
			pairs = append(pairs, pair{text, g})
		}
	}
	for _, tone := range []Tone{Neutral, Good, Waiting, Bad, Info} {
		pairs = append(pairs, pair{textOf(tone), fillOf(tone)}, pair{ColorOnToast, toastOf(tone)})
	}
	pairs = append(pairs, pair{theme.ColorNameForeground, fillOf(Info)}, pair{ColorMuted, fillOf(Info)}) // a chosen card
	for name, v := range variants {
		th := NewFixedTheme(v)
		for _, p := range pairs {
			if got := contrast(th.Color(p.text, v), th.Color(p.ground, v)); got < 4.5 {
				t.Errorf("%s: %s on %s has a contrast of %.2f, want 4.5 or more", name, p.text, p.ground, got)
			}
		}
		// What is drawn rather than read: edges of fields, filled parts of bars.
		for _, p := range []pair{
			{theme.ColorNameInputBorder, theme.ColorNameBackground},
			{theme.ColorNameInputBorder, ColorSurface},
			{theme.ColorNamePrimary, ColorTrack},
			{ColorAmber, ColorTrack},
			{theme.ColorNameError, ColorTrack},
			{theme.ColorNameSuccess, ColorTrack},
		} {
			if got := contrast(th.Color(p.text, v), th.Color(p.ground, v)); got < 3 {
				t.Errorf("%s: %s on %s has a contrast of %.2f, want 3 or more", name, p.text, p.ground, got)
			}
		}
		// Text on a focused or pointed-at control.
		for _, layer := range []fyne.ThemeColorName{theme.ColorNameHover, theme.ColorNameFocus, theme.ColorNamePressed} {
			ground := over(th.Color(layer, v), th.Color(theme.ColorNameButton, v))
			if got := contrast(th.Color(theme.ColorNameForeground, v), ground); got < 4.5 {
				t.Errorf("%s: text on a button under %s has a contrast of %.2f", name, layer, got)
			}
		}
	}
}

func TestEveryFyneColourHasAValue(t *testing.T) {
	for name, v := range variants {
		inLook(t, v) // the check leaves Fyne's own app behind
		test.AssertAllColorNamesDefined(t, NewFixedTheme(v), name)
	}
}

func TestThemeFollowsTheSystemUnlessFixed(t *testing.T) {
	follow := NewTheme()
	if follow.Color(ColorSurface, theme.VariantDark) == follow.Color(ColorSurface, theme.VariantLight) {
		t.Error("light and dark surface are the same")
	}
	fixed := NewFixedTheme(theme.VariantDark)
	if fixed.Color(ColorSurface, theme.VariantLight) != follow.Color(ColorSurface, theme.VariantDark) {
		t.Error("a fixed dark theme went light")
	}
}

func TestBothPalettesNameTheSameColours(t *testing.T) {
	for name := range lightPalette {
		if _, ok := darkPalette[name]; !ok {
			t.Errorf("%s is missing in the dark palette", name)
		}
	}
	if len(lightPalette) != len(darkPalette) {
		t.Errorf("light has %d colours, dark has %d", len(lightPalette), len(darkPalette))
	}
}

func TestWhatIsSeenFollowsAChangeOfTheme(t *testing.T) {
	inLook(t, theme.VariantLight)
	chip, card, banner := NewChip("Completed", Good, IconTick), NewCard(NewText("card")), NewBanner("Demo data", Waiting, IconDemo)
	date := NewDateWindow("From", dayAt(2026, 7, 1), dayAt(2024, 11, 23), dayAt(2026, 11, 23), nil)
	w := test.NewTempWindow(t, Scroll(Column(chip, card, banner, date)))
	w.Resize(fyne.NewSize(400, 900))
	light := w.Canvas().Capture()
	fyne.CurrentApp().Settings().SetTheme(NewFixedTheme(theme.VariantDark))
	if chip.pill.FillColor != darkPalette[fillOf(Good)] || card.back.FillColor != darkPalette[ColorSurface] ||
		banner.back.FillColor != darkPalette[fillOf(Waiting)] {
		t.Error("fills stay light")
	}
	if c := cell(date, dayAt(2026, 7, 2)); c.words.Color != darkPalette[theme.ColorNameForeground] {
		t.Error("the days stay dark on dark")
	}
	fyne.CurrentApp().Settings().SetTheme(NewFixedTheme(theme.VariantLight))
	again := w.Canvas().Capture()
	for _, at := range [][2]int{{30, 20}, {200, 80}, {200, 140}, {200, 400}} {
		if light.At(at[0], at[1]) != again.At(at[0], at[1]) {
			t.Errorf("light, dark and light again differs at %v", at)
		}
	}
}

// TestRingIsSeen holds the mark of the focus to 3:1 against what it stands on
// (WCAG 2.2, 1.4.11).
func TestRingIsSeen(t *testing.T) {
	for name, variant := range variants {
		look := NewFixedTheme(variant)
		ring := look.Color(theme.ColorNamePrimary, variant)
		for _, ground := range []fyne.ThemeColorName{theme.ColorNameBackground, ColorSurface, theme.ColorNameOverlayBackground, fillOf(Info)} {
			if c := contrast(ring, look.Color(ground, variant)); c < 3 {
				t.Errorf("%s: the ring has a contrast of %.2f to %s", name, c, ground)
			}
		}
		chosen := over(look.Color(theme.ColorNameSelection, variant), look.Color(ColorSurface, variant))
		if c := contrast(ring, chosen); c < 3 {
			t.Errorf("%s: the ring has a contrast of %.2f to the row that is chosen", name, c)
		}
	}
}

func TestRingStandsAroundWhatHasTheFocus(t *testing.T) {
	inLook(t, theme.VariantLight)
	button := NewButton("Download", "", nil)
	w := test.NewTempWindow(t, button)
	ring := test.WidgetRenderer(button).(*buttonRenderer).ring
	if ring.Visible() {
		t.Fatal("without the focus there is a ring")
	}
	w.Canvas().Focus(button)
	if !ring.Visible() || ring.StrokeWidth < 2 || ring.Size().Width <= button.Size().Width {
		t.Errorf("the ring: visible %v, %v thick, %v around %v", ring.Visible(), ring.StrokeWidth, ring.Size(), button.Size())
	}
	w.Canvas().Unfocus()
	if ring.Visible() {
		t.Error("the ring stays")
	}
}
