// Package ledger is the record of what was downloaded to this device:
// which backup, under which name, where, how big, its SHA-256, and when
// (requirement I3). It survives restarts and signing out: the files are the
// user's. A record never proves that its file is still there; Check looks.
//
// A Ledger may be used from several goroutines. Its calls read or write a few
// rows of a local database and return when that is done.
package ledger
