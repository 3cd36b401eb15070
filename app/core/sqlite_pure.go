//go:build !android && !ios

package core

import (
	"net/url"

	_ "modernc.org/sqlite" // the driver: pure Go, so that every desktop builds without a C library
)

const sqliteDriver = "sqlite"

// sqliteDSN names a database file with its pragmas, as modernc wants them.
func sqliteDSN(path string, pragmas [][2]string) string {
	q := url.Values{}
	for _, p := range pragmas {
		q.Add("_pragma", p[0]+"("+p[1]+")")
	}
	return sqliteURI(path) + "?" + q.Encode()
}
