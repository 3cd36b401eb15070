//go:build built

package app_test

import (
	"archive/zip"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"fyne.io/fyne/v2/test"
	"fyne.io/fyne/v2/theme"

	"connectbackup/screens/widgets"
)

// TestWindow does the main job as a person does, in the real program on a real
// desktop: sign in, create, wait for green, download, choose the notification,
// see the extractor open, extract in the app (S5 to S45).
func TestWindow(t *testing.T) {
	test.NewTempApp(t).Settings().SetTheme(widgets.NewFixedTheme(theme.VariantLight)) // the words are drawn in the app's look to be found
	d := newDesk(t)
	d.start(program(t))

	d.see("Try it with a demo organisation")
	d.picture("sign-in")
	d.click("Try the demo")
	d.see("Got it")
	d.picture("home")
	d.click("Backup")
	d.see("On this device")
	d.still()
	d.picture("backups")

	const title = "Everything we have"
	d.press("1", middle(d.seeIcon(widgets.IconAdd, 26)))
	d.see("New backup")
	d.run("xdotool", "type", title) // the suggestion is selected, so typing replaces it
	d.see(title)
	d.still()
	d.picture("create")
	d.click("Create backup")
	d.seeBeside(title, "Pending")
	d.picture("pending")
	d.seeBeside(title, "Completed")
	d.still()
	d.picture("completed")

	d.click(title)
	d.see("Download Backup")
	d.still()
	d.picture("details")
	d.click("Download Backup")
	d.see("This file holds personal data")
	d.still()
	d.picture("question")
	d.click("Download")
	notification := d.window("dunst", "")
	d.see("Verified")
	d.see("Open with the default app")
	d.still()
	d.picture("downloaded")
	file := onlyFile(t, filepath.Join(d.home, "Downloads"))
	if err := readAll(file); err != nil {
		t.Errorf("the file in Downloads: %v", err)
	}

	d.press("2", middle(notification)) // dunst's button for the action
	d.window("xarchiver", filepath.Base(file))
	d.still()
	d.picture("extractor")
	d.run("xdotool", "search", "--onlyvisible", "--class", "xarchiver", "windowkill")

	d.click("Extract")
	d.see("Open folder")
	d.still()
	d.picture("extracted")
	folder := strings.TrimSuffix(file, ".zip")
	sums := exec.Command("sha256sum", "--check", "--quiet", "checksums.sha256")
	sums.Dir = folder
	if out, err := sums.CombinedOutput(); err != nil {
		t.Errorf("the extracted files: %v\n%s", err, out)
	}

	sheets, err := filepath.Glob(filepath.Join(folder, "*.csv"))
	if err != nil || len(sheets) == 0 {
		t.Fatalf("%v, %v", sheets, err)
	}
	d.click(filepath.Base(sheets[0]))
	d.until("the program for sheets has "+sheets[0], func() bool { return d.sheet() == sheets[0] })
}

// program is the app, built before, or now where nobody has.
func program(t *testing.T) string {
	t.Helper()
	if path := os.Getenv("CONNECT_BACKUP"); path != "" {
		return path
	}
	path := filepath.Join(t.TempDir(), "connect-backup")
	if out, err := exec.Command("go", "build", "-o", path, "connectbackup").CombinedOutput(); err != nil {
		t.Fatalf("build the app: %v\n%s", err, out)
	}
	return path
}

func onlyFile(t *testing.T, folder string) string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(folder, "*"))
	if err != nil || len(files) != 1 {
		t.Fatalf("in %s lie %v, %v; want one file", folder, files, err)
	}
	return files[0]
}

// readAll reads every entry of a zip, and with it checks its CRC.
func readAll(path string) (err error) {
	r, err := zip.OpenReader(path)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, r.Close()) }()
	for _, f := range r.File {
		entry, err := f.Open()
		if err != nil {
			return err
		}
		if _, err := io.Copy(io.Discard, entry); err != nil {
			return fmt.Errorf("%s: %w", f.Name, err)
		}
		if err := entry.Close(); err != nil {
			return err
		}
	}
	return nil
}
