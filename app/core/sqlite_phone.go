//go:build android || ios

package core

import (
	"net/url"

	_ "github.com/mattn/go-sqlite3" // phones build with cgo anyway, and Android's syscall filter has killed pure Go drivers
)

const sqliteDriver = "sqlite3"

// sqliteDSN names a database file with its pragmas, as mattn wants them.
func sqliteDSN(path string, pragmas [][2]string) string {
	q := url.Values{}
	for _, p := range pragmas {
		q.Add("_"+p[0], p[1])
	}
	return sqliteURI(path) + "?" + q.Encode()
}
