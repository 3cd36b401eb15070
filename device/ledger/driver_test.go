//go:build !cgosqlite

package ledger

import _ "modernc.org/sqlite" // the desktop's driver, which calls itself "sqlite"
