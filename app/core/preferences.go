package core

import (
	"connectbackup/device"
)

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

// SetDeviceName changes it; servers hear of it at the next sign-in.
func (p *Preferences) SetDeviceName(name string) error {
	return device.SetName(p.core.options.Paths.Config, name)
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
func (p *Preferences) Theme() string { return p.core.settings.get().Theme }

// SetTheme changes it.
func (p *Preferences) SetTheme(name string) error {
	return p.core.settings.change(func(v *settingsValues) { v.Theme = name })
}
