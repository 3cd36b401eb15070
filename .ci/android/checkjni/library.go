package main

import (
	"archive/zip"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"strings"

	"connectbackup/device/phone"
)

// library finds classes: those of the framework in a jar of Android, those of
// java and javax, which the jar lacks, in the module of a JDK.
type library struct {
	level int
	files []*zip.ReadCloser
	known map[string]*class
}

// openLibrary opens the jar of an API level, and the JDK's java.base.jmod.
func openLibrary(level int, jar, jmod string) (*library, error) {
	l := &library{level: level, known: map[string]*class{}}
	for _, path := range []string{jar, jmod} {
		z, err := zip.OpenReader(path)
		if err != nil {
			return nil, errors.Join(fmt.Errorf("open %s: %w", path, err), l.Close())
		}
		l.files = append(l.files, z)
	}
	return l, nil
}

// Close closes the files.
func (l *library) Close() error {
	var errs []error
	for _, z := range l.files {
		errs = append(errs, z.Close())
	}
	return errors.Join(errs...)
}

func (l *library) class(name string) (*class, error) {
	if c, ok := l.known[name]; ok {
		return c, nil
	}
	file, path := l.files[0], name+".class"
	if strings.HasPrefix(name, "java/") || strings.HasPrefix(name, "javax/") {
		file, path = l.files[1], "classes/"+path
	}
	f, err := file.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("there is no class %s", name)
	}
	if err != nil {
		return nil, err
	}
	b, err := io.ReadAll(f)
	if err = errors.Join(err, f.Close()); err != nil {
		return nil, fmt.Errorf("read %s: %w", path, err)
	}
	c, err := readClass(b)
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", path, err)
	}
	l.known[name] = &c
	return &c, nil
}

// resolve looks a member of the table up, as the virtual machine would.
func (l *library) resolve(m phone.Member) error {
	c, err := l.class(m.Class)
	if err != nil {
		return err
	}
	if c.flags&accPublic == 0 {
		return fmt.Errorf("%s is not public", m.Class)
	}
	if m.Kind == phone.Class {
		return nil
	}
	found, err := l.find(m, m.Class)
	if err != nil {
		return err
	}
	if found == nil {
		return fmt.Errorf("there is no %s %s.%s %s", m.Kind, m.Class, m.Name, m.Signature)
	}
	return fits(m, found)
}

// fits says what of a member that was found is not as the table has it.
func fits(m phone.Member, found *member) error {
	static := m.Kind == phone.Static || m.Kind == phone.Field || m.Kind == phone.Constant
	switch {
	case found.flags&accPublic == 0:
		return fmt.Errorf("%s.%s is not public", m.Class, m.Name)
	case static != (found.flags&accStatic != 0), (m.Kind == phone.Constructor) != (m.Name == "<init>"):
		return fmt.Errorf("%s.%s is no %s", m.Class, m.Name, m.Kind)
	case m.Kind == phone.Constant && found.flags&accFinal == 0:
		return fmt.Errorf("%s.%s is no constant", m.Class, m.Name)
	case m.Kind == phone.Constant && found.value != m.Value:
		return fmt.Errorf("%s.%s is %#v, not %#v", m.Class, m.Name, found.value, m.Value)
	}
	return nil
}

// find looks through a class and those above it; nil when it is in none.
func (l *library) find(m phone.Member, name string) (*member, error) {
	c, err := l.class(name)
	if err != nil {
		return nil, err
	}
	in := c.methods
	if m.Kind == phone.Field || m.Kind == phone.Constant {
		in = c.fields
	}
	for _, has := range in {
		if has.name == m.Name && has.signature == m.Signature {
			return &has, nil
		}
	}
	if m.Kind == phone.Constructor {
		return nil, nil // it is never inherited
	}
	above := c.above
	if c.super != "" {
		above = append([]string{c.super}, above...)
	}
	for _, name := range above {
		found, err := l.find(m, name)
		if err != nil || found != nil {
			return found, err
		}
	}
	return nil, nil
}
