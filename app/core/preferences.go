package core

import (
	"errors"
	"fmt"
	"slices"

	"connectbackup/device"
)

// errSetting says that a setting cannot have that value. Screens offer none
// such.
var errSetting = errors.New("no such setting")

// languages are those that the app can be set to; empty is the system's.
var languages = []string{"", "en", "de", "fr", "es"}

// themes are those that the app can be set to; empty is the system's.
var themes = []string{"", "light", "dark"}

// Bounds of the window's width and height: beyond them a settings file is
// broken, or was written beside a far larger screen.
const (
	windowMin = 320
	windowMax = 16_384
)

// windowSize is of the app's window, in Fyne's units.
type windowSize struct {
	W float32 `json:"w"`
	H float32 `json:"h"`
}

func (s windowSize) possible() bool {
	return s.W >= windowMin && s.W <= windowMax && s.H >= windowMin && s.H <= windowMax
}

// Preferences are what people can set, and what they are told there.
type Preferences struct{ core *Core }

// Settings are what people can set.
func (c *Core) Settings() *Preferences { return &Preferences{c} }

// DeviceID is the stable identity of this device (requirement I2).
func (p *Preferences) DeviceID() string { return p.core.deviceID }

// DeviceName is what people call this device.
func (p *Preferences) DeviceName() string {
	_, name, err := device.Identity(p.core.options.Paths.Config)
	if err != nil {
		p.core.log.Error("read this device's name", "error", err)
	}
	return name
}

// SetDeviceName changes it. The server hears of it as soon as it can be reached.
func (p *Preferences) SetDeviceName(name string) error {
	if err := device.SetName(p.core.options.Paths.Config, name); err != nil {
		return err
	}
	if s := p.core.current(); s != nil {
		p.core.outbox.post(s.account, messageName, p.DeviceID(), p.DeviceName())
	}
	return nil
}

// Downloads is the folder that backups are downloaded to.
func (p *Preferences) Downloads() string { return p.core.options.Paths.Downloads }

// SecretStore says where the session's tokens are kept; protected is false
// when only file permissions guard them.
func (p *Preferences) SecretStore() (where string, protected bool) { return p.core.secrets.Where() }

// LogFile is where the app writes what went wrong.
func (p *Preferences) LogFile() string { return p.core.logFile.path }

// Version of the app.
func (p *Preferences) Version() string { return Version }

// Told reports whether the person was told something once.
func (p *Preferences) Told(key string) bool { return p.core.settings.get().Told[key] }

// SetTold remembers that the person was told.
func (p *Preferences) SetTold(key string) {
	err := p.core.settings.change(func(v *settingsValues) {
		if v.Told == nil {
			v.Told = map[string]bool{}
		}
		v.Told[key] = true
	})
	if err != nil { // told again next time: no harm
		p.core.log.Error("remember what was told", "error", err)
	}
}

// Theme is light, dark, or empty for the system's.
func (p *Preferences) Theme() string { return oneOf(themes, p.core.settings.get().Theme) }

// SetTheme changes it.
func (p *Preferences) SetTheme(name string) error {
	return p.choose("theme", themes, name, func(v *settingsValues) { v.Theme = name })
}

// Language is en, de, fr or es, or empty for the system's.
func (p *Preferences) Language() string { return oneOf(languages, p.core.settings.get().Language) }

// SetLanguage changes it.
func (p *Preferences) SetLanguage(tag string) error {
	return p.choose("language", languages, tag, func(v *settingsValues) { v.Language = tag })
}

// KeepScreenOn reports whether the screen stays on while something is
// downloaded.
func (p *Preferences) KeepScreenOn() bool { return p.core.settings.get().KeepScreenOn }

// SetKeepScreenOn changes it, also for what is under way.
func (p *Preferences) SetKeepScreenOn(on bool) error {
	if err := p.core.settings.change(func(v *settingsValues) { v.KeepScreenOn = on }); err != nil {
		return err
	}
	p.core.screen.settle()
	return nil
}

// WindowSize is how large the window was at the end; zeros when that is not
// known.
func (p *Preferences) WindowSize() (w, h float32) {
	if s := p.core.settings.get().Window; s != nil && s.possible() {
		return s.W, s.H
	}
	return 0, 0
}

// LastWindowSize is WindowSize before the core is open, which may take long:
// the window is seen first.
func LastWindowSize(p Paths) (w, h float32) {
	s, err := openSettings(p.Config)
	if err != nil {
		return 0, 0 // Open tells what is wrong
	}
	return (&Preferences{&Core{settings: s}}).WindowSize()
}

// LastLanguage is Language without a core, for a command that tells people
// something outside the window.
func LastLanguage(p Paths) string {
	s, err := openSettings(p.Config)
	if err != nil {
		return "" // the system's will do
	}
	return (&Preferences{&Core{settings: s}}).Language()
}

// SetWindowSize remembers it. A size that no window has is not kept.
func (p *Preferences) SetWindowSize(w, h float32) error {
	size := windowSize{w, h}
	if !size.possible() {
		return fmt.Errorf("window of %v by %v: %w", w, h, errSetting)
	}
	return p.core.settings.change(func(v *settingsValues) { v.Window = &size })
}

// choose changes a setting that has only these values.
func (p *Preferences) choose(what string, from []string, value string, set func(*settingsValues)) error {
	if !slices.Contains(from, value) {
		return fmt.Errorf("%s %q: %w", what, value, errSetting)
	}
	return p.core.settings.change(set)
}

// oneOf is the value if it is one of these, else the first: the file may have
// been written by hand, or by a newer app.
func oneOf(values []string, value string) string {
	if slices.Contains(values, value) {
		return value
	}
	return values[0]
}
