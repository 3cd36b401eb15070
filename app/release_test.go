package app_test

import (
	"bytes"
	"image/png"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"connectbackup/app"
	"connectbackup/app/core"
)

// TestPackageIsThisApp compares what the packager reads with what the program
// says of itself: systems file its settings and notifications under the ID.
func TestPackageIsThisApp(t *testing.T) {
	root := projectRoot(t)
	text, err := os.ReadFile(filepath.Join(root, "FyneApp.toml"))
	if err != nil {
		t.Fatal(err)
	}
	said := map[string]string{}
	for _, line := range regexp.MustCompile(`(?m)^(\w+) = "(.*)"$`).FindAllSubmatch(text, -1) {
		said[string(line[1])] = string(line[2])
	}
	for name, want := range map[string]string{"ID": app.ID, "Name": app.Name, "Version": core.Version} {
		if said[name] != want {
			t.Errorf("FyneApp.toml says %s %q, the program says %q", name, said[name], want)
		}
	}
	// The switch of Fyne's that silences its checks of threads, also for developers.
	if bytes.Contains(text, []byte("fyneDo")) {
		t.Error("FyneApp.toml switches Fyne's thread checks off")
	}
	icon, err := os.ReadFile(filepath.Join(root, said["Icon"]))
	if err != nil {
		t.Fatal(err)
	}
	size, err := png.DecodeConfig(bytes.NewReader(icon))
	if err != nil {
		t.Fatal(err)
	}
	if size.Width != size.Height || size.Width < 512 {
		t.Errorf("the icon has %d x %d pixels; stores want a square of 512 or more", size.Width, size.Height)
	}
}

// TestIconOfIOSIsFull holds what Apple asks of an icon: 1024 pixels, square, and
// nothing of it transparent, since the system cuts its corners.
func TestIconOfIOSIsFull(t *testing.T) {
	icon, err := png.Decode(strings.NewReader(readProject(t, ".ci/ios/icon.png")))
	if err != nil {
		t.Fatal(err)
	}
	if size := icon.Bounds().Size(); size.X != 1024 || size.Y != 1024 {
		t.Errorf("it has %d x %d pixels", size.X, size.Y)
	}
	if full, ok := icon.(interface{ Opaque() bool }); !ok || !full.Opaque() {
		t.Error("some of it is transparent")
	}
}
