package device

import (
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"unicode"
	"unicode/utf8"

	"connectbackup/device/internal/disk"
)

const (
	identityFile = "device.json"
	identityMax  = 1 << 16 // bytes; more is not ours
	deviceNames  = 80      // characters of a device's name, as in the contract
)

type identity struct {
	ID   string `json:"id"`
	Name string `json:"name"`
}

// Identity is who this device is: a random ID that stays, and a name for
// people, at first the host's (requirement I2). It is kept in dir and made
// there the first time. A file that cannot be understood is replaced: then the
// device is a new one.
func Identity(dir string) (id, name string, err error) {
	p := filepath.Join(dir, identityFile)
	who, err := readIdentity(p)
	if err == nil {
		return who.ID, who.Name, nil
	}
	damaged := errors.Is(err, errDamagedIdentity)
	if !damaged && !errors.Is(err, fs.ErrNotExist) {
		return "", "", folderError("read", p, err)
	}
	who = identity{ID: newDeviceID(), Name: hostName()}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return "", "", folderError("create", dir, err)
	}
	if damaged {
		err = saveIdentity(p, who)
	} else {
		err = firstIdentity(p, who)
	}
	if errors.Is(err, fs.ErrExist) { // another process was faster
		who, err = readIdentity(p)
	}
	if err != nil {
		return "", "", err
	}
	return who.ID, who.Name, nil
}

// SetName gives this device another name for people.
func SetName(dir, name string) error {
	if name = cleanName(name); name == "" {
		return fmt.Errorf("a device needs a name: %w", fs.ErrInvalid)
	}
	id, _, err := Identity(dir)
	if err != nil {
		return err
	}
	return saveIdentity(filepath.Join(dir, identityFile), identity{ID: id, Name: name})
}

var errDamagedIdentity = errors.New("the file that names this device is damaged")

func readIdentity(p string) (identity, error) {
	f, err := os.Open(p)
	if err != nil {
		return identity{}, err
	}
	defer func() { _ = f.Close() }()
	b, err := io.ReadAll(io.LimitReader(f, identityMax))
	if err != nil {
		return identity{}, err
	}
	var who identity
	if err := json.Unmarshal(b, &who); err != nil {
		return identity{}, fmt.Errorf("%w: %w", errDamagedIdentity, err)
	}
	who.Name = cleanName(who.Name)
	if !validDeviceID(who.ID) || who.Name == "" {
		return identity{}, errDamagedIdentity
	}
	return who, nil
}

func saveIdentity(p string, who identity) error {
	b, err := json.Marshal(who)
	if err != nil {
		return err
	}
	return folderError("write", p, disk.ReplaceFile(p, b, 0o600))
}

// firstIdentity writes the file unless there is one by now: of two processes
// that start together both get the same device.
func firstIdentity(p string, who identity) error {
	b, err := json.Marshal(who)
	if err != nil {
		return err
	}
	temp := p + "." + who.ID + disk.NewSuffix
	if err := disk.WriteSynced(temp, b, 0o600); err != nil {
		return errors.Join(folderError("write", temp, err), disk.IgnoreMissing(os.Remove(temp)))
	}
	if err := disk.RenameNew(temp, p); err != nil {
		return errors.Join(err, disk.IgnoreMissing(os.Remove(temp)))
	}
	return nil
}

// newDeviceID is a random UUID (RFC 9562, version 4).
func newDeviceID() string {
	var b [16]byte
	_, _ = rand.Read(b[:]) // never fails since Go 1.24
	b[6] = b[6]&0x0f | 0x40
	b[8] = b[8]&0x3f | 0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:])
}

func validDeviceID(id string) bool {
	if len(id) != 36 {
		return false
	}
	for i, c := range id {
		if i == 8 || i == 13 || i == 18 || i == 23 {
			if c != '-' {
				return false
			}
		} else if !strings.ContainsRune("0123456789abcdef", c) {
			return false
		}
	}
	return true
}

// unnamed is what a device is called whose host has no name.
var unnamed = map[string]string{
	"linux": "This computer", "windows": "This PC", "darwin": "This Mac", "android": "This phone", "ios": "This phone",
}

// hostName is a first name for this device: the host's, without its domain.
func hostName() string {
	host, err := os.Hostname()
	if err != nil {
		host = ""
	}
	host, _, _ = strings.Cut(host, ".")
	if host = cleanName(host); host == "" || host == "localhost" {
		return unnamed[Platform()]
	}
	return host
}

// cleanName keeps what can be shown on one line.
func cleanName(s string) string {
	s = strings.Map(func(r rune) rune {
		if r == utf8.RuneError || unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r) {
			return -1
		}
		return r
	}, s)
	s = strings.TrimSpace(s)
	if runes := []rune(s); len(runes) > deviceNames {
		s = strings.TrimSpace(string(runes[:deviceNames]))
	}
	return s
}
