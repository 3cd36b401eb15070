package app

import (
	"maps"
	"sync"

	"connectbackup/app/core"
	"connectbackup/screens/lang"
)

// Say is say for a command, which has no window: in the language that was
// chosen there.
func Say(text string, count int, data map[string]any) string {
	speakLikeTheWindow()
	return say(text, count, data)
}

var speakLikeTheWindow = sync.OnceFunc(func() {
	if paths, err := core.SystemPaths(); err == nil {
		lang.Use(core.LastLanguage(paths))
	}
})

// say translates what the core tells people outside the window: a text whose
// blanks are filled from data. A count that is not negative decides its form,
// and is its blank Count.
func say(text string, count int, data map[string]any) string {
	if count < 0 {
		return lang.L(text, data)
	}
	filled := map[string]any{}
	maps.Copy(filled, data)
	filled["Count"] = lang.Number(int64(count))
	return lang.N(text, count, filled)
}
