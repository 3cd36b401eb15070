// Package reminder decides when people are reminded of what the server is about
// to delete, and of what (requirements S4 and B7). Both clocks count: records
// are deleted two years after they were made, and the file of a backup two
// years after it was completed.
//
// What a verified copy on this device holds is never spoken of. What only the
// server or another device holds is told inside the app alone; what nobody
// holds is announced outside it as well, on the steps of a ladder, each once.
//
// Everything here is a pure function of what it is handed: it asks no clock, no
// disk and no server, starts no goroutine and never blocks. Package app/core
// keeps the State and wakes up when Wake says so.
package reminder
