package assets

import "embed"

// Translations holds a file a language, named by its tag. That of English has
// only what a text in the source cannot say itself: the forms of plurals.
//
//go:embed translations/*.json
var Translations embed.FS
