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
// completed (S16).
//
// Close stops all of them and waits. No method of the handler blocks longer
// than its request, but for one that asks to be held (Prefer: wait) until a
// backup changes.
package server
