// Package device is this machine: where downloads lie, how files are opened,
// shown and announced, where secrets are kept, and who this device is.
//
// One file a choice of the system, with the same names in each. What Go cannot
// reach on android by itself, the app hands in with SetNative before it uses
// anything else here: Java, by which device/phone asks the system. iOS is asked
// by device/iphone. README.md says what of that was proven where.
//
// Everything here may block for a moment, on a disk, on the session bus or on
// a program that starts: call it off the goroutine of the screen. The only
// goroutines that outlive a call are those of a Notifier, which Close ends,
// and those that wait for a program that was opened, which end with it.
package device
