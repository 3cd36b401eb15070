// Package shelf is a phone's public Downloads, where files have no path but a
// row in the system's list and a URI. It publishes by copying: a download is
// filled and kept resumable in the app's own storage, and gets its row when it
// is whole and verified.
//
// A row is pending, and seen by this app alone, until all its bytes are on the
// disk. What is pending is noted in the app's storage as long as it is: Sweep
// removes what a kill left.
//
// An app is shown its own rows alone. A file of another app is never written
// over: where one has the name, the system numbers ours, and the name that it
// got is what people are told.
//
// It knows the system only through Rows, and so is tested anywhere. Nothing
// here starts a goroutine; every call may block on the system and the disk.
package shelf
