package device

import (
	"sync"

	"connectbackup/device/download"
	"connectbackup/device/extract"
	"connectbackup/device/iphone"
)

// OpenPlace opens the place at path, a folder, which need not exist.
func OpenPlace(path string) Place { return &phonePlace{Folder: OpenFolder(path)} }

// phonePlace is a folder on a phone that freezes the app as soon as it is out of
// sight: while a part is open the system is asked for time to go on.
type phonePlace struct{ *Folder }

var _ Place = (*phonePlace)(nil)

// askedToNotify keeps the question for notifications to one a run.
var askedToNotify sync.Once

// OpenPart asks for time until the part is closed, and before the first whether
// the app may notify of its end; nobody waits for the answer.
func (p *phonePlace) OpenPart(key string) (download.Part, error) {
	askedToNotify.Do(func() {
		go func() { _ = iphone.AskToNotify() }() // without, people are told inside the app
	})
	part, err := p.Folder.OpenPart(key)
	if err != nil {
		return nil, err
	}
	iphone.BeginWork()
	return &workPart{Part: part, end: sync.OnceFunc(iphone.EndWork)}, nil
}

// workPart is work for as long as it is open.
type workPart struct {
	download.Part

	end func()
}

func (w *workPart) Close() error {
	defer w.end()
	return w.Part.Close()
}

// Free is what the system finds room for; it deletes what it can fetch again.
func (p *phonePlace) Free() (int64, error) {
	// Nothing at all is also what it says where it does not know.
	if free, err := iphone.Free(p.Path()); err == nil && free > 0 {
		return free, nil
	}
	return p.Folder.Free()
}

// Beside is the folder that the archive at l lies in.
func (p *phonePlace) Beside(l download.Location) (extract.Target, func() (int64, error)) {
	target, _ := p.Folder.Beside(l)
	return target, p.Free
}

// KeepReading keeps the right to read a file that the person picked: what can be
// read here can be read again.
func KeepReading(download.Location) error { return nil }

// CanKeepScreenOn reports whether the app can keep the screen on.
func CanKeepScreenOn() bool { return true }

// KeepScreenOn keeps the screen on, or no longer.
func KeepScreenOn(on bool) error {
	iphone.KeepScreenOn(on)
	return nil
}

// Metered reports whether the network costs by the byte: iOS asks people itself,
// for each app, whether it may use mobile data.
func Metered() bool { return false }
