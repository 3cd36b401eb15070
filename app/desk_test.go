//go:build built

package app_test

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// A desk is a whole desktop of its own in a temporary home: an X screen that
// nobody sees, a session bus, a notification daemon, and an extractor that zip
// files open with. What runs on it is the real program; a test looks at the
// screen, and moves the mouse.
type desk struct {
	t        *testing.T
	home     string
	env      []string
	screen   string // the file that the X server keeps its pixels in
	pictures string // where to put pictures; empty for none
	count    int
}

const (
	deskWidth, deskHeight = 1280, 900
	patience              = 40 * time.Second
	glance                = 50 * time.Millisecond
)

// newDesk starts the desktop; it ends with the test.
func newDesk(t *testing.T) *desk {
	t.Helper()
	d := &desk{t: t, home: t.TempDir(), pictures: os.Getenv("PICTURES")}
	for _, folder := range []string{"run", ".config", ".cache", ".local/share", "Downloads", "screen"} {
		if err := os.MkdirAll(filepath.Join(d.home, folder), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	d.env = []string{
		"PATH=" + os.Getenv("PATH"), "LANG=C.UTF-8", "TZ=UTC", "HOME=" + d.home, "XDG_RUNTIME_DIR=" + d.home + "/run",
		"LIBGL_ALWAYS_SOFTWARE=1", "FYNE_SCALE=1", "FYNE_THEME=light", "NO_AT_BRIDGE=1",
	}
	d.screen = filepath.Join(d.home, "screen", "Xvfb_screen0")
	display := d.serve("Xvfb", "-displayfd", "3", "-screen", "0", fmt.Sprintf("%dx%dx24", deskWidth, deskHeight),
		"-fbdir", filepath.Dir(d.screen), "-nolisten", "tcp", "-noreset")
	d.env = append(d.env, "DISPLAY=:"+display)
	bus := d.serve("dbus-daemon", "--session", "--nofork", "--print-address=3")
	d.env = append(d.env, "DBUS_SESSION_BUS_ADDRESS="+bus)
	d.run("xsetroot", "-solid", "#b8c7c7") // a desktop's colour, for the pictures
	// A notification stays until it is clicked, however busy this machine is.
	rules := filepath.Join(d.home, ".config", "dunstrc")
	if err := os.WriteFile(rules, []byte("[urgency_low]\ntimeout = 0\n[urgency_normal]\ntimeout = 0\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	d.start("dunst", "-config", rules)
	d.untilOwned("org.freedesktop.Notifications", "true")
	d.run("xdg-mime", "default", "xarchiver.desktop", "application/zip")
	d.openSheets()
	return d
}

// openSheets sets up a program for sheets that only notes what it was to open:
// an office suite takes longer to start than the rest of a test.
func (d *desk) openSheets() {
	d.t.Helper()
	const name = "sheets.desktop"
	program := filepath.Join(d.home, "sheets")
	for file, content := range map[string]string{
		program: "#!/bin/sh\nprintf %s \"$1\" >'" + d.home + "/sheet'\n",
		filepath.Join(d.home, ".local/share/applications", name): "[Desktop Entry]\nType=Application\nName=Sheets\n" +
			"Exec=" + program + " %f\nMimeType=text/csv;text/plain;\n",
	} {
		if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
			d.t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(content), 0o700); err != nil { //nolint:gosec // a program is to be run
			d.t.Fatal(err)
		}
	}
	// On a desktop without a file manager, what is in a file decides what it is.
	d.run("xdg-mime", "default", name, "text/csv", "text/plain")
}

// sheet is what the program for sheets was last told to open.
func (d *desk) sheet() string {
	b, err := os.ReadFile(filepath.Join(d.home, "sheet"))
	if err != nil {
		return ""
	}
	return string(b)
}

func (d *desk) command(name string, args ...string) *exec.Cmd {
	cmd := exec.Command(name, args...)
	cmd.Env, cmd.Dir = d.env, d.home
	// Its own group, so that what it started ends with it.
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
	return cmd
}

// run runs a command to its end and gives what it printed.
func (d *desk) run(name string, args ...string) string {
	d.t.Helper()
	out, err := d.command(name, args...).CombinedOutput()
	if err != nil {
		d.t.Fatalf("%s %s: %v\n%s", name, strings.Join(args, " "), err, out)
	}
	return strings.TrimSpace(string(out))
}

// start starts a program that runs until the test ends. What it printed is
// shown if the test fails.
func (d *desk) start(name string, args ...string) *exec.Cmd {
	d.t.Helper()
	cmd := d.command(name, args...)
	d.launch(cmd)
	return cmd
}

// serve starts a program that writes one line about itself to its descriptor 3.
func (d *desk) serve(name string, args ...string) (line string) {
	d.t.Helper()
	read, write, err := os.Pipe()
	if err != nil {
		d.t.Fatal(err)
	}
	cmd := d.command(name, args...)
	cmd.ExtraFiles = []*os.File{write}
	d.launch(cmd)
	line, err = bufio.NewReader(read).ReadString('\n')
	if err := errors.Join(err, write.Close(), read.Close()); err != nil {
		d.t.Fatalf("%s does not start: %v", name, err)
	}
	return strings.TrimSpace(line)
}

func (d *desk) launch(cmd *exec.Cmd) {
	d.t.Helper()
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	if err := cmd.Start(); err != nil {
		d.t.Fatal(err)
	}
	d.t.Cleanup(func() {
		// The group may have ended by itself, and Wait then only says how.
		_ = syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL)
		_ = cmd.Wait()
		if d.t.Failed() && out.Len() > 0 {
			d.t.Logf("%s printed:\n%s", cmd.Path, out.String())
		}
	})
}

// until looks again and again until what is looked for is there.
func (d *desk) until(what string, there func() bool) {
	d.t.Helper()
	look := time.NewTicker(glance)
	defer look.Stop()
	for end := time.Now().Add(patience); ; <-look.C {
		if there() {
			return
		}
		if time.Now().After(end) {
			d.keep("failed")
			d.t.Fatalf("waited %s in vain until %s", patience, what)
		}
	}
}

// see waits until a text stands on the screen and gives its place; the lowest
// where it stands several times.
func (d *desk) see(words string) image.Rectangle {
	d.t.Helper()
	return d.seeShape(fmt.Sprintf("%q is on the screen", words), shapesOf(words))
}

// seeIcon waits for an icon of ours in that size.
func (d *desk) seeIcon(name string, size float32) image.Rectangle {
	d.t.Helper()
	return d.seeShape("the icon "+name+" is on the screen", []shape{shapeOfIcon(name, size)})
}

func (d *desk) seeShape(what string, shapes []shape) (at image.Rectangle) {
	d.t.Helper()
	d.until(what, func() bool {
		places := find(d.look(), shapes)
		if len(places) > 0 {
			at = places[len(places)-1]
		}
		return len(places) > 0
	})
	return at
}

// seeBeside waits until other words stand on the same line as words.
func (d *desk) seeBeside(words, other string) {
	d.t.Helper()
	line, beside := shapesOf(words), shapesOf(other)
	d.until(fmt.Sprintf("%q stands beside %q", other, words), func() bool {
		_, ok := stands(d.look(), line, beside)
		return ok
	})
}

// stands tells where something else stands on the same line as something.
func stands(screen *image.RGBA, line, beside []shape) (at image.Rectangle, ok bool) {
	others := find(screen, beside)
	for _, a := range find(screen, line) {
		for _, b := range others {
			if middle(b).In(image.Rect(a.Max.X, a.Min.Y-4, deskWidth, a.Max.Y+4)) {
				return b, true
			}
		}
	}
	return image.Rectangle{}, false
}

// still waits until nothing on the screen moves any more.
func (d *desk) still() {
	d.t.Helper()
	var last []byte
	same := 0
	d.until("the screen is still", func() bool {
		now := d.look().Pix
		if same++; !bytes.Equal(now, last) {
			same = 0
		}
		last = now
		return same == 6
	})
}

// window waits for the window of a program, with words in its title, and gives its place.
func (d *desk) window(class, title string) (r image.Rectangle) {
	d.t.Helper()
	d.until(fmt.Sprintf("%s shows a window %q", class, title), func() bool {
		search := []string{"search", "--onlyvisible", "--class", class}
		name, err := d.command("xdotool", append(search, "getwindowname")...).Output()
		if err != nil || !strings.Contains(string(name), title) {
			return false
		}
		place, err := d.command("xdotool", append(search, "getwindowgeometry", "--shell")...).Output()
		if err != nil {
			return false
		}
		r = geometry(string(place))
		return !r.Empty()
	})
	return r
}

// geometry reads the lines that xdotool prints: X=1, Y=2, WIDTH=3, HEIGHT=4.
func geometry(lines string) image.Rectangle {
	is := map[string]int{}
	for line := range strings.Lines(lines) {
		name, value, _ := strings.Cut(strings.TrimSpace(line), "=")
		if n, err := strconv.Atoi(value); err == nil {
			is[name] = n
		}
	}
	return image.Rect(is["X"], is["Y"], is["X"]+is["WIDTH"], is["Y"]+is["HEIGHT"])
}

// click presses the main button of the mouse on a text.
func (d *desk) click(words string) {
	d.t.Helper()
	d.press("1", middle(d.see(words)))
}

func (d *desk) press(button string, at image.Point) {
	d.t.Helper()
	d.run("xdotool", "mousemove", fmt.Sprint(at.X), fmt.Sprint(at.Y))
	d.run("xdotool", "click", button)
	// Out of the way of what is to be read, but still over the app: without a
	// window manager the keyboard goes to where the mouse is.
	d.run("xdotool", "mousemove", "2", "2")
}

func middle(r image.Rectangle) image.Point { return r.Min.Add(r.Max).Div(2) }

// picture keeps what is on the screen now, numbered, for people to look at.
func (d *desk) picture(name string) {
	d.t.Helper()
	d.count++
	d.keep(fmt.Sprintf("%02d-%s", d.count, name))
}

func (d *desk) keep(name string) {
	d.t.Helper()
	if d.pictures == "" {
		return
	}
	var b bytes.Buffer
	err := errors.Join(png.Encode(&b, d.look()), os.MkdirAll(d.pictures, 0o755))
	err = errors.Join(err, os.WriteFile(filepath.Join(d.pictures, name+".png"), b.Bytes(), 0o644))
	if err != nil {
		d.t.Fatal(err)
	}
}

// look reads the screen. The X server keeps it as an X window dump: a header
// of big-endian numbers, a table of colours, then the pixels.
func (d *desk) look() *image.RGBA {
	d.t.Helper()
	dump, err := os.ReadFile(d.screen)
	if err != nil {
		d.t.Fatal(err)
	}
	number := func(i int) int { return int(binary.BigEndian.Uint32(dump[4*i:])) }
	const headerSize, width, height, bitsPerPixel, bytesPerLine, colours = 0, 4, 5, 11, 12, 19
	if number(bitsPerPixel) != 32 {
		d.t.Fatalf("the screen has %d bits a pixel, not 32", number(bitsPerPixel))
	}
	pixels := dump[number(headerSize)+12*number(colours):]
	img := image.NewRGBA(image.Rect(0, 0, number(width), number(height)))
	for y := range number(height) {
		for x := range number(width) {
			p := pixels[y*number(bytesPerLine)+4*x:]
			img.SetRGBA(x, y, color.RGBA{p[2], p[1], p[0], 255})
		}
	}
	return img
}
