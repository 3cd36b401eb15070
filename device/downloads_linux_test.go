//go:build linux && !android

package device

import (
	"os"
	"path/filepath"
	"testing"
)

func TestDownloadsDir(t *testing.T) {
	home := t.TempDir()
	config := filepath.Join(home, "config")
	must(t, os.Mkdir(config, 0o755))
	for _, c := range []struct{ what, env, file, want string }{
		{"nothing set", "", "", "~/Downloads"},
		{"environment", "/data/dl/", `XDG_DOWNLOAD_DIR="$HOME/x"`, "/data/dl"},
		{"relative environment", "dl", "", "~/Downloads"},
		{"below home", "", `XDG_DOWNLOAD_DIR="$HOME/Téléchargements"`, "~/Téléchargements"},
		{"absolute", "", "# comment\nXDG_DESKTOP_DIR=\"$HOME/Desk\"\n XDG_DOWNLOAD_DIR = \"/mnt/big disk\" # more\n", "/mnt/big disk"},
		{"last one counts", "", "XDG_DOWNLOAD_DIR=\"$HOME/a\"\nXDG_DOWNLOAD_DIR=\"$HOME/b\"\n", "~/b"},
		{"escaped", "", `XDG_DOWNLOAD_DIR="$HOME/a \"b\" \$c"`, `~/a "b" $c`},
		{"home means none", "", `XDG_DOWNLOAD_DIR="$HOME/"`, "~/Downloads"},
		{"relative", "", `XDG_DOWNLOAD_DIR="Downloads2"`, "~/Downloads"},
		{"other variable", "", `XDG_DOWNLOAD_DIR="$HOMER/x"`, "~/Downloads"},
		{"unquoted", "", `XDG_DOWNLOAD_DIR=$HOME/x`, "~/Downloads"},
		{"unfinished", "", `XDG_DOWNLOAD_DIR="$HOME/x`, "~/Downloads"},
		{"commented out", "", `#XDG_DOWNLOAD_DIR="$HOME/x"`, "~/Downloads"},
		{"no command runs", "", `XDG_DOWNLOAD_DIR="$HOME/$(touch x)"`, "~/$(touch x)"},
	} {
		t.Run(c.what, func(t *testing.T) {
			t.Setenv("HOME", home)
			t.Setenv("XDG_CONFIG_HOME", config)
			t.Setenv("XDG_DOWNLOAD_DIR", c.env)
			must(t, os.WriteFile(filepath.Join(config, "user-dirs.dirs"), []byte(c.file), 0o644))
			want := c.want
			if want[0] == '~' {
				want = home + want[1:]
			}
			if got, err := DownloadsDir(); err != nil || got != want {
				t.Errorf("got %q, %v, want %q", got, err, want)
			}
		})
	}
}

func TestDownloadsDirWithoutXDG(t *testing.T) {
	home := t.TempDir()
	t.Setenv("HOME", home)
	t.Setenv("XDG_CONFIG_HOME", "")
	must(t, os.Mkdir(filepath.Join(home, ".config"), 0o755))
	must(t, os.WriteFile(filepath.Join(home, ".config", "user-dirs.dirs"), []byte(`XDG_DOWNLOAD_DIR="$HOME/dl"`), 0o644))
	if got, err := DownloadsDir(); err != nil || got != filepath.Join(home, "dl") {
		t.Errorf("got %q, %v", got, err)
	}
	t.Setenv("HOME", "")
	if got, err := DownloadsDir(); err == nil && !filepath.IsAbs(got) {
		t.Errorf("without a home: %q", got)
	}
}
