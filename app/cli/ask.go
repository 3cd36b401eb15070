package cli

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"golang.org/x/term"
)

// lineMax is the longest answer, in bytes.
const lineMax = 4096

var errLongLine = errors.New("the line is too long")

// askOn puts questions to whoever sits at a terminal. Ctrl-C ends the question
// and gives the terminal back as it was; Ctrl-D is an empty answer, but to a hidden
// question none.
func askOn(in *os.File, out io.Writer) func(context.Context, string, bool) (string, error) {
	return func(ctx context.Context, question string, hidden bool) (string, error) {
		if err := ctx.Err(); err != nil {
			return "", err // or the terminal would be given back before it is changed
		}
		if _, err := fmt.Fprint(out, printable(question)+" "); err != nil {
			return "", err
		}
		before, err := term.GetState(int(in.Fd()))
		if err != nil {
			return "", fmt.Errorf("read from the terminal: %w", err)
		}
		type answer struct {
			text string
			err  error
		}
		answers := make(chan answer, 1)
		go func() { // a read of a terminal cannot be stopped; the program ends soon
			if hidden {
				b, err := term.ReadPassword(int(in.Fd()))
				answers <- answer{string(b), err}
				return
			}
			text, err := readLine(in)
			answers <- answer{text, err}
		}()
		select {
		case a := <-answers:
			ended := errors.Is(a.err, io.EOF)
			if hidden || ended {
				_, _ = fmt.Fprintln(out) // no Enter was shown
			}
			if ended {
				return "", nil
			}
			return a.text, a.err
		case <-ctx.Done():
			_, _ = fmt.Fprintln(out)
			return "", errors.Join(ctx.Err(), term.Restore(int(in.Fd()), before))
		}
	}
}

// readLine reads one line, without its end.
func readLine(in io.Reader) (string, error) {
	line, err := bufio.NewReader(io.LimitReader(in, lineMax+1)).ReadString('\n')
	if err != nil && (!errors.Is(err, io.EOF) || line == "") {
		return "", err
	}
	if len(line) > lineMax {
		return "", errLongLine
	}
	return strings.TrimRight(line, "\r\n"), nil
}
