//go:build cgosqlite

package server

import (
	"database/sql"

	"github.com/mattn/go-sqlite3"
)

// init gives the phones' driver the name of the desktop's.
func init() { sql.Register("sqlite", &sqlite3.SQLiteDriver{}) }
