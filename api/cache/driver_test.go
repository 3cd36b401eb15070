//go:build !cgosqlite

package cache

import _ "modernc.org/sqlite" // the desktop's driver, which calls itself "sqlite"
