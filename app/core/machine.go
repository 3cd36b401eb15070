package core

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"strings"

	"connectbackup/device"
	"connectbackup/device/download"
	"connectbackup/device/extract"
)

// ErrFileGone says that a downloaded file is no longer where it was.
var ErrFileGone = errors.New("the file is no longer there")

// FileChangedError says that a downloaded file is no longer what it was.
type FileChangedError struct{ Name string }

func (e *FileChangedError) Error() string {
	return fmt.Sprintf("%q is no longer the file that was downloaded", e.Name)
}

// FileKeptError says that a file could not be deleted.
type FileKeptError struct {
	Name string
	Err  error
}

func (e *FileKeptError) Error() string { return fmt.Sprintf("delete %q: %v", e.Name, e.Err) }

func (e *FileKeptError) Unwrap() error { return e.Err }

// OtherFileError says that a file is not the one of that backup.
type OtherFileError struct{ Name string }

func (e *OtherFileError) Error() string {
	return fmt.Sprintf("%q is not the file of this backup", e.Name)
}

func (e *OtherFileError) Unwrap() error { return download.ErrNotTheFile }

// DamagedFileError says that a local file is not whole.
type DamagedFileError struct {
	Name    string
	Entries []string // the damaged files in it; none when only the whole is wrong
	Err     error    // why it could not be read as an archive; may be nil
}

func (e *DamagedFileError) Error() string {
	return fmt.Sprintf("%q is damaged: %d files in it, %v", e.Name, len(e.Entries), e.Err)
}

func (e *DamagedFileError) Unwrap() error { return e.Err }

// Machine is what this device can do with a file.
type Machine struct{ core *Core }

// Machine is this device.
func (c *Core) Machine() *Machine { return &Machine{c} }

// CanOpen reports whether files can be handed to their default app.
func (m *Machine) CanOpen() bool { return device.CanOpen() }

// CanReveal reports whether a file can be shown in the file manager.
func (m *Machine) CanReveal() bool { return device.CanReveal() }

// CanShare reports whether a file can be handed to another app to send on.
func (m *Machine) CanShare() bool { return device.CanShare() }

// Open hands a file to the system's default app (requirement S21).
func (m *Machine) Open(l download.Location) error { return m.there(l, device.Open) }

// Reveal shows a file in the system's file manager.
func (m *Machine) Reveal(l download.Location) error { return m.there(l, device.Reveal) }

// Share hands a file to another app.
func (m *Machine) Share(l download.Location) error { return m.there(l, device.Share) }

// CanKeepScreenOn reports whether the screen can be kept on while something is
// downloaded.
func (m *Machine) CanKeepScreenOn() bool { return device.CanKeepScreenOn() }

// Metered reports whether the network costs by the byte.
func (m *Machine) Metered() bool { return device.Metered() }

// OpenURL shows a web page.
func (m *Machine) OpenURL(address string) error { return device.OpenURL(address) }

// there does f unless the file has gone: the system's own message for that
// helps nobody, or never comes.
func (m *Machine) there(l download.Location, f func(download.Location) error) error {
	if _, err := m.core.folder.StatAt(l); err != nil {
		return errors.Join(ErrFileGone, err)
	}
	return f(l)
}

// Extract writes an archive out into a folder of its name beside it. report is
// called from one goroutine at a time; total is -1 when the format does not say.
func (m *Machine) Extract(ctx context.Context, l download.Location, clash download.Clash,
	report func(done, total int64, entry string),
) (folder download.Location, files int, err error) {
	f, size, err := m.core.folder.Open(l)
	if errors.Is(err, fs.ErrNotExist) {
		return "", 0, fmt.Errorf("%w: %w", ErrFileGone, err)
	}
	if err != nil {
		return "", 0, err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	info, err := m.core.folder.StatAt(l)
	if err != nil {
		return "", 0, err
	}
	target, free := m.core.folder.Beside(l)
	result, err := extractTo(ctx, f, size, target, extract.Options{
		Name: folderOf(info.Name), Clash: clash, Free: free,
		Report: func(p extract.Progress) { report(p.Done, p.Total, p.Entry) },
	})
	return result.Location, result.Files, err
}

// Documents lists the files that an archive was extracted to and that Open
// would open, at most so many, sorted; a Name is the slash path within the
// folder.
func (m *Machine) Documents(folder download.Location, most int) ([]download.Info, error) {
	return m.core.folder.Documents(folder, most)
}

// ExtractFile writes the archive r of that size and name out into a folder of
// its name inside parent.
func ExtractFile(ctx context.Context, r io.ReaderAt, size int64, name, parent string, clash download.Clash,
	report func(extract.Progress),
) (extract.Result, error) {
	return extractTo(ctx, r, size, extract.Dir(parent), extract.Options{
		Name: folderOf(name), Clash: clash, Free: func() (int64, error) { return device.FreeSpace(parent) }, Report: report,
	})
}

func extractTo(ctx context.Context, r io.ReaderAt, size int64, target extract.Target, o extract.Options) (extract.Result, error) {
	result, err := extract.Archive(ctx, r, size, target, o)
	if err != nil {
		err = fmt.Errorf("%w: %w", errExtraction, err)
	}
	return result, err
}

// errExtraction marks errors of an extraction, which, unlike a download, keeps
// nothing that is unfinished.
var errExtraction = errors.New("extract the archive")

// archiveEndings are cut off an archive's name to get the folder's.
var archiveEndings = []string{".tar.gz", ".tar.bz2", ".tar.xz", ".tar.zst", ".zip", ".tar", ".tgz", ".7z", ".rar"}

// folderOf names the folder that an archive is extracted to.
func folderOf(name string) string {
	lower := strings.ToLower(name)
	for _, ending := range archiveEndings {
		if strings.HasSuffix(lower, ending) && len(name) > len(ending) {
			return name[:len(name)-len(ending)]
		}
	}
	// Without an ending the folder would have the file's own name.
	return name + " extracted"
}
