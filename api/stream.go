package api

import (
	"bufio"
	"errors"
	"io"
	"strconv"
	"strings"
	"time"
)

// eventMax is the longest event, in bytes, that is read into memory. A backup
// takes a few thousand.
const eventMax = 1 << 20

// block is what one event of a stream says, as sent.
type block struct {
	id, name, data string
	hasData        bool // even if it is empty
	tooLong        bool // and therefore without data
}

// eventReader reads server-sent events as WHATWG HTML, 9.2.6, says.
type eventReader struct {
	r       *bufio.Reader
	begun   bool
	afterCR bool
	data    []byte // of the event being read
	lastID  string
	retry   time.Duration // as the server wishes; 0 if it did not say
}

func newEventReader(r io.Reader) *eventReader { return &eventReader{r: bufio.NewReader(r)} }

// next is the next event. Comments and blocks without data are passed over,
// but call heard, if set: something came. What is cut off at the end of the
// stream is dropped.
func (r *eventReader) next(heard func()) (block, error) {
	b := block{id: r.lastID}
	r.data = r.data[:0]
	for {
		line, tooLong, err := r.line()
		if err != nil {
			return block{}, err
		}
		if heard != nil {
			heard()
		}
		if line != "" || tooLong {
			r.field(&b, line, tooLong)
			continue
		}
		r.lastID = b.id
		if b.hasData || b.tooLong {
			b.data = strings.TrimSuffix(string(r.data), "\n")
			return b, nil
		}
		b = block{id: r.lastID}
	}
}

// field takes in one line that is not empty.
func (r *eventReader) field(b *block, line string, tooLong bool) {
	field, value, _ := strings.Cut(line, ":")
	value = strings.TrimPrefix(value, " ")
	switch {
	case tooLong, field == "data" && len(r.data)+len(value) >= eventMax:
		b.tooLong, r.data = true, nil
	case field == "data" && !b.tooLong:
		b.hasData = true
		r.data = append(append(r.data, value...), '\n')
	case field == "event":
		b.name = value
	case field == "id" && !strings.Contains(value, "\x00"):
		b.id = value
	case field == "retry":
		r.setRetry(value)
	}
}

func (r *eventReader) setRetry(value string) {
	if value == "" || strings.Trim(value, "0123456789") != "" {
		return
	}
	ms, err := strconv.ParseInt(value, 10, 64)
	if err != nil || ms > int64(retryCap/time.Millisecond) {
		ms = int64(retryCap / time.Millisecond)
	}
	r.retry = time.Duration(ms) * time.Millisecond
}

// line is the next line without its end, which is CR, LF or both. The rest of
// one that is too long is passed over. io.ErrUnexpectedEOF at the end.
func (r *eventReader) line() (text string, tooLong bool, err error) {
	var b strings.Builder
	for {
		c, err := r.r.ReadByte()
		if errors.Is(err, io.EOF) {
			return "", false, io.ErrUnexpectedEOF
		}
		if err != nil {
			return "", false, err
		}
		skip := c == '\n' && r.afterCR
		r.afterCR = c == '\r'
		switch {
		case skip:
		case c == '\n' || c == '\r':
			text = b.String()
			if !r.begun {
				r.begun = true
				text = strings.TrimPrefix(text, "\ufeff")
			}
			return text, tooLong, nil
		case b.Len() >= eventMax:
			tooLong = true
		default:
			b.WriteByte(c)
		}
	}
}
