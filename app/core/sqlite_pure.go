//go:build !android && !ios && !cgosqlite

package core

import (
	"errors"
	"net/url"

	"modernc.org/sqlite" // the driver: pure Go, so that every desktop builds without a C library
	sqlite3 "modernc.org/sqlite/lib"
)

const sqliteDriver = "sqlite"

// sqliteDSN names a database file with its pragmas and what its transactions
// lock, as modernc wants them.
func sqliteDSN(path string, pragmas [][2]string, lock string) string {
	q := url.Values{"_txlock": {lock}}
	for _, p := range pragmas {
		q.Add("_pragma", p[0]+"("+p[1]+")")
	}
	return sqliteURI(path) + "?" + q.Encode()
}

// isBusy reports whether err says that another process holds the database.
func isBusy(err error) bool {
	var e *sqlite.Error
	return errors.As(err, &e) && e.Code()&0xff == sqlite3.SQLITE_BUSY // the rest of the code says why
}
