package assets

import "embed"

// Translations holds a file a language, named by its tag. That of English has
// only what a text in the source cannot say itself: the forms of plurals. The
// folder toolkit has the words of Fyne's own menus and dialogs.
//
//go:embed translations/*.json translations/toolkit/*.json
var Translations embed.FS
