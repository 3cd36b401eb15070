package device

import "runtime"

// Platform is the system this program runs on: linux, windows, darwin, android
// or ios, as the contract wants it.
func Platform() string { return runtime.GOOS }
