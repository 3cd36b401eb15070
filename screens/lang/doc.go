// Package lang puts the app's words into the person's language, as far as the
// app has that language: else into English. It also writes days, times, numbers
// and sizes as that language does where the person lives.
//
// The words lie in assets/translations, a file a language, as go-i18n and the
// tools of translators know them. Fyne's own package of that name cannot be
// told which language to speak, takes any that Fyne itself was translated to,
// and then complains about each of our words.
//
// Its functions do not block and may be called on any goroutine, except Use.
package lang
