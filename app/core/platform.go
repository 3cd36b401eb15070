package core

import "runtime"

// Platform is the system that the app runs on, as the contract names it:
// linux, windows, darwin, android or ios.
func (p *Preferences) Platform() string { return runtime.GOOS }
