//go:build android || ios || cgosqlite

package core

import (
	"errors"
	"net/url"

	"github.com/mattn/go-sqlite3" // phones build with cgo anyway, and Android's syscall filter has killed pure Go drivers
)

const sqliteDriver = "sqlite3"

// sqliteDSN names a database file with its pragmas and what its transactions
// lock, as mattn wants them.
func sqliteDSN(path string, pragmas [][2]string, lock string) string {
	q := url.Values{"_txlock": {lock}}
	for _, p := range pragmas {
		q.Add("_"+p[0], p[1])
	}
	return sqliteURI(path) + "?" + q.Encode()
}

// isBusy reports whether err says that another process holds the database. On a
// phone there is none, but the tests run with this driver too.
func isBusy(err error) bool {
	var e sqlite3.Error
	return errors.As(err, &e) && e.Code == sqlite3.ErrBusy
}
