package widgets

import (
	"image/color"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/theme"
)

// Colours that Fyne has no name for.
const (
	ColorSurface fyne.ThemeColorName = "surface"     // a card on the ground
	ColorEdge    fyne.ThemeColorName = "surfaceEdge" // its thin border
	ColorMuted   fyne.ThemeColorName = "muted"       // text of lesser weight
	ColorTrack   fyne.ThemeColorName = "track"       // the empty part of a bar
	ColorShade   fyne.ThemeColorName = "shade"       // over what a modal covers
	ColorAmber   fyne.ThemeColorName = "amber"       // the filled part of a bar that waits
)

// Space is the step of the spacing, and Touch the least height and width of
// what a finger should hit, both in Fyne's device-independent pixels.
const (
	Space = 8
	Touch = 44
)

// RadiusCard is the radius of a card's corners.
const RadiusCard = 12

// fillOf, textOf and toastOf name the colours of a tone: the tint of a chip or
// banner, the text and icon on that tint, and the fill of a toast.
func fillOf(t Tone) fyne.ThemeColorName  { return toneName(t, "Fill") }
func textOf(t Tone) fyne.ThemeColorName  { return toneName(t, "Text") }
func toastOf(t Tone) fyne.ThemeColorName { return toneName(t, "Toast") }

// ColorOnToast is the text on every toast.
const ColorOnToast fyne.ThemeColorName = "onToast"

func toneName(t Tone, part string) fyne.ThemeColorName {
	names := map[Tone]string{Good: "good", Waiting: "waiting", Bad: "bad", Info: "info", Outline: "outline"}
	name, ok := names[t]
	if !ok {
		name = "neutral"
	}
	return fyne.ThemeColorName(name + part)
}

// NewTheme is the look of the app, light or dark as the system wishes.
func NewTheme() fyne.Theme { return look{} }

// NewFixedTheme is the look of the app, light or dark as variant says.
func NewFixedTheme(variant fyne.ThemeVariant) fyne.Theme { return look{fixed: true, variant: variant} }

// look is a value: two that are equal look the same.
type look struct {
	fixed   bool
	variant fyne.ThemeVariant
}

// Color implements fyne.Theme.
func (l look) Color(name fyne.ThemeColorName, variant fyne.ThemeVariant) color.Color {
	if l.fixed {
		variant = l.variant
	}
	palette := lightPalette
	if variant == theme.VariantDark {
		palette = darkPalette
	} else {
		variant = theme.VariantLight
	}
	if c, ok := palette[name]; ok {
		return c
	}
	return theme.DefaultTheme().Color(name, variant)
}

// Font implements fyne.Theme.
func (l look) Font(style fyne.TextStyle) fyne.Resource { return theme.DefaultTheme().Font(style) }

// Icon implements fyne.Theme. Fyne's own icons stay, but for those that stand
// beside ours.
func (l look) Icon(name fyne.ThemeIconName) fyne.Resource {
	if own, ok := ownIcons[name]; ok {
		return newIcon(own, theme.ColorNameForeground)
	}
	return theme.DefaultTheme().Icon(name)
}

var ownIcons = map[fyne.ThemeIconName]string{
	theme.IconNameArrowDropDown: IconDown,
	theme.IconNameArrowDropUp:   IconUp,
	theme.IconNameCancel:        IconCross,
	theme.IconNameConfirm:       IconTick,
	theme.IconNameQuestion:      IconHelp,
	theme.IconNameInfo:          IconInfo,
	theme.IconNameWarning:       IconWarning,
	theme.IconNameError:         IconWarning,
	theme.IconNameSearch:        IconSearch,
}

// Size implements fyne.Theme. An inner padding of 12 makes Fyne's own buttons
// and entries 44 high, as tall as a finger needs.
func (l look) Size(name fyne.ThemeSizeName) float32 {
	if s, ok := sizes[name]; ok {
		return s
	}
	return theme.DefaultTheme().Size(name)
}

var sizes = map[fyne.ThemeSizeName]float32{
	theme.SizeNamePadding:         Space,
	theme.SizeNameInnerPadding:    12,
	theme.SizeNameText:            15,
	theme.SizeNameCaptionText:     13,
	theme.SizeNameSubHeadingText:  18,
	theme.SizeNameHeadingText:     24,
	theme.SizeNameInputRadius:     8,
	theme.SizeNameButtonRadius:    8,
	theme.SizeNameCardRadius:      RadiusCard,
	theme.SizeNameDialogRadius:    16,
	theme.SizeNamePopupRadius:     RadiusCard,
	theme.SizeNameMenuRadius:      8,
	theme.SizeNameSelectionRadius: 8,
	theme.SizeNameScrollBar:       10,
}

func rgb(hex uint32) color.NRGBA { return rgba(hex, 0xff) }

func rgba(hex uint32, alpha uint8) color.NRGBA {
	return color.NRGBA{R: uint8(hex >> 16), G: uint8(hex >> 8), B: uint8(hex), A: alpha}
}

var lightPalette = map[fyne.ThemeColorName]color.Color{
	theme.ColorNameBackground:          rgb(0xF1F6F5),
	theme.ColorNameOverlayBackground:   rgb(0xFFFFFF),
	theme.ColorNameMenuBackground:      rgb(0xFFFFFF),
	theme.ColorNameHeaderBackground:    rgb(0xE7EFEE),
	theme.ColorNameInputBackground:     rgb(0xFFFFFF),
	theme.ColorNameInputBorder:         rgb(0x7A8B87),
	theme.ColorNameForeground:          rgb(0x14211F),
	theme.ColorNamePlaceHolder:         rgb(0x5A6B68),
	theme.ColorNameDisabled:            rgb(0x8B9A97),
	theme.ColorNameDisabledButton:      rgb(0xDFE7E6),
	theme.ColorNameButton:              rgb(0xE0ECEA),
	theme.ColorNamePrimary:             rgb(0x0B6560),
	theme.ColorNameForegroundOnPrimary: rgb(0xFFFFFF),
	theme.ColorNameHyperlink:           rgb(0x0B6560),
	theme.ColorNameHover:               rgba(0x0B6560, 0x14),
	theme.ColorNamePressed:             rgba(0x0B6560, 0x2e),
	theme.ColorNameFocus:               rgba(0x0B9C93, 0x59),
	theme.ColorNameSelection:           rgba(0x0B9C93, 0x40),
	theme.ColorNameSeparator:           rgb(0xDCE6E4),
	theme.ColorNameScrollBar:           rgba(0x14211F, 0x66),
	theme.ColorNameScrollBarBackground: rgba(0x14211F, 0x0d),
	theme.ColorNameShadow:              rgba(0x0A1C1A, 0x33),
	theme.ColorNameError:               rgb(0xA8231C),
	theme.ColorNameForegroundOnError:   rgb(0xFFFFFF),
	theme.ColorNameSuccess:             rgb(0x17663A),
	theme.ColorNameForegroundOnSuccess: rgb(0xFFFFFF),
	theme.ColorNameWarning:             rgb(0x7A5300),
	theme.ColorNameForegroundOnWarning: rgb(0xFFFFFF),

	ColorSurface: rgb(0xFFFFFF),
	ColorEdge:    rgb(0xDCE6E4),
	ColorMuted:   rgb(0x526360),
	ColorTrack:   rgb(0xD9E4E2),
	ColorShade:   rgba(0x0A1C1A, 0x80),
	ColorAmber:   rgb(0xAD7200),

	fillOf(Neutral): rgb(0xE4EAE9), textOf(Neutral): rgb(0x43514E), toastOf(Neutral): rgb(0x24322F),
	fillOf(Good): rgb(0xCFEFD8), textOf(Good): rgb(0x0F5129), toastOf(Good): rgb(0x17663A),
	fillOf(Waiting): rgb(0xFFE8A1), textOf(Waiting): rgb(0x5C4300), toastOf(Waiting): rgb(0x705000),
	fillOf(Bad): rgb(0xFCDAD7), textOf(Bad): rgb(0x8C1812), toastOf(Bad): rgb(0xA8231C),
	fillOf(Info): rgb(0xD3EBE8), textOf(Info): rgb(0x09524E), toastOf(Info): rgb(0x0B6560),
	fillOf(Outline): rgba(0xFFFFFF, 0), textOf(Outline): rgb(0x33524E), toastOf(Outline): rgb(0x24322F),
	ColorOnToast: rgb(0xFFFFFF),
}

var darkPalette = map[fyne.ThemeColorName]color.Color{
	theme.ColorNameBackground:          rgb(0x0E1514),
	theme.ColorNameOverlayBackground:   rgb(0x1C2725),
	theme.ColorNameMenuBackground:      rgb(0x1C2725),
	theme.ColorNameHeaderBackground:    rgb(0x16201E),
	theme.ColorNameInputBackground:     rgb(0x121B1A),
	theme.ColorNameInputBorder:         rgb(0x6A7D79),
	theme.ColorNameForeground:          rgb(0xE4EEEC),
	theme.ColorNamePlaceHolder:         rgb(0x97A8A5),
	theme.ColorNameDisabled:            rgb(0x677874),
	theme.ColorNameDisabledButton:      rgb(0x202B29),
	theme.ColorNameButton:              rgb(0x263533),
	theme.ColorNamePrimary:             rgb(0x4CC2B7),
	theme.ColorNameForegroundOnPrimary: rgb(0x03211E),
	theme.ColorNameHyperlink:           rgb(0x5FCFC4),
	theme.ColorNameHover:               rgba(0xC8F5F0, 0x14),
	theme.ColorNamePressed:             rgba(0xC8F5F0, 0x2e),
	theme.ColorNameFocus:               rgba(0x4CC2B7, 0x59),
	theme.ColorNameSelection:           rgba(0x4CC2B7, 0x40),
	theme.ColorNameSeparator:           rgb(0x2A3836),
	theme.ColorNameScrollBar:           rgba(0xE4EEEC, 0x66),
	theme.ColorNameScrollBarBackground: rgba(0xE4EEEC, 0x0d),
	theme.ColorNameShadow:              rgba(0x000000, 0x80),
	theme.ColorNameError:               rgb(0xFF9B92),
	theme.ColorNameForegroundOnError:   rgb(0x3B0603),
	theme.ColorNameSuccess:             rgb(0x7BD79A),
	theme.ColorNameForegroundOnSuccess: rgb(0x06260F),
	theme.ColorNameWarning:             rgb(0xF2C94C),
	theme.ColorNameForegroundOnWarning: rgb(0x2B1F00),

	ColorSurface: rgb(0x172120),
	ColorEdge:    rgb(0x2A3836),
	ColorMuted:   rgb(0xA0B1AE),
	ColorTrack:   rgb(0x2C3A38),
	ColorShade:   rgba(0x000000, 0xa6),
	ColorAmber:   rgb(0xF2C94C),

	fillOf(Neutral): rgb(0x263331), textOf(Neutral): rgb(0xBCCBC8), toastOf(Neutral): rgb(0x33413F),
	fillOf(Good): rgb(0x14391F), textOf(Good): rgb(0x93E3AC), toastOf(Good): rgb(0x17663A),
	fillOf(Waiting): rgb(0x463603), textOf(Waiting): rgb(0xFFDB6B), toastOf(Waiting): rgb(0x705000),
	fillOf(Bad): rgb(0x4B1B18), textOf(Bad): rgb(0xFFB8B1), toastOf(Bad): rgb(0xA8231C),
	fillOf(Info): rgb(0x103A36), textOf(Info): rgb(0x90DFD6), toastOf(Info): rgb(0x0B6560),
	fillOf(Outline): rgba(0x172120, 0), textOf(Outline): rgb(0xB6CDC9), toastOf(Outline): rgb(0x33413F),
	ColorOnToast: rgb(0xFFFFFF),
}

// paint is the colour of that name where w stands.
func paint(w interface{ Theme() fyne.Theme }, name fyne.ThemeColorName) color.Color {
	return w.Theme().Color(name, fyne.CurrentApp().Settings().ThemeVariant())
}

// surface is a rectangle that is drawn as a card: fill, thin edge, round corners.
func surface(radius float32) *canvas.Rectangle {
	r := canvas.NewRectangle(color.Transparent)
	r.CornerRadius = radius
	return r
}
