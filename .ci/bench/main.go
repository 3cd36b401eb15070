// Command bench measures Connect Backup beside the tools people would use
// instead: always in turns, so that a busy moment of the machine hits all, and
// told as medians and ratios. Nothing passes or fails here.
package main

import (
	"cmp"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"syscall"
	"time"
)

const rounds = 7

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func run(wanted []string) (err error) {
	dir, err := os.MkdirTemp("", "connect-backup-bench-*")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	here, err := os.Getwd()
	if err != nil {
		return err
	}
	b := &bench{dir: dir, bin: filepath.Join(here, "bin")}
	for _, part := range []struct {
		name string
		do   func() error
	}{{"help", b.help}, {"download", b.download}, {"limited", b.limited}, {"extract", b.extract}, {"many", b.extractMany}, {"server", b.server}, {"window", b.window}} {
		if len(wanted) > 0 && !slices.Contains(wanted, part.name) {
			continue
		}
		if err := part.do(); err != nil {
			return fmt.Errorf("%s: %w", part.name, err)
		}
	}
	return nil
}

type bench struct{ dir, bin string }

func (b *bench) program(name string) string { return filepath.Join(b.bin, name) }

// contestant is one way to do a job. clean runs before each round, unmeasured.
type contestant struct {
	name    string
	command func() *exec.Cmd
	clean   func() error
	took    []time.Duration
	peak    []int64 // bytes of memory
}

// inTurns runs all of them, round by round.
func inTurns(all ...*contestant) error {
	for range rounds {
		if err := once(all...); err != nil {
			return err
		}
	}
	return nil
}

// once runs all of them, one after the other.
func once(all ...*contestant) error {
	for _, c := range all {
		if c.clean != nil {
			if err := c.clean(); err != nil {
				return err
			}
		}
		cmd := c.command()
		begin := time.Now()
		out, err := cmd.CombinedOutput()
		c.took = append(c.took, time.Since(begin))
		if err != nil {
			return fmt.Errorf("%s: %w\n%s", c.name, err, out)
		}
		c.peak = append(c.peak, peakOf(cmd.ProcessState))
	}
	return nil
}

// peakOf is the most memory a program had. The kernel begins to count before
// the program takes the place of this one, so a small one shows what bench has.
func peakOf(s *os.ProcessState) int64 {
	usage, ok := s.SysUsage().(*syscall.Rusage)
	if !ok {
		return 0
	}
	return usage.Maxrss * 1024 // Linux counts in KiB
}

// tell prints the medians; speeds are for so many bytes, and relative to the
// first contestant ("1.20x" is a fifth faster than it).
func tell(title string, bytes int64, all ...*contestant) {
	fmt.Println(title)
	first := median(all[0].took)
	for _, c := range all {
		took := median(c.took)
		speed := ""
		if bytes > 0 {
			speed = fmt.Sprintf("%8.0f MB/s", float64(bytes)/1e6/took.Seconds())
		}
		peak := ""
		if most := median(c.peak); most > 0 { // 0: not of a process of its own
			peak = fmt.Sprintf("  peak %6.1f MiB", float64(most)/(1<<20))
		}
		fmt.Printf("  %-34s %9.1f ms %s  %5.2fx%s\n", c.name, took.Seconds()*1e3, speed,
			first.Seconds()/took.Seconds(), peak)
	}
}

func median[T cmp.Ordered](all []T) T {
	sorted := slices.Sorted(slices.Values(all))
	return sorted[len(sorted)/2]
}

// help measures how soon the program without a window can say anything.
func (b *bench) help() error {
	ours := &contestant{name: "connect-backup --help", command: func() *exec.Cmd {
		return exec.Command(b.program("connect-backup-headless"), "--help")
	}}
	least := &contestant{name: "true", command: func() *exec.Cmd { return exec.Command("true") }}
	if err := inTurns(least, ours); err != nil {
		return err
	}
	tell("Start of the program without a window", 0, least, ours)
	return nil
}
