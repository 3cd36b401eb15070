// Checkjni resolves everything that the native layer of Android uses against
// the framework's real classes: for each API level given, all that is used
// there. A class, method, field, constant or signature that is not there, is
// not public, is static or not against the table, or has another value, fails.
//
//	checkjni JAVA.BASE.JMOD 24=ANDROID-ALL.JAR 29=… …
package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strconv"
	"strings"

	"connectbackup/device/phone"
)

func main() {
	if err := run(os.Stdout, os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "checkjni:", err)
		os.Exit(1)
	}
}

func run(out io.Writer, args []string) (err error) {
	libraries, err := open(args)
	defer func() {
		for _, l := range libraries {
			err = errors.Join(err, l.Close())
		}
	}()
	if err != nil {
		return err
	}
	members := phone.Members()
	if err := covers(libraries, members); err != nil {
		return err
	}
	faults := check(libraries, members)
	report(out, libraries, members, faults)
	if len(faults) > 0 {
		return fmt.Errorf("%d of %d are wrong", len(faults), len(members))
	}
	_, err = fmt.Fprintf(out, "%d classes, methods, fields and constants are right.\n", len(members))
	return err
}

// open opens the jars, in order of their levels.
func open(args []string) ([]*library, error) {
	if len(args) < 2 {
		return nil, errors.New("usage: checkjni JAVA.BASE.JMOD LEVEL=JAR…")
	}
	var libraries []*library
	for _, arg := range args[1:] {
		level, jar, ok := strings.Cut(arg, "=")
		n, err := strconv.Atoi(level)
		if !ok || err != nil {
			return libraries, fmt.Errorf("%q is no LEVEL=JAR", arg)
		}
		l, err := openLibrary(n, jar, args[0])
		if err != nil {
			return libraries, err
		}
		libraries = append(libraries, l)
	}
	slices.SortFunc(libraries, func(a, b *library) int { return a.level - b.level })
	return libraries, nil
}

// covers makes sure that each member is looked up at the level from which it is
// used: one that came later would be missed otherwise.
func covers(libraries []*library, members []phone.Member) error {
	for _, m := range members {
		if !slices.ContainsFunc(libraries, func(l *library) bool { return l.level == m.Since }) {
			return fmt.Errorf("%s is used from API level %d, and the classes of that are not given", m.String(), m.Since)
		}
	}
	return nil
}

// check is what is wrong, by the place in the table.
func check(libraries []*library, members []phone.Member) map[int][]error {
	faults := map[int][]error{}
	for i, m := range members {
		for _, l := range libraries {
			if l.level < m.Since {
				continue
			}
			if err := l.resolve(m); err != nil {
				faults[i] = append(faults[i], fmt.Errorf("API level %d: %w", l.level, err))
			}
		}
	}
	return faults
}

// report prints a line a member, and what is wrong with it.
func report(out io.Writer, libraries []*library, members []phone.Member, faults map[int][]error) {
	for i, m := range members {
		var levels []string
		for _, l := range libraries {
			if l.level >= m.Since {
				levels = append(levels, strconv.Itoa(l.level))
			}
		}
		word := "ok"
		if len(faults[i]) > 0 {
			word = "WRONG"
		}
		fmt.Fprintf(out, "%-5s %-24s %-13s %s.%s %s\n", word, strings.Join(levels, " "), m.Kind, m.Class, m.Name, m.Signature)
		for _, err := range faults[i] {
			fmt.Fprintf(out, "      %v\n", err)
		}
	}
}
