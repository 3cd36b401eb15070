package shelf

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strings"

	"connectbackup/device/download"
	"connectbackup/device/internal/disk"
	"connectbackup/device/phone"
)

// Publish copies the closed part of key into Downloads, shows it under its
// name and removes part and journal. It never writes over a file unless clash
// is Replace, and then only over one of this app; with KeepBoth it finds a free
// name; otherwise an existing file is a *download.ExistsError and the part
// stays, as it does after every other error.
func (f *Folder) Publish(key, name string, clash download.Clash) (download.Info, error) {
	part, err := f.Parts.OpenPart(key)
	if err != nil {
		return download.Info{}, err
	}
	var info download.Info
	if err = f.sameAsClosed(key, part); err == nil {
		info, err = f.put(key, name, clash, func(to *os.File) error { return copyPart(to, part) })
	}
	if err = errors.Join(err, part.Close()); err != nil {
		return download.Info{}, err
	}
	if err := f.Parts.Discard(key); err != nil {
		return download.Info{}, err
	}
	return info, f.notes.forget(key)
}

// errForeignPart says that the part is not the file that this process filled.
var errForeignPart = errors.New("the part was replaced by somebody else")

func (f *Folder) sameAsClosed(key string, part download.Part) error {
	f.mu.Lock()
	was, ok := f.closed[key]
	delete(f.closed, key)
	f.mu.Unlock()
	size, err := part.Size()
	if err == nil && ok && size != was {
		err = f.fault("rename", errForeignPart)
	}
	return err
}

// Save writes a small file into Downloads, in place of one that this app wrote
// there before.
func (f *Folder) Save(name string, content []byte) (download.Location, error) {
	key := "save " + name
	info, err := f.put(key, name, download.Replace, func(to *os.File) error {
		_, err := to.Write(content)
		return err
	})
	if err != nil {
		return "", err
	}
	return info.Location, f.notes.forget(key)
}

// put makes a file and shows it. Its note stays until what it was copied from
// is removed: a kill in between leaves it to be made again.
func (f *Folder) put(key, name string, clash download.Clash, write func(*os.File) error) (info download.Info, err error) {
	// An earlier try that was killed: whether it came to show the file is not
	// known, and all its bytes are still here.
	if err := f.drop(key); err != nil {
		return info, err
	}
	name, old, err := f.settle(name, clash)
	if err != nil {
		return info, err
	}
	uri, err := f.rows.Insert(f.root, name, phone.MimeOf(name))
	if err != nil {
		return info, f.fault("create", err)
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, f.drop(key))
		}
	}()
	if err := f.notes.add(key, note{uri, name}); err != nil {
		return info, errors.Join(err, f.gone(f.rows.Delete(uri)))
	}
	if err := f.write(uri, write); err != nil {
		return info, err
	}
	for _, r := range old {
		if err := f.gone(f.rows.Delete(r.URI)); err != nil {
			return info, f.fault("delete", err)
		}
	}
	if err := f.rows.Publish(uri, name); err != nil {
		return info, f.fault("rename", err)
	}
	return f.StatAt(download.Location(uri))
}

// settle is the name that a file may have, and what is to be replaced.
func (f *Folder) settle(name string, clash download.Clash) (string, []phone.Row, error) {
	for n := 1; n < 10_000; n++ {
		candidate := download.Numbered(name, n)
		rows, err := f.rows.Named(f.root, candidate)
		switch {
		case err != nil:
			return "", nil, f.fault("read", err)
		case len(rows) == 0 || clash == download.Replace:
			return candidate, rows, nil
		case clash != download.KeepBoth:
			return "", nil, &download.ExistsError{Name: name, Location: download.Location(rows[0].URI)}
		}
	}
	return "", nil, f.fault("create", fs.ErrExist)
}

// write fills a pending file and brings it to the disk.
func (f *Folder) write(uri string, write func(*os.File) error) error {
	file, err := f.rows.Open(uri, true)
	if err != nil {
		return f.fault("write", err)
	}
	err = write(file)
	if err == nil {
		err = file.Sync()
	}
	if err = errors.Join(err, file.Close()); err != nil {
		return f.fault("write", err)
	}
	return nil
}

// copyPart copies all of a part, and makes sure that all has come.
func copyPart(to *os.File, part download.Part) error {
	size, err := part.Size()
	if err != nil {
		return err
	}
	from := io.NewSectionReader(part, 0, size)
	// The reader's and the file's own ways of copying take small steps.
	n, err := io.CopyBuffer(struct{ io.Writer }{to}, struct{ io.Reader }{from}, make([]byte, copyBuffer))
	if err != nil {
		return err
	}
	info, err := to.Stat()
	if err == nil && (n != size || info.Size() != size) {
		err = fmt.Errorf("copied %d bytes of %d into a file of %d: %w", n, size, info.Size(), io.ErrShortWrite)
	}
	return err
}

// gone takes it for done that there is no such file any more.
func (f *Folder) gone(err error) error { return disk.IgnoreMissing(err) }

// drop removes what is noted under key, and the note.
func (f *Folder) drop(key string) error {
	pending, err := f.notes.of(key)
	if err != nil {
		return err
	}
	var errs []error
	for _, p := range pending {
		if err := f.gone(f.rows.Delete(p.uri)); err != nil {
			errs = append(errs, f.fault("delete", err))
		}
	}
	if len(errs) > 0 {
		return errors.Join(errs...)
	}
	return f.notes.forget(key)
}

// Sweep ends what was pending when the app was killed. A download that has a
// journal goes on by itself, and is published anew; one that has none any more
// was published.
func (f *Folder) Sweep() error {
	keys, err := f.notes.keys()
	for _, key := range keys {
		if strings.HasPrefix(key, extractKey) {
			err = errors.Join(err, f.sweepExtraction(key))
			continue
		}
		_, loadErr := f.LoadJournal(key)
		switch {
		case errors.Is(loadErr, fs.ErrNotExist):
			err = errors.Join(err, f.notes.forget(key))
		case loadErr != nil:
			err = errors.Join(err, loadErr)
		}
	}
	return err
}
