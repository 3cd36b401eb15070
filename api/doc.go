// Package api is the contract between the Connect Backup app and a Connect
// server: the types that travel, the problems a server can answer with, and
// the client that speaks it.
//
// Everything is JSON in UTF-8 with snake_case names. Instants are RFC 3339 in
// UTC, days are YYYY-MM-DD in the organisation's time zone. Unknown fields are
// ignored, so that a newer server can be read by an older app.
//
// The client alone refreshes sessions, retries calls and guards redirects. It
// never retries the body of an archive: that is the work of the download
// engine, which knows what has already reached the disk.
//
// A Client asks; Client.Listen hears what happens without asking, and says when
// it cannot, so that whoever needs to know can ask from time to time.
//
// openapi.yaml describes all of it for whoever builds a server; it is made by
// package server.
//
// This package touches neither the disk nor the screen.
package api
