// Package core is everything of the app that needs no window: paths, settings,
// session, the embedded server, the offline copy, the download service, and
// the words for every error. The window (package app) and the command line
// (package app/cli) are two faces of it.
//
// It joins api and device, which know nothing of each other: source.go gives
// the download engine the archives of the api client, downloads.go writes what
// the engine finished into the ledger.
//
// A Core owns its goroutines (the embedded server, the watcher of pending
// backups, the download engine); Close stops them all and waits.
package core
