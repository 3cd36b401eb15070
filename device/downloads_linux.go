//go:build linux && !android

package device

import (
	"bufio"
	"io"
	"os"
	"path/filepath"
	"strings"
)

// DownloadsDir is the folder that this user downloads to: what XDG_DOWNLOAD_DIR
// in the environment or in user-dirs.dirs says, else ~/Downloads. It need not
// exist.
func DownloadsDir() (string, error) {
	home, err := homeDir()
	if err != nil {
		return "", err
	}
	if dir := os.Getenv("XDG_DOWNLOAD_DIR"); filepath.IsAbs(dir) {
		return filepath.Clean(dir), nil
	}
	config := os.Getenv("XDG_CONFIG_HOME")
	if !filepath.IsAbs(config) {
		config = filepath.Join(home, ".config")
	}
	// Without that file, or with one that cannot be read, the default holds.
	if f, err := os.Open(filepath.Join(config, "user-dirs.dirs")); err == nil {
		defer func() { _ = f.Close() }()
		if dir := userDir(f, "XDG_DOWNLOAD_DIR", home); dir != "" {
			return dir, nil
		}
	}
	return filepath.Join(home, "Downloads"), nil
}

// userDir finds a folder in user-dirs.dirs (xdg-user-dirs): lines NAME="$HOME/x"
// or NAME="/x" with the shell's backslashes; the last one counts. The home
// folder itself means that there is none of that kind.
func userDir(r io.Reader, name, home string) string {
	found := ""
	lines := bufio.NewScanner(r)
	for lines.Scan() {
		key, value, ok := strings.Cut(strings.TrimSpace(lines.Text()), "=")
		if !ok || strings.TrimSpace(key) != name {
			continue
		}
		value, ok = unquote(strings.TrimSpace(value))
		if !ok {
			continue
		}
		if rest, below := strings.CutPrefix(value, "$HOME"); below && (rest == "" || rest[0] == '/') {
			value = filepath.Join(home, rest)
		}
		if filepath.IsAbs(value) && !strings.ContainsRune(value, 0) {
			found = filepath.Clean(value)
		}
	}
	if found == filepath.Clean(home) {
		return ""
	}
	return found
}

// unquote takes a double-quoted word of the shell apart.
func unquote(s string) (string, bool) {
	s, ok := strings.CutPrefix(s, `"`)
	if !ok {
		return "", false
	}
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case c == '"':
			return b.String(), true
		case c == '\\' && i+1 < len(s):
			i++
			b.WriteByte(s[i])
		default:
			b.WriteByte(c)
		}
	}
	return "", false
}
