package device

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"connectbackup/device/download"
	"connectbackup/device/extract"
	"connectbackup/device/phone"
	"connectbackup/device/shelf"
)

// android is the system, as far as the app has handed it in.
var android = phone.New(func(do func(vm, ctx uintptr) error) error {
	lend := getNative().Java
	if lend == nil {
		return phone.ErrNotReady
	}
	return lend(do)
})

// levelShelf is the API level from which Downloads is a shelf; below it is a
// folder, for whoever may write there.
const levelShelf = 29

// DownloadsDir is where people find the public Downloads. From API level 29 it
// cannot be written to by this path.
func DownloadsDir() (string, error) { return android.PublicFolder() }

// OpenPlace opens the public Downloads at path; or any folder for a command,
// which has no window and so no Java.
func OpenPlace(path string) Place {
	if getNative().Java == nil {
		return OpenFolder(path)
	}
	storage := getNative().Storage
	folder := OpenFolder(path)
	level, err := android.Level()
	if err == nil && level < levelShelf {
		return &oldPlace{Folder: folder}
	}
	return &shelfPlace{
		Folder: shelf.Open(shelf.Options{
			Parts: OpenFolder(filepath.Join(storage, "parts")), Rows: rows{android}, Root: shelfRoot(), Path: path,
			Notes: filepath.Join(storage, "pending"), First: askToNotify,
		}),
	}
}

// shelfRoot is what MediaStore calls the folder. The name has been the same
// since there is one.
func shelfRoot() string {
	if root, err := android.DownloadsFolder(); err == nil {
		return root
	}
	return "Download/"
}

// rows is MediaStore.
type rows struct{ *phone.Phone }

// shelfPlace is the public Downloads from API level 29.
type shelfPlace struct{ *shelf.Folder }

var _ Place = (*shelfPlace)(nil)

// Beside is a folder in Downloads.
func (s *shelfPlace) Beside(l download.Location) (extract.Target, func() (int64, error)) {
	return s.Target(l), s.Parts.Free
}

// Documents lists what was extracted to a folder of Downloads.
func (s *shelfPlace) Documents(folder download.Location, most int) ([]download.Info, error) {
	files, err := s.Files(folder)
	found := slices.DeleteFunc(files, func(f download.Info) bool { return !isDocument(f.Name) })
	return found[:min(len(found), most)], err
}

// oldPlace is the public Downloads below API level 29, a folder for whoever may
// write there. The person is asked at the first download.
type oldPlace struct{ *Folder }

// Patience for the person's answer to the question whether the app may write.
const (
	askPatience = time.Minute
	askAgain    = 250 * time.Millisecond
)

// OpenPart asks for the permission, and waits for the answer.
func (o *oldPlace) OpenPart(key string) (download.Part, error) {
	askToWrite()
	return o.Folder.OpenPart(key)
}

// askToWrite returns when the app may write, or when that is refused or not
// answered: then writing says so.
func askToWrite() {
	if may, err := android.MayWriteFiles(); err != nil || may || android.AskToWriteFiles() != nil {
		return
	}
	tick := time.NewTicker(askAgain)
	defer tick.Stop()
	end := time.NewTimer(askPatience)
	defer end.Stop()
	for {
		select {
		case <-tick.C:
			if may, err := android.MayWriteFiles(); err != nil || may {
				return
			}
		case <-end.C:
			return
		}
	}
}

// askToNotify asks whether the app may show notifications, before the first
// download; nobody waits for the answer, and the system asks at most twice.
func askToNotify() {
	asked.Do(func() {
		if may, err := android.MayNotify(); err == nil && !may {
			_ = android.AskToNotify() // without, people are told inside the app
		}
	})
}

// asked keeps the question from coming again with each download of a run.
var asked sync.Once

// KeepReading keeps the right to read a file that the person picked, beyond
// this run of the app.
func KeepReading(l download.Location) error {
	if !shelf.IsURI(l) {
		return nil
	}
	return android.Keep(string(l))
}

// CanKeepScreenOn reports whether the app can keep the screen on.
func CanKeepScreenOn() bool { return getNative().Java != nil }

// screenMost is how long the screen stays on without a further word.
const screenMost = 30 * time.Minute

// KeepScreenOn keeps the screen on for half an hour at most, or no longer.
func KeepScreenOn(on bool) error {
	if on {
		return android.KeepScreenOn(screenMost)
	}
	return android.KeepScreenOn(0)
}

// Metered reports whether the network costs by the byte.
func Metered() bool {
	metered, err := android.Metered()
	return err == nil && metered
}

// handOver is a file as other apps can be handed it, a content URI, and what
// it is called.
func handOver(l download.Location) (h phone.Handed, name string, err error) {
	name = filepath.Base(string(l))
	if shelf.IsURI(l) {
		if name, err = android.Name(string(l)); err != nil {
			return h, name, err
		}
	}
	if !isDocument(name) {
		return h, name, ErrUnsafe
	}
	h = phone.Handed{URI: string(l), Mime: phone.MimeOf(name)}
	if !shelf.IsURI(l) {
		h.URI, err = android.Share(string(l), name, h.Mime)
	}
	return h, name, err
}

// documentOf is the address under which Android's own Files shows a folder of
// Downloads; false when it lies elsewhere.
func documentOf(p string) (string, bool) {
	public, err := android.PublicFolder()
	if err != nil {
		return "", false
	}
	rest, ok := strings.CutPrefix(p, public)
	if !ok || rest != "" && rest[0] != '/' {
		return "", false
	}
	return shelf.DocumentURI(strings.TrimSuffix(shelfRoot(), "/") + rest), true
}

// openFault says what could not be opened, and what is missing for it.
func openFault(what, kind string, err error) error {
	if err == nil {
		return nil
	}
	fault := &OpenError{What: what, Err: err}
	if errors.Is(err, phone.ErrNoApp) {
		fault.Missing = kind
	}
	return fault
}

// isFolder reports whether a path leads to a folder, as far as it may be looked
// at.
func isFolder(p string) bool {
	info, err := os.Stat(p)
	return err != nil || info.IsDir()
}
