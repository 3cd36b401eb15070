//go:build built

package app_test

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"image/draw"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"
	"fyne.io/fyne/v2/theme"

	"connectbackup/api/calendar"
	"connectbackup/screens/lang"
	"connectbackup/screens/widgets"
)

// TestWindowByKeyboard does the main job in the real program without the mouse
// (S5 to S45, B16): Tab until the ring stands around what is wanted, then
// Enter. Where Enter opens something, the ring has to be there already.
func TestWindowByKeyboard(t *testing.T) {
	test.NewTempApp(t).Settings().SetTheme(widgets.NewFixedTheme(theme.VariantLight))
	for _, name := range []string{"LANGUAGE", "LC_ALL", "LC_TIME", "LANG"} {
		t.Setenv(name, "C.UTF-8") // as on the desk, whose days are written here, too
	}
	lang.Use("")
	d := newDesk(t)
	d.start(program(t))
	d.run("xdotool", "mousemove", "2", "2") // without a window manager the keyboard goes to where it is

	d.see("Try it with a demo organisation")
	d.enter("Try the demo")
	d.untilRinged("Backup")
	d.picture("keyboard-home")
	d.key("Return") // S5
	d.findsByKeyboard()

	const title = "By keyboard"
	made := d.createsByKeyboard(title)
	d.untilRinged(title)
	d.key("Return")                  // S42
	d.untilRinged("Download Backup") // S43
	file := d.downloadsByKeyboard()
	if want := made.From.String() + "_" + made.Till.String(); !strings.Contains(filepath.Base(file), want) {
		t.Errorf("the file is called %s, and not of %s", filepath.Base(file), want)
	}
	d.extractsByKeyboard(file)
	d.key("Escape") // S25
	d.untilRinged(title)
	d.key("Escape")
	d.untilRinged("Backup") // the tile that led here
	d.readsByKeyboard()
}

// findsByKeyboard looks for a backup and at it, and returns to the whole list.
func (d *desk) findsByKeyboard() {
	d.t.Helper()
	const newest, earlier = "Last week, everything", "Working hours (Müller & Söhne)"
	d.untilRinged(newest) // S6
	d.see(earlier)
	d.key("ctrl+f") // S7
	d.run("xdotool", "type", "working")
	d.untilRinged("working")
	d.enter("Search")
	d.untilGone(newest)
	d.enter(earlier)                 // S8
	d.see("Performed on")            // S9
	d.untilRinged("Download Backup") // S11
	d.picture("keyboard-details")
	d.key("Escape") // S25
	d.untilRinged(earlier)
	d.key("ctrl+f")
	d.key("BackSpace") // all of it is selected
	d.untilGone("working")
	d.key("Return")
	d.see(newest)
}

// createsByKeyboard fills in the form with other choices than the usual ones,
// and waits until the backup is there. It returns the days that were chosen.
func (d *desk) createsByKeyboard(title string) calendar.Range {
	d.t.Helper()
	zone, err := time.LoadLocation("Europe/Berlin") // of the demo's organisation
	if err != nil {
		d.t.Fatal(err)
	}
	days := calendar.Window(calendar.DayOf(time.Now(), zone), 24) // S28
	d.key("ctrl+n")                                               // S26
	d.see("13 of 13")                                             // S35
	d.run("xdotool", "type", title)                               // S27: the suggestion is selected
	d.untilRinged(title)

	d.enter(lang.Day(days.From)) // S30
	d.see(longDay(days.From))
	d.key("Down") // a week on, so that From and Till do not look alike
	d.see(longDay(days.From.AddDays(7)))
	days.From = days.From.AddDays(7).AddMonths(12)
	d.tabToShape("the year", shapesInPill(strconv.Itoa(days.From.Year)))
	d.key("Return") // S31, S32
	d.see(longDay(days.From))
	d.picture("keyboard-year")
	d.enter("OK") // S33
	d.untilRinged(lang.Day(days.From))
	d.enter(lang.Day(days.Till)) // S34
	d.key("Left")
	days.Till = days.Till.AddDays(-1)
	d.see(longDay(days.Till))
	d.untilOneRing("the day")
	d.picture("keyboard-day")
	d.key("Return")
	d.untilRinged(lang.Day(days.Till))
	d.tabTo("Visitors")
	d.key("space") // S36
	d.picture("keyboard-form")
	d.key("Home") // scrolls; the ring stays where it is
	d.see("12 of 13")
	d.enter("Create backup") // S37

	d.untilStarted(title)
	line, tag := shapesOf(title), shapesOf("Completed")
	d.until("the backup is green", func() bool { // S41
		screen := d.look()
		at, ready := stands(screen, line, tag)
		return ready && grounded(screen, at, "goodFill")
	})
	d.see(lang.Day(days.From) + " – " + lang.Day(days.Till) + " · 12 modules")
	d.picture("keyboard-completed")
	return days
}

// untilStarted waits until the green message is there (S39), and beside the
// title the yellow tag (S40).
func (d *desk) untilStarted(title string) {
	d.t.Helper()
	message := shapesOf("Backup started. It turns green here when it is ready.")
	line, tag := shapesOf(title), shapesOf("Pending")
	d.until("the backup was started and is pending", func() bool {
		screen := d.look()
		said := find(screen, message)
		at, waits := stands(screen, line, tag)
		return len(said) > 0 && grounded(screen, said[0], "goodToast") && waits && grounded(screen, at, "waitingFill")
	})
	d.picture("keyboard-pending")
}

// downloadsByKeyboard downloads the backup whose button has the focus (S44),
// lets the notification open it, and asks for it once more (S18).
func (d *desk) downloadsByKeyboard() (file string) {
	d.t.Helper()
	d.key("Return")
	d.see("This file holds personal data")
	d.enter("Download")
	d.untilRinged("Open with the default app") // what had the focus has gone
	d.see("Verified")
	d.picture("keyboard-downloaded")
	file = onlyFile(d.t, filepath.Join(d.home, "Downloads"))
	if err := readAll(file); err != nil {
		d.t.Errorf("the file in Downloads: %v", err)
	}
	d.window("dunst", "")
	d.run("dunstctl", "action", "0") // S21: what a desktop binds to a key
	d.window("xarchiver", filepath.Base(file))
	d.run("xdotool", "search", "--onlyvisible", "--class", "xarchiver", "windowkill")
	d.run("xdotool", "search", "--onlyvisible", "--name", "Connect Backup", "windowfocus") // as a window manager does
	d.run("dunstctl", "close-all")
	for _, words := range []string{"Backup downloaded", filepath.Base(file)} { // S20
		if told := d.run("dunstctl", "history"); !strings.Contains(told, words) {
			d.t.Errorf("the notification daemon was not given %q:\n%s", words, told)
		}
	}

	d.enter("Download again") // S18
	d.untilRinged("No")
	d.picture("keyboard-again")
	d.key("Return")
	d.untilRinged("Download again")
	if again := onlyFile(d.t, filepath.Join(d.home, "Downloads")); again != file {
		d.t.Errorf("after No there is %s", again)
	}
	return file
}

// extractsByKeyboard extracts the file (S45), whose CSVs are those of the
// modules that were ticked.
func (d *desk) extractsByKeyboard(file string) {
	d.t.Helper()
	d.enter("Extract")
	d.see("Open folder")
	d.untilRinged("Close")
	d.picture("keyboard-extracted")
	folder := strings.TrimSuffix(file, ".zip")
	sums := exec.Command("sha256sum", "--check", "--quiet", "checksums.sha256")
	sums.Dir = folder
	if out, err := sums.CombinedOutput(); err != nil {
		d.t.Errorf("the extracted files: %v\n%s", err, out)
	}
	sheets, err := filepath.Glob(filepath.Join(folder, "*.csv"))
	if err != nil || len(sheets) != 12 || slices.Contains(sheets, filepath.Join(folder, "visitors.csv")) {
		d.t.Errorf("extracted were %v, %v; want 12 without the visitors", sheets, err)
	}
	d.key("Escape")
	d.untilGone("Open folder")
	d.untilRinged("Extract")
}

// readsByKeyboard reads the help (S13) and a licence to their ends.
func (d *desk) readsByKeyboard() {
	d.t.Helper()
	help, settings := []shape{shapeOfIcon(widgets.IconHelp, 22)}, []shape{shapeOfIcon(widgets.IconSettings, 22)}
	d.tabToShape("the button for help", help)
	d.key("Return")
	d.see("Open and extract the file")
	d.key("End")
	d.see("When something goes wrong")
	d.picture("keyboard-help")
	d.key("Home")
	d.see("Open and extract the file")
	d.key("Escape")
	d.until("the button for help has the focus", func() bool { return ringsShape(d.look(), help) })
	d.tabToShape("the button for settings", settings)
	d.key("Return")
	d.see("Account")
	d.tabTo("Licences")
	d.key("Return")
	d.untilGone("Help") // the button beside it
	d.untilOneRing("the first licence")
	d.key("Return")
	d.untilRinged("Close")
	d.still()
	begin := d.look()
	d.key("End")
	d.until("the licence is scrolled", func() bool { return !bytes.Equal(d.look().Pix, begin.Pix) })
	d.picture("keyboard-licence")
	d.key("Home")
	d.until("the licence is back at its beginning", func() bool { return bytes.Equal(d.look().Pix, begin.Pix) })
}

// longDay is a day as the date window writes it.
func longDay(d calendar.Day) string {
	return lang.LongDay(time.Date(d.Year, d.Month, d.Date, 12, 0, 0, 0, time.UTC))
}

// grounded reports whether what stands there stands on that colour of the theme.
func grounded(screen *image.RGBA, at image.Rectangle, ground fyne.ThemeColorName) bool {
	want := color.RGBAModel.Convert(widgets.NewFixedTheme(theme.VariantLight).Color(ground, theme.VariantLight)).(color.RGBA)
	got := screen.RGBAAt(middle(at).X, at.Min.Y-3)
	near := func(a, b uint8) bool { return max(a, b)-min(a, b) < 6 }
	return near(got.R, want.R) && near(got.G, want.G) && near(got.B, want.B)
}

func (d *desk) key(name string) {
	d.t.Helper()
	d.run("xdotool", "key", name)
}

// enter goes to words by Tab and presses Enter.
func (d *desk) enter(words string) {
	d.t.Helper()
	d.see(words)
	d.tabTo(words)
	d.key("Return")
}

// tabTo presses Tab until the ring stands around words. Each Tab has to be seen.
func (d *desk) tabTo(words string) {
	d.t.Helper()
	d.tabToShape(strconv.Quote(words), shapesOf(words))
}

func (d *desk) tabToShape(what string, shapes []shape) {
	d.t.Helper()
	const most = 100
	for range most {
		screen := d.look()
		now := rings(screen)
		if around(now, findAt(screen, shapes, now)) {
			return
		}
		d.key("Tab")
		d.until("Tab moves the ring", func() bool {
			next := d.look()
			// On yellow the ring is not of the accent, and not among the rings.
			return !slices.Equal(rings(next), now) || !alike(screen, next, now) ||
				len(now) == 0 && !bytes.Equal(next.Pix, screen.Pix)
		})
		last := now
		d.until("the ring stands still", func() bool { // what is seen may be half painted
			was := last
			last = rings(d.look())
			return slices.Equal(was, last)
		})
	}
	d.keep("failed")
	d.t.Fatalf("Tab does not lead to %s", what)
}

// alike reports whether the same is to be seen in those places, but for the
// cursor of a field, which blinks: where Tab scrolls, the ring stays, and what it
// stands around moves.
func alike(a, b *image.RGBA, places []image.Rectangle) bool {
	const cursor = 2 * 30
	differ := 0
	for _, r := range places {
		for y := r.Min.Y; y < r.Max.Y; y++ {
			for x := r.Min.X; x < r.Max.X; x++ {
				if a.RGBAAt(x, y) != b.RGBAAt(x, y) {
					differ++
				}
			}
		}
	}
	return differ <= cursor
}

// untilRinged waits until the ring stands around words.
func (d *desk) untilRinged(words string) {
	d.t.Helper()
	shapes := shapesOf(words)
	d.until(fmt.Sprintf("%q has the focus", words), func() bool { return ringsShape(d.look(), shapes) })
}

// untilOneRing waits until something without words of its own has the focus.
func (d *desk) untilOneRing(what string) {
	d.t.Helper()
	d.until(what+" has the focus", func() bool { return len(rings(d.look())) == 1 })
}

// ringsShape reports whether the ring stands around one of the shapes.
func ringsShape(screen *image.RGBA, shapes []shape) bool {
	found := rings(screen)
	return around(found, findAt(screen, shapes, found))
}

// findAt is find, for what begins in one of the places alone: to look through
// the whole screen after each Tab takes most of the time of the test.
func findAt(screen *image.RGBA, shapes []shape, places []image.Rectangle) (at []image.Rectangle) {
	var most image.Point
	for _, s := range shapes {
		most = image.Pt(max(most.X, s.size.X), max(most.Y, s.size.Y))
	}
	for _, place := range places {
		part := image.Rectangle{Min: place.Min, Max: place.Max.Add(most)}.Intersect(screen.Rect)
		cut := image.NewRGBA(image.Rectangle{Max: part.Size()})
		draw.Draw(cut, cut.Rect, screen, part.Min, draw.Src)
		for _, found := range find(cut, shapes) {
			at = append(at, found.Add(part.Min))
		}
	}
	return at
}

// untilGone waits until words are nowhere on the screen.
func (d *desk) untilGone(words string) {
	d.t.Helper()
	shapes := shapesOf(words)
	d.until(fmt.Sprintf("%q is gone", words), func() bool { return len(find(d.look(), shapes)) == 0 })
}

// around reports whether one of the rings stands around one of the words.
func around(rings, words []image.Rectangle) bool {
	for _, r := range rings {
		for _, w := range words {
			if middle(w).In(r) && w.Min.In(r) {
				return true
			}
		}
	}
	return false
}

// rings finds the marks of the focus: what hangs together in the accent, is
// closed on all four sides, at least two pixels thick, and thin as a line.
func rings(screen *image.RGBA) (all []image.Rectangle) {
	const least = 24
	accent := accentOf(screen)
	seen := make([]bool, len(accent))
	for i := range accent {
		if !accent[i] || seen[i] {
			continue
		}
		box, count := together(accent, seen, i, screen.Rect.Dx())
		if box.Dx() >= least && box.Dy() >= least && count <= 2*(box.Dx()+box.Dy())*mostRing && closed(accent, box, screen.Rect.Dx()) {
			all = append(all, box)
		}
	}
	return all
}

// A ring is two pixels thick; what lies between two pixels is spread over three.
const leastRing, mostRing = 2, 4

// accentOf tells which pixels have the accent, alone or with a little of the
// ground in it, as at an edge.
func accentOf(screen *image.RGBA) []bool {
	look := widgets.NewFixedTheme(theme.VariantLight)
	want := color.RGBAModel.Convert(look.Color(theme.ColorNamePrimary, theme.VariantLight)).(color.RGBA)
	near := func(got, want uint8) bool { return max(got, want)-min(got, want) < 60 }
	is := make([]bool, len(screen.Pix)/4)
	for i := range is {
		p := screen.Pix[4*i : 4*i+3]
		is[i] = near(p[0], want.R) && near(p[1], want.G) && near(p[2], want.B)
	}
	return is
}

// together follows all that touches the pixel i, and gives its box and size.
func together(is, seen []bool, i, width int) (box image.Rectangle, count int) {
	seen[i] = true
	for next := []int{i}; len(next) > 0; count++ {
		i, next = next[len(next)-1], next[:len(next)-1]
		x, y := i%width, i/width
		box = box.Union(image.Rect(x, y, x+1, y+1))
		for dy := -1; dy <= 1; dy++ {
			for dx := -1; dx <= 1; dx++ {
				j := i + dy*width + dx
				if x+dx < 0 || x+dx >= width || j < 0 || j >= len(is) || seen[j] || !is[j] {
					continue
				}
				seen[j] = true
				next = append(next, j)
			}
		}
	}
	return box, count
}

// closed reports whether a line runs along all four sides of the box.
func closed(is []bool, box image.Rectangle, width int) bool {
	at := middle(box)
	thick := func(x, y, dx, dy int) (n int) {
		for ; n <= mostRing && is[y*width+x]; n++ {
			x, y = x+dx, y+dy
		}
		return n
	}
	for _, n := range []int{
		thick(at.X, box.Min.Y, 0, 1), thick(at.X, box.Max.Y-1, 0, -1),
		thick(box.Min.X, at.Y, 1, 0), thick(box.Max.X-1, at.Y, -1, 0),
	} {
		if n < leastRing || n > mostRing {
			return false
		}
	}
	return true
}
