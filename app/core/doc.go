// Package core is everything of the app that needs no window: paths, settings,
// session, the embedded server, the offline copy, the download service, and
// the words for every error. The window (package app) and the command line
// (package app/cli) are two faces of it.
//
// It joins api and device, which know nothing of each other: source.go gives
// the download engine the archives of the api client, downloads.go writes what
// the engine finished into the ledger.
//
// A Core owns its goroutines: the embedded server, the download engine, what
// shows notifications, and three for a session, which end with it: one hears the
// server's events (listen.go), one asks for what events do not tell (watch.go),
// one tells the server what happened here (outbox.go). Close stops them all and
// waits.
package core
