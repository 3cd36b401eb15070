package cli

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/mattn/go-isatty"

	"connectbackup/app/core"
	"connectbackup/device/download"
)

// plainEvery is how often progress is told where it cannot be drawn over
// itself.
const plainEvery = 5 * time.Second

// Standard are the streams of this process.
func Standard() Streams {
	s := Streams{
		Out: os.Stdout, Err: os.Stderr, In: os.Stdin,
		Terminal: isatty.IsTerminal(os.Stderr.Fd()), Table: isatty.IsTerminal(os.Stdout.Fd()),
	}
	if !isatty.IsTerminal(os.Stdin.Fd()) {
		return s
	}
	s.In = nil // a password that is typed is seen, unless it is asked for
	switch {
	case s.Terminal:
		s.Ask = askOn(os.Stdin, os.Stderr)
	case s.Table:
		s.Ask = askOn(os.Stdin, os.Stdout)
	}
	return s
}

// output prints what a command does: for people, or one JSON object per line.
// Results go to out, progress and failures to err, so that a script can keep
// them apart.
type output struct {
	out, err io.Writer
	json     bool
	terminal bool
	table    bool

	drawn  int // width of the progress line on the terminal
	told   time.Time
	noted  string
	broken error                   // the first failure to write a result
	stop   context.CancelCauseFunc // ends the command then; nil: it goes on
}

// fields are the named values of one line of JSON.
type fields map[string]any

// step tells that something was done: text for people, fields for programs.
func (o *output) step(event string, f fields, format string, args ...any) {
	o.endProgress()
	if o.json {
		o.object(event, f)
		return
	}
	for i, arg := range args {
		switch text := arg.(type) {
		case string:
			args[i] = printable(text)
		case fmt.Stringer:
			args[i] = printable(text.String())
		case download.Location:
			args[i] = printable(string(text))
		}
	}
	_, err := fmt.Fprintf(o.out, format+"\n", args...)
	o.keep(err)
}

func (o *output) object(event string, f fields) {
	line := fields{"event": event}
	for k, v := range f {
		line[k] = v
	}
	o.keep(json.NewEncoder(o.out).Encode(line))
}

func (o *output) keep(err error) {
	if err == nil || o.broken != nil {
		return
	}
	if o.broken = err; o.stop != nil {
		o.stop(err)
	}
}

// progress tells how far something has come, in bytes. total is negative when
// not known.
func (o *output) progress(now time.Time, what string, done, total int64, rate float64) {
	switch {
	case o.json:
		if now.Sub(o.told) >= time.Second {
			o.told = now
			o.object("progress", fields{"what": what, "done": done, "total": total, "rate": int64(rate)})
		}
	case o.terminal:
		line := progressLine(what, done, total, rate)
		_, _ = fmt.Fprintf(o.err, "\r%-*s", o.drawn, line)
		o.drawn = len([]rune(line))
	case o.told.IsZero(): // the first look: short work needs no line at all
		o.told = now
	case now.Sub(o.told) >= plainEvery:
		o.told = now
		_, _ = fmt.Fprintln(o.err, progressLine(what, done, total, rate))
	}
}

// working tells how far the server has come, in percent.
func (o *output) working(now time.Time, what string, percent int64) {
	switch {
	case o.json:
		o.object("progress", fields{"what": what, "percent": percent})
	case o.terminal:
		line := fmt.Sprintf("%s %d %%", what, percent)
		_, _ = fmt.Fprintf(o.err, "\r%-*s", o.drawn, line)
		o.drawn = len(line)
	case o.told.IsZero():
		o.told = now
	case now.Sub(o.told) >= plainEvery:
		o.told = now
		_, _ = fmt.Fprintf(o.err, "%s %d %%\n", what, percent)
	}
}

// note tells of something on the way that is no result: why there is a wait.
// The same is told once.
func (o *output) note(event, text string) {
	if text == o.noted {
		return
	}
	if o.noted = text; text == "" {
		return
	}
	if o.json {
		o.object(event, fields{"message": text})
		return
	}
	o.endProgress()
	_, _ = fmt.Fprintln(o.err, "connect-backup:", printable(text))
}

// missing names the modules that a backup was to hold and does not.
func (o *output) missing(modules []string) {
	text := "This backup is not complete: some modules are missing."
	if len(modules) > 0 {
		text = "This backup is not complete: " + counted(len(modules), "module is", "modules are") + " missing: " + strings.Join(modules, ", ") + "."
	}
	o.note("partial", text)
}

// progressLine draws a bar of 24 cells and the figures.
func progressLine(what string, done, total int64, rate float64) string {
	line := fmt.Sprintf("%s %s", what, core.FormatBytes(done))
	if total > 0 {
		full := int(24 * min(done, total) / total)
		line = fmt.Sprintf("%s [%s%s] %3d %%  %s of %s", what,
			strings.Repeat("#", full), strings.Repeat(".", 24-full),
			100*min(done, total)/total, core.FormatBytes(done), core.FormatBytes(total))
	}
	if rate > 0 {
		line += fmt.Sprintf("  %s/s", core.FormatBytes(int64(rate)))
	}
	return line
}

// endProgress leaves the line that was drawn over.
func (o *output) endProgress() {
	if o.drawn > 0 {
		_, _ = fmt.Fprintf(o.err, "\r%-*s\r", o.drawn, "")
		o.drawn = 0
	}
	o.told = time.Time{}
}

// failure tells why a command failed.
func (o *output) failure(err error) {
	text := wordsOf(err)
	if o.json {
		o.object("error", fields{"message": text, "detail": err.Error(), "exit": exitCode(err)})
		return
	}
	_, _ = fmt.Fprintln(o.err, "connect-backup:", printable(text))
}
