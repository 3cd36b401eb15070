package assets

import _ "embed"

// Notices are the licences of all that the program is built from: a JSON array
// of objects with the name of the licence, the modules under it, and its text.
//
//go:embed notices.json
var Notices []byte
