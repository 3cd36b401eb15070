package main

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"
)

// window measures the time to the first painted frame, beside a window of the
// same toolkit with nothing in it: on an X screen that nobody sees, from the
// start of the process until the middle of its window is no longer black.
func (b *bench) window() (err error) {
	screen := filepath.Join(b.dir, "screen")
	if err := os.Mkdir(screen, 0o700); err != nil {
		return err
	}
	read, write, err := os.Pipe()
	if err != nil {
		return err
	}
	x := exec.Command("Xvfb", "-displayfd", "3", "-screen", "0", "1280x900x24", "-fbdir", screen, "-nolisten", "tcp")
	x.ExtraFiles = []*os.File{write}
	if err := x.Start(); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, end(x)) }()
	display, err := bufio.NewReader(read).ReadString('\n')
	if err := errors.Join(err, read.Close(), write.Close()); err != nil {
		return fmt.Errorf("start of Xvfb: %w", err)
	}
	pixels, err := os.Open(filepath.Join(screen, "Xvfb_screen0"))
	if err != nil {
		return err
	}
	defer func() { _ = pixels.Close() }()
	empty := &contestant{name: "an empty Fyne window", command: func() *exec.Cmd { return exec.Command(b.program("emptywindow")) }}
	ours := &contestant{name: "connect-backup", command: func() *exec.Cmd { return exec.Command(b.program("connect-backup")) }}
	for range rounds {
		for _, c := range []*contestant{empty, ours} {
			cmd := c.command()
			cmd.Env = append(os.Environ(), "DISPLAY=:"+strings.TrimSpace(display), "LIBGL_ALWAYS_SOFTWARE=1", "FYNE_SCALE=1")
			took, err := firstFrame(cmd, pixels)
			if err != nil {
				return fmt.Errorf("%s: %w", c.name, err)
			}
			c.took = append(c.took, took)
			c.peak = append(c.peak, peakOf(cmd.ProcessState))
		}
	}
	tell("First painted frame, software rendering", 0, empty, ours)
	return nil
}

// firstFrame starts a program, waits for its first frame, and ends it.
func firstFrame(cmd *exec.Cmd, pixels *os.File) (took time.Duration, err error) {
	if painted, err := anyPainted(pixels); err != nil || painted {
		return 0, errors.Join(err, errors.New("the screen was not empty before"))
	}
	begin := time.Now()
	if err := cmd.Start(); err != nil {
		return 0, err
	}
	defer func() {
		err = errors.Join(err, end(cmd))
		for gone := false; !gone && err == nil; time.Sleep(time.Millisecond) {
			painted, readErr := anyPainted(pixels)
			gone, err = !painted, readErr
		}
	}()
	for time.Since(begin) < 30*time.Second {
		painted, err := anyPainted(pixels)
		if err != nil || painted {
			return time.Since(begin), err
		}
		time.Sleep(time.Millisecond)
	}
	return 0, errors.New("no frame within 30 s")
}

// end stops a program at once; being killed is the end it is meant to have.
func end(cmd *exec.Cmd) error {
	if err := cmd.Process.Signal(syscall.SIGKILL); err != nil && !errors.Is(err, os.ErrProcessDone) {
		return err
	}
	var exit *exec.ExitError
	if err := cmd.Wait(); err != nil && !errors.As(err, &exit) {
		return err
	}
	return nil
}

// anyPainted reads one line of pixels, high enough up to lie in any window,
// from the X window dump that Xvfb keeps: a header of big-endian numbers, a
// table of colours, the lines.
func anyPainted(f *os.File) (bool, error) {
	header := make([]byte, 100)
	if _, err := f.ReadAt(header, 0); err != nil {
		return false, err
	}
	number := func(i int) int64 { return int64(binary.BigEndian.Uint32(header[4*i:])) }
	const headerSize, bytesPerLine, colours, line = 0, 12, 19, 200
	pixels := make([]byte, 300*4)
	if _, err := f.ReadAt(pixels, number(headerSize)+12*number(colours)+line*number(bytesPerLine)); err != nil {
		return false, err
	}
	for len(pixels) > 0 {
		if !bytes.Equal(pixels[:3], []byte{0, 0, 0}) {
			return true, nil
		}
		pixels = pixels[4:]
	}
	return false, nil
}
