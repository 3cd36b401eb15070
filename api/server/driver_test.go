//go:build !cgosqlite

package server

import _ "modernc.org/sqlite" // the desktop's driver, which calls itself "sqlite"
