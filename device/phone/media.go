//go:build android || jvm

package phone

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"
	"syscall"
)

// DownloadsFolder is the folder of MediaStore that people know as Downloads.
func (p *Phone) DownloadsFolder() (folder string, err error) {
	err = p.do(func(e *env) error {
		name, err := e.staticText(downloadsFolder)
		folder = name + "/"
		return err
	})
	return folder, err
}

// Insert makes a file in that folder of Downloads, which only this app sees
// until it is published. From API level 29.
func (p *Phone) Insert(folder, name, mime string) (uri string, err error) {
	err = p.do(func(e *env) error {
		values, err := e.values(map[string]any{
			columnName: name, columnMime: mime, columnFolder: folder, columnPending: int32(1),
		})
		if err != nil {
			return err
		}
		return e.withDownloads(func(resolver, collection object) error {
			uri, err = e.insert(resolver, collection, values)
			return err
		})
	})
	return uri, err
}

// Publish shows a file to everybody under that name, or one like it when
// another file has it.
func (p *Phone) Publish(uri, name string) error {
	return p.do(func(e *env) error {
		values, err := e.values(map[string]any{columnName: name, columnPending: int32(0)})
		if err != nil {
			return err
		}
		return e.changed(resolverUpdate, uri, values, object(0), object(0))
	})
}

// Delete deletes a file; fs.ErrNotExist when there is none.
func (p *Phone) Delete(uri string) error {
	return p.do(func(e *env) error { return e.changed(resolverDelete, uri, object(0), object(0)) })
}

// changed calls what changes one file, and says how many it changed.
func (e *env) changed(m *Member, uri string, args ...any) error {
	resolver, place, err := e.resolve(uri)
	if err != nil {
		return err
	}
	n, err := e.number(m, resolver, append([]any{place}, args...)...)
	if err == nil && n == 0 {
		err = fmt.Errorf("%s: %w", uri, fs.ErrNotExist)
	}
	return err
}

// Open opens what a content URI leads to; fs.ErrNotExist when that is gone.
func (p *Phone) Open(uri string, write bool) (file *os.File, err error) {
	mode := "r"
	if write {
		mode = "w"
	}
	err = p.do(func(e *env) error {
		resolver, place, err := e.resolve(uri)
		if err != nil {
			return err
		}
		descriptor, err := e.object(resolverOpen, resolver, place, mode)
		if err != nil {
			return err
		}
		// Java watches over its own descriptor; Go gets another one of the file.
		fd, err := e.number(descriptorFd, descriptor)
		if err == nil {
			file, err = duplicate(int(fd), uri)
		}
		if err = errors.Join(err, e.do(descriptorClose, descriptor)); err != nil && file != nil {
			err = errors.Join(err, file.Close())
			file = nil
		}
		return err
	})
	return file, err
}

func duplicate(fd int, name string) (*os.File, error) {
	syscall.ForkLock.RLock()
	defer syscall.ForkLock.RUnlock()
	other, err := syscall.Dup(fd)
	if err != nil {
		return nil, os.NewSyscallError("dup", err)
	}
	syscall.CloseOnExec(other)
	return os.NewFile(uintptr(other), name), nil
}

// Name is the name that people see of what a content URI leads to;
// fs.ErrNotExist when that is gone.
func (p *Phone) Name(uri string) (name string, err error) {
	err = p.do(func(e *env) error {
		resolver, place, err := e.resolve(uri)
		if err != nil {
			return err
		}
		found := false
		err = e.query(resolver, place, []string{columnShown}, "", nil, func(cursor object) error {
			found = true
			name, err = e.textOf(cursorText, cursor, int32(0))
			return err
		})
		if err == nil && !found {
			err = fmt.Errorf("%s: %w", uri, fs.ErrNotExist)
		}
		return err
	})
	return name, err
}

// Named are this app's files of that name in a folder of Downloads.
func (p *Phone) Named(folder, name string) ([]Row, error) {
	return p.rows(columnFolder+" = ? AND "+columnName+" = ?", folder, name)
}

// OfSize are this app's files of that many bytes in Downloads and below.
func (p *Phone) OfSize(size int64) ([]Row, error) {
	return p.rows(columnSize+" = ?", fmt.Sprint(size))
}

// Under are this app's files in a folder of Downloads and below it.
func (p *Phone) Under(folder string) ([]Row, error) {
	all, err := p.rows(columnFolder+" LIKE ?", folder+"%")
	var rows []Row
	for _, r := range all { // % and _ in a name stand for anything
		if strings.HasPrefix(r.Folder, folder) {
			rows = append(rows, r)
		}
	}
	return rows, err
}

func (p *Phone) rows(where string, args ...string) (rows []Row, err error) {
	columns := []string{columnID, columnName, columnFolder, columnSize}
	err = p.do(func(e *env) error {
		return e.withDownloads(func(resolver, collection object) error {
			return e.query(resolver, collection, columns, where, args, func(cursor object) error {
				r, err := e.row(cursor, collection)
				rows = append(rows, r)
				return err
			})
		})
	})
	return rows, err
}

func (e *env) row(cursor, collection object) (r Row, err error) {
	id, err := e.number(cursorNumber, cursor, int32(0))
	if err != nil {
		return r, err
	}
	if r.Name, err = e.textOf(cursorText, cursor, int32(1)); err != nil {
		return r, err
	}
	if r.Folder, err = e.textOf(cursorText, cursor, int32(2)); err != nil {
		return r, err
	}
	if r.Size, err = e.number(cursorNumber, cursor, int32(3)); err != nil {
		return r, err
	}
	place, err := e.object(withAppendedID, 0, collection, id)
	if err != nil {
		return r, err
	}
	r.URI, err = e.textOf(objectToString, place)
	return r, err
}

// query calls each with a cursor on every row there is, in a frame of its own.
func (e *env) query(resolver, place object, columns []string, where string, args []string, each func(cursor object) error) (err error) {
	wanted, err := e.texts(columns...)
	if err != nil {
		return err
	}
	var selection, values object
	if where != "" {
		if selection, err = e.text(where); err != nil {
			return err
		}
		if values, err = e.texts(args...); err != nil {
			return err
		}
	}
	cursor, err := e.object(resolverQuery, resolver, place, wanted, selection, values, object(0))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, e.do(cursorClose, cursor)) }()
	for more := true; more; {
		err := e.frame(func() (err error) {
			if more, err = e.yes(cursorNext, cursor); err != nil || !more {
				return err
			}
			return each(cursor)
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// Keep keeps the right to read what the person picked, beyond this run of the
// app.
func (p *Phone) Keep(uri string) error {
	return p.do(func(e *env) error {
		resolver, place, err := e.resolve(uri)
		if err != nil {
			return err
		}
		return e.do(resolverKeep, resolver, place, flagRead)
	})
}

// PublicFolder is the path of the public Downloads, which an app may write to
// below API level 29.
func (p *Phone) PublicFolder() (path string, err error) {
	err = p.do(func(e *env) error {
		name, err := e.staticText(downloadsFolder)
		if err != nil {
			return err
		}
		folder, err := e.object(publicFolder, 0, name)
		if err != nil {
			return err
		}
		path, err = e.textOf(fileAbsolutePath, folder)
		return err
	})
	return path, err
}

// Share makes a content URI for a file of the public folder, which other apps
// can be handed; the path alone they may not open. Below API level 29.
func (p *Phone) Share(path, name, mime string) (uri string, err error) {
	err = p.do(func(e *env) error {
		collection, err := e.object(filesURI, 0, "external")
		if err != nil {
			return err
		}
		resolver, err := e.object(getContentResolver, e.ctx)
		if err != nil {
			return err
		}
		err = e.query(resolver, collection, []string{columnID}, columnData+" = ?", []string{path}, func(cursor object) error {
			id, err := e.number(cursorNumber, cursor, int32(0))
			if err != nil {
				return err
			}
			place, err := e.object(withAppendedID, 0, collection, id)
			if err != nil {
				return err
			}
			uri, err = e.textOf(objectToString, place)
			return err
		})
		if err != nil || uri != "" {
			return err
		}
		values, err := e.values(map[string]any{columnData: path, columnName: name, columnMime: mime})
		if err != nil {
			return err
		}
		uri, err = e.insert(resolver, collection, values)
		return err
	})
	return uri, err
}

// resolve is who opens content URIs, and the URI.
func (e *env) resolve(uri string) (resolver, place object, err error) {
	if resolver, err = e.object(getContentResolver, e.ctx); err != nil {
		return 0, 0, err
	}
	place, err = e.object(uriParse, 0, uri)
	return resolver, place, err
}

func (e *env) withDownloads(f func(resolver, collection object) error) error {
	resolver, err := e.object(getContentResolver, e.ctx)
	if err != nil {
		return err
	}
	collection, err := e.object(downloadsURI, 0, primaryVolume)
	if err != nil {
		return err
	}
	return f(resolver, collection)
}

func (e *env) insert(resolver, collection, values object) (string, error) {
	place, err := e.object(resolverInsert, resolver, collection, values)
	if err != nil {
		return "", err
	}
	return e.textOf(objectToString, place)
}

// values makes what a row is to hold: strings and int32.
func (e *env) values(of map[string]any) (object, error) {
	values, err := e.object(newValues, 0)
	if err != nil {
		return 0, err
	}
	for name, v := range of {
		if text, ok := v.(string); ok {
			err = e.do(putText, values, name, text)
		} else {
			var boxed object
			if boxed, err = e.object(integerOf, 0, v); err == nil {
				err = e.do(putInteger, values, name, boxed)
			}
		}
		if err != nil {
			return 0, err
		}
	}
	return values, nil
}
