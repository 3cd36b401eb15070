// Package disk does with files what the standard library leaves to each
// system: locks, renaming without replacing, free space, and bringing names to
// the disk. Its errors are the system's.
package disk
