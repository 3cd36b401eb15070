// Package lang puts the app's words into the person's language, as far as the
// app has that language: else into English. Fyne's own package of that name
// takes any language that Fyne itself was translated to, and then complains
// about each of our words.
//
// Its functions are called on the UI goroutine and do not block.
package lang
