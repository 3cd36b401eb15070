package server

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"
)

// recordMax is the largest record of a CSV file that is imported, in bytes. A
// longer one is far more often a quote that is never closed.
const recordMax = 4 << 20

// csvError says what is wrong with the form of a CSV file, and where. After it
// nothing more can be read from the file.
type csvError struct {
	line   int // the first line is 1
	detail string
}

func (e *csvError) Error() string { return fmt.Sprintf("line %d: %s", e.line, e.detail) }

// csvReader reads RFC 4180 as written: unlike encoding/csv it leaves line
// breaks between quotes as they are, and bounds its memory. It takes CRLF and
// LF as ends of lines.
type csvReader struct {
	r         *bufio.Reader
	separator byte
	line      int // of the record just read, where it begins
	next      int // of the one after
	text      []byte
	ends      []int
	fields    []string
}

// newCSVReader takes a byte order mark away and refuses what is not UTF-8 by
// its first bytes.
func newCSVReader(r io.Reader) (*csvReader, error) {
	c := &csvReader{r: bufio.NewReaderSize(r, 64<<10), separator: ',', next: 1}
	head, err := c.r.Peek(3)
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, err
	}
	switch {
	case len(head) == 0:
		return nil, &csvError{1, "the file is empty; the first line must name the columns"}
	case bytes.HasPrefix(head, []byte(byteOrderMark)):
		_, err = c.r.Discard(len(byteOrderMark))
		return c, err
	case bytes.HasPrefix(head, []byte{0xff, 0xfe}), bytes.HasPrefix(head, []byte{0xfe, 0xff}):
		return nil, &csvError{1, "the file is UTF-16; save it as “CSV UTF-8”"}
	}
	return c, nil
}

// read is the next record, valid until the next call; io.EOF after the last.
// Empty lines are passed over.
func (c *csvReader) read() ([]string, error) {
	for {
		if err := c.record(); err != nil {
			return nil, err
		}
		if len(c.ends) == 1 && len(c.text) == 0 {
			continue
		}
		if !utf8.Valid(c.text) {
			return nil, &csvError{c.line, "this is not UTF-8 (perhaps Windows-1252); save the file as “CSV UTF-8”"}
		}
		if bytes.IndexByte(c.text, 0) >= 0 {
			return nil, &csvError{c.line, "there is a NUL character, so this is no text"}
		}
		whole := string(c.text) // one allocation a record
		c.fields = c.fields[:0]
		from := 0
		for _, end := range c.ends {
			c.fields = append(c.fields, whole[from:end])
			from = end
		}
		return c.fields, nil
	}
}

// record reads one record into text and ends.
func (c *csvReader) record() error {
	c.text, c.ends, c.line = c.text[:0], c.ends[:0], c.next
	if _, err := c.r.Peek(1); err != nil {
		return err // also io.EOF
	}
	for {
		last, err := c.field()
		if err != nil {
			return err
		}
		c.ends = append(c.ends, len(c.text))
		if last {
			return nil
		}
	}
}

// field reads one field with what ends it; last when that ends the record too.
func (c *csvReader) field() (last bool, err error) {
	b, err := c.r.ReadByte()
	if err == nil && b == '"' {
		return c.quotedField()
	}
	for ; err == nil; b, err = c.r.ReadByte() {
		switch b {
		case c.separator:
			return false, nil
		case '\n':
			c.next++
			return true, nil
		case '\r':
			return true, c.lineFeed()
		case '"':
			return false, &csvError{c.next, "there is a quote within a field that does not begin with one"}
		}
		if err := c.keep(b); err != nil {
			return false, err
		}
	}
	return true, unlessEOF(err)
}

// quotedField reads on after an opening quote.
func (c *csvReader) quotedField() (last bool, err error) {
	opened := c.next
	for {
		b, err := c.r.ReadByte()
		if errors.Is(err, io.EOF) {
			return false, &csvError{opened, "a quote is opened here and never closed"}
		}
		if err != nil {
			return false, err
		}
		if b == '\n' {
			c.next++
		}
		if b == '"' {
			if b, err = c.r.ReadByte(); err != nil || b != '"' {
				return c.afterQuote(b, err)
			}
		}
		if err := c.keep(b); err != nil {
			return false, err
		}
	}
}

// afterQuote looks at what follows a closing quote.
func (c *csvReader) afterQuote(b byte, err error) (last bool, _ error) {
	switch {
	case err != nil:
		return true, unlessEOF(err)
	case b == c.separator:
		return false, nil
	case b == '\n':
		c.next++
		return true, nil
	case b == '\r':
		return true, c.lineFeed()
	}
	return false, &csvError{c.next, "something follows a closing quote; a quote within a field is written twice"}
}

// lineFeed wants the second half of CRLF.
func (c *csvReader) lineFeed() error {
	b, err := c.r.ReadByte()
	if err == nil && b == '\n' {
		c.next++
		return nil
	}
	if err != nil && !errors.Is(err, io.EOF) {
		return err
	}
	return &csvError{c.next, "a line ends with a carriage return alone; save the file with CRLF or LF"}
}

func (c *csvReader) keep(b byte) error {
	if len(c.text) >= recordMax {
		return &csvError{c.line, fmt.Sprintf("a record is larger than %d MiB; is a quote not closed?", recordMax>>20)}
	}
	c.text = append(c.text, b)
	return nil
}

func unlessEOF(err error) error {
	if errors.Is(err, io.EOF) {
		return nil
	}
	return err
}

// header reads the first line and finds out the separator: the one of , and ;
// that makes more columns of it.
func (c *csvReader) header() ([]string, error) {
	line, err := c.r.Peek(c.r.Size())
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, err
	}
	if i := bytes.IndexByte(line, '\n'); i >= 0 {
		line = line[:i]
	}
	if bytes.Count(line, []byte{';'}) > bytes.Count(line, []byte{','}) {
		c.separator = ';'
	}
	fields, err := c.read()
	if err != nil {
		if errors.Is(err, io.EOF) {
			err = &csvError{1, "the file is empty; the first line must name the columns"}
		}
		return nil, err
	}
	names := make([]string, len(fields))
	for i, f := range fields {
		names[i] = strings.ToLower(strings.TrimSpace(f))
	}
	return names, nil
}
