//go:build android

package disk

// RenameNew gives a file or folder a name that must be free. Older versions of
// Android kill an app that asks for renameat2, and app storage has no hard
// links; nobody but the app writes there, so looking first is enough.
func RenameNew(from, to string) error { return renameAfterLook(from, to) }
