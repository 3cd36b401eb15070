package cli

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"connectbackup/api"
	"connectbackup/app/core"
	"connectbackup/device/download"
	"connectbackup/device/extract"
)

// saidError is an error with the words that a command has for it, where those
// of the window do not fit: there is no list to refresh and nothing to choose.
type saidError struct {
	text string
	err  error
}

func (e *saidError) Error() string { return e.text + " (" + e.err.Error() + ")" }

func (e *saidError) Unwrap() error { return e.err }

func say(err error, format string, args ...any) error {
	return &saidError{fmt.Sprintf(format, args...), err}
}

// counted is a number with the word for what there are so many of.
func counted[N int | int64](n N, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}

// wordsOf is what a failed command says.
func wordsOf(err error) string {
	var said *saidError
	var folder *download.FolderError
	var file *fs.PathError
	switch {
	case errors.As(err, &said):
		return said.text
	case errors.Is(err, errUsage), errors.Is(err, errDamaged):
		return err.Error()
	case errors.As(err, &folder):
	case errors.As(err, &file) && errors.Is(err, fs.ErrNotExist):
		return fmt.Sprintf("%s is not there.", file.Path)
	case errors.As(err, &file) && errors.Is(err, fs.ErrPermission):
		return fmt.Sprintf("%s cannot be read: this user is not allowed to.", file.Path)
	case errors.Is(err, context.Canceled):
		return "Stopped."
	}
	return core.Sentence(err)
}

// fetchWords are the words of fetch for what the engine calls by a name.
var fetchWords = []struct {
	err  error
	text string
}{
	{download.ErrNotFound, "The server has no such file. Check the address."},
	{download.ErrGone, "The server no longer has this file."},
	{download.ErrDenied, "The server does not allow this download. Check the address, and what --header gives."},
	{download.ErrAuthExpired, "The server asks who you are. Give its token with --header 'Authorization: Bearer …'."},
	{download.ErrChanged, "The file on the server changed during the download. The same command begins anew."},
	{download.ErrNotTheFile, "Something else than the file was sent, perhaps the sign-in page of this network. Nothing was saved."},
	{context.Canceled, "Stopped. " + partKept},
}

const partKept = "What has come is kept: the same command goes on from there."

// fetchError gives an error of fetch its words.
func fetchError(err error, giveUp time.Duration) error {
	var stalled *download.StalledError
	var exists *download.ExistsError
	var damaged *download.DamagedError
	var locked *download.LockedError
	var redirect *api.RedirectError
	switch {
	case err == nil:
		return nil
	case errors.As(err, &redirect):
		return say(err, "%s leads on to another place, which was not followed: %s. Nothing was downloaded.", redirect.From, redirect.Detail)
	case errors.As(err, &exists):
		return clashError(err, exists)
	case errors.As(err, &damaged):
		return say(err, "What the server sent is not what was promised: its size or SHA-256 is another, twice. Nothing was saved.")
	case errors.As(err, &locked):
		return say(err, "Another program is downloading this file to the same folder. Wait for it, or stop it.")
	case errors.As(err, &stalled):
		return say(err, "Given up: no data came for %v. %s %s", giveUp, lastTry(stalled.Err), partKept)
	}
	for _, w := range fetchWords {
		if errors.Is(err, w.err) {
			return say(err, "%s", w.text)
		}
	}
	return err
}

// lastTry says how the last try went, without what to do next.
func lastTry(err error) string {
	var stalled *download.StalledError
	if err == nil || errors.As(err, &stalled) {
		return "The server does not answer."
	}
	_, next, _ := core.Explain(err)
	return strings.TrimSpace(strings.TrimSuffix(core.Sentence(err), next))
}

// extractError gives an error of extract its words.
func extractError(err error) error {
	var exists *download.ExistsError
	switch {
	case err == nil:
		return nil
	case errors.As(err, &exists):
		return clashError(err, exists)
	case errors.Is(err, context.Canceled):
		return say(err, "Stopped. Nothing was left behind.")
	}
	return archiveError(err)
}

// archiveError says which entry of an archive is at fault, and why.
func archiveError(err error) error {
	var e *extract.Error
	if !errors.As(err, &e) {
		return err
	}
	text := core.Sentence(err)
	switch {
	case e.Entry != "" && e.Detail != "":
		return say(err, "%s (%s: %s)", text, e.Entry, e.Detail)
	case e.Entry != "":
		return say(err, "%s (%s)", text, e.Entry)
	case e.Detail != "":
		return say(err, "%s (%s)", text, e.Detail)
	}
	return err
}

func clashError(err error, e *download.ExistsError) error {
	return say(err, "%s is already there. Say what to do with --on-clash replace, keep-both or skip.", e.Name)
}

// printable makes text from outside harmless for a terminal: names in an
// archive may hold the codes that move its cursor, or turn the direction of
// what follows. The spaces and joiners that scripts are written with stay.
func printable(s string) string {
	plain := func(r rune) bool {
		return r != utf8.RuneError && unicode.IsGraphic(r) || r == '\u200c' || r == '\u200d'
	}
	if !strings.ContainsFunc(s, func(r rune) bool { return !plain(r) }) {
		return s
	}
	var b strings.Builder
	for len(s) > 0 {
		r, n := utf8.DecodeRuneInString(s)
		switch {
		case plain(r):
			b.WriteRune(r)
		case r == utf8.RuneError && n == 1:
			fmt.Fprintf(&b, `\x%02x`, s[0])
		default:
			quoted := strconv.QuoteRune(r)
			b.WriteString(quoted[1 : len(quoted)-1])
		}
		s = s[n:]
	}
	return b.String()
}
