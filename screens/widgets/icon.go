package widgets

import (
	"sync"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/theme"

	"connectbackup/assets"
)

// The icons of the family in assets/icons.
const (
	IconAdd      = "add"
	IconArchive  = "archive"
	IconBack     = "back"
	IconBackup   = "backup"
	IconBuilding = "building"
	IconCalendar = "calendar"
	IconClock    = "clock"
	IconComputer = "computer"
	IconCross    = "cross"
	IconDelete   = "delete"
	IconDemo     = "demo"
	IconDown     = "down"
	IconDownload = "download"
	IconExtract  = "extract"
	IconFolder   = "folder"
	IconForward  = "forward"
	IconHelp     = "help"
	IconInfo     = "info"
	IconMore     = "more"
	IconNone     = "none"
	IconOffline  = "offline"
	IconOpen     = "open"
	IconPartial  = "partial"
	IconPause    = "pause"
	IconPerson   = "person"
	IconPhone    = "phone"
	IconRefresh  = "refresh"
	IconRename   = "rename"
	IconResume   = "resume"
	IconSearch   = "search"
	IconServer   = "server"
	IconSettings = "settings"
	IconShare    = "share"
	IconSignOut  = "signout"
	IconTable    = "table"
	IconTick     = "tick"
	IconUp       = "up"
	IconVerified = "verified"
	IconWarning  = "warning"
)

// Icon is one of our icons in the colour of ordinary text; it follows the
// theme. An unknown name gives nil, which Fyne draws as no icon.
func Icon(name string) fyne.Resource {
	return ColoredIcon(name, theme.ColorNameForeground)
}

// ColoredIcon is one of our icons in a colour of the theme.
// The resource is made once: the chips of a list ask for the same few over and
// over, and it takes its colour when it is drawn.
func ColoredIcon(name string, c fyne.ThemeColorName) fyne.Resource {
	key := iconKey{name, c}
	if made, ok := icons.Load(key); ok {
		return made.(fyne.Resource)
	}
	made := newIcon(name, c)
	if made != nil {
		icons.Store(key, made)
	}
	return made
}

func newIcon(name string, c fyne.ThemeColorName) fyne.Resource {
	b, ok := assets.Icon(name)
	if !ok {
		return nil
	}
	return theme.NewColoredResource(fyne.NewStaticResource(name+".svg", b), c)
}

type iconKey struct {
	name  string
	color fyne.ThemeColorName
}

// icons are those that were made, by iconKey.
var icons sync.Map
