// Package server is the Connect server that this program brings along: the
// contract's endpoints over net/http, on SQLite, with the demo organisation.
//
// A backup is built once, by a job, into one file that is verified and
// published by rename; requests only ever serve published files. At most
// Config.Workers jobs run at a time, each in a goroutine of its own that reads
// from one snapshot of the data; further ones queue. A job that was cut off,
// by Close or by a crash, starts again at the next Open.
//
// One more goroutine keeps the two clocks every hour: records are swept 24
// months after their day (requirement S3), archives 24 months after they were
// completed (S16). A clock that is more than 45 days from the last sweep is only
// believed when it stays so for a day (reckoning.go).
//
// On a full disk deleting needs room, too: Config.Dir has a file that only takes
// some up, and is given up for that (ballast.go).
//
// What happens is told to whoever listens (GET /v1/events): triggers write the
// events in the transaction of the change, and each stream reads them, woken by
// the hub, in the goroutine of its request.
//
// Close stops all of them and waits. No method of the handler blocks, but for
// requests that are to be held (Prefer: wait) until a backup changes, and
// streams of events; both end when the server closes, or the HTTP server under
// them shuts down.
//
// contract.go says in words what each endpoint does. From it and the types of
// package api comes api/openapi.yaml; TestConformance holds any server to it.
package server
