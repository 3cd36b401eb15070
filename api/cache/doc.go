// Package cache is the offline copy of what a server said: lists of backups,
// their details, the modules, and what is about to be deleted (requirements I6,
// S4). Each session's copy is kept apart by server, organisation and user, and
// forgotten at sign-out (I15).
//
// A copy can always be fetched anew, so nothing here is precious: when the
// database fails or a row is damaged, a method returns an error, and the
// caller goes on as if there were no copy. Later writes win; no two writes of
// one backup are compared by the clock of the device, which may be wrong.
//
// The methods block for the time of a small query and may be called from any
// number of goroutines. The package starts no goroutine, and leaves the
// database, with the driver its owner chose, for that owner to close.
package cache
