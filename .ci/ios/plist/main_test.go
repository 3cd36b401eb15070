package main

import (
	"bytes"
	"encoding/xml"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

const small = `<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">
<plist version="1.0">
<dict>
  <key>Nested</key>
  <dict><key>Shown</key><false/></dict>
  <key>Shown</key>
  <false/>
  <key>Least</key><string>13.0</string>
</dict>
</plist>
`

func TestOnlyTheOutermostEntriesChange(t *testing.T) {
	got, err := edit([]byte(small), []entry{{"Shown", "<true/>"}, {"Least", "<string>15.0</string>"}, {"New", "<true/>"}})
	if err != nil {
		t.Fatal(err)
	}
	want := strings.NewReplacer("<key>Shown</key>\n  <false/>", "<key>Shown</key>\n  <true/>", "13.0", "15.0",
		"</string>\n</dict>", "</string>\n\t<key>New</key>\n\t<true/>\n</dict>").Replace(small)
	if string(got) != want {
		t.Errorf("it is now\n%s\nand not\n%s", got, want)
	}
	again, err := edit(got, []entry{{"Shown", "<true/>"}, {"New", "<true/>"}})
	if err != nil || !bytes.Equal(again, got) {
		t.Errorf("the second time: %v\n%s", err, again)
	}
}

func TestWhatIsNoPropertyListIsRefused(t *testing.T) {
	for name, text := range map[string]string{
		"binary":     "bplist00\x00",
		"empty":      "",
		"cut":        small[:len(small)-20],
		"an array":   `<plist><array/></plist>`,
		"two":        `<plist><dict/><dict/></plist>`,
		"no key":     `<plist><dict><true/></dict></plist>`,
		"two keys":   `<plist><dict><key>a</key><key>b</key><true/></dict></plist>`,
		"a key half": `<plist><dict><key>a</key><true/><key>a</key><true/></dict></plist>`,
	} {
		if got, err := edit([]byte(text), wanted); err == nil {
			t.Errorf("%s passes: %s", name, got)
		}
	}
}

// TestFynesTemplate edits what Fyne's packager writes. PACKAGER is the file that
// has it; .ci/check-ios sets it.
func TestFynesTemplate(t *testing.T) {
	source := os.Getenv("PACKAGER")
	if source == "" {
		t.Skip("PACKAGER names no file; .ci/check-ios does")
	}
	t.Chdir(filepath.Join("..", "..", ".."))
	file := filepath.Join(t.TempDir(), "Info.plist")
	if err := run([]string{"new", source, file}); err != nil {
		t.Fatal(err)
	}
	first, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if err := run([]string{"edit", file}); err != nil {
		t.Fatal(err)
	}
	second, err := os.ReadFile(file)
	if err != nil || !bytes.Equal(first, second) {
		t.Errorf("edited twice it differs (%v)", err)
	}
	found, _, err := look(second)
	if err != nil {
		t.Fatal(err)
	}
	for key, want := range map[string]string{
		"CFBundleIdentifier": "<string>app.connect.backup</string>", "CFBundleName": "<string>Connect Backup</string>",
		"CFBundleVersion": "<string>1</string>", "CFBundleExecutable": "<string>main</string>",
		"UIFileSharingEnabled": "<true/>", "LSSupportsOpeningDocumentsInPlace": "<true/>", "MinimumOSVersion": "<string>15.0</string>",
	} {
		at := found[key]
		if got := string(second[at.from:at.to]); got != want {
			t.Errorf("%s is %q, and not %q", key, got, want)
		}
	}
	if strings.Contains(string(second), "{{") || strings.Contains(string(second), "NSMicrophone") {
		t.Errorf("it is not filled rightly:\n%s", second)
	}
	if err := xml.Unmarshal(second, new(struct{})); err != nil {
		t.Error(err)
	}
}

func TestTheAppsLanguages(t *testing.T) {
	files, err := filepath.Glob(filepath.Join("..", "..", "..", "assets", "translations", "*.json"))
	if err != nil || len(files) < 4 {
		t.Fatalf("only %v, %v", files, err)
	}
	for _, file := range files {
		language := "<string>" + strings.TrimSuffix(filepath.Base(file), ".json") + "</string>"
		found := false
		for _, e := range wanted {
			found = found || e.key == "CFBundleLocalizations" && strings.Contains(e.value, language)
		}
		if !found {
			t.Errorf("iOS does not hear of %s", language)
		}
	}
}
