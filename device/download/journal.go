package download

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"time"
)

// What a journal begins with. The number is the version of what follows; the
// digest after it is the journal's own checksum.
const (
	journalMark    = "connect-backup-journal"
	journalVersion = "1"
	// journalMost bounds what is read: a journal has a few hundred bytes, and
	// a few thousand with many holes.
	journalMost = 1 << 20
)

// intent is what is to become of an unfinished download at the next start of
// the app.
type intent string

const (
	intentRun    intent = "run"    // goes on by itself
	intentPaused intent = "paused" // waits for the person
	intentFailed intent = "failed" // waits for the person, too
)

// journal is what is known about a part. It never claims bytes that are not on
// the disk: it is written after the part was synced.
type journal struct {
	Scope  string    `json:"scope,omitempty"`
	ID     string    `json:"id"`
	Name   string    `json:"name"`
	Size   int64     `json:"size"`
	SHA256 string    `json:"sha256,omitempty"`
	ETag   string    `json:"etag,omitempty"` // as asked for
	Clash  Clash     `json:"clash"`
	Intent intent    `json:"intent"`
	Began  time.Time `json:"began"`

	Tag    string `json:"tag,omitempty"`    // strong ETag of the bytes in the part, as the server sent it
	Total  int64  `json:"total"`            // size as the server said; -1 when it did not
	Done   spans  `json:"done,omitempty"`   // what is in the part
	Hashed int64  `json:"hashed,omitempty"` // how far State has come
	State  []byte `json:"state,omitempty"`  // of SHA-256, after Hashed bytes
	Boot   string `json:"boot,omitempty"`   // of the system, when this was written
	// InOrder: until the next journal only one connection writes, and leaves no
	// hole behind Done.
	InOrder bool `json:"in_order,omitempty"`
}

// Errors of a journal that cannot be used.
var (
	errJournal        = errors.New("the journal cannot be read")
	errJournalVersion = errors.New("the journal was written by another version")
)

// encode writes the journal with its checksum.
func (j journal) encode() ([]byte, error) {
	payload, err := json.Marshal(j)
	if err != nil {
		return nil, fmt.Errorf("write the journal: %w", err)
	}
	sum := sha256.Sum256(payload)
	return fmt.Appendf(nil, "%s %s %x\n%s", journalMark, journalVersion, sum, payload), nil
}

// decodeJournal reads a journal and refuses one that is torn, was changed or
// contradicts itself.
func decodeJournal(b []byte) (journal, error) {
	if len(b) > journalMost {
		return journal{}, fmt.Errorf("%w: %d bytes", errJournal, len(b))
	}
	head, payload, ok := bytes.Cut(b, []byte("\n"))
	fields := bytes.Split(head, []byte(" "))
	if !ok || len(fields) != 3 || string(fields[0]) != journalMark {
		return journal{}, fmt.Errorf("%w: no heading", errJournal)
	}
	if string(fields[1]) != journalVersion {
		return journal{}, fmt.Errorf("%w: %.20q", errJournalVersion, fields[1])
	}
	sum := sha256.Sum256(payload)
	if hex.EncodeToString(sum[:]) != string(fields[2]) {
		return journal{}, fmt.Errorf("%w: wrong checksum", errJournal)
	}
	var j journal
	if err := json.Unmarshal(payload, &j); err != nil {
		return journal{}, fmt.Errorf("%w: %w", errJournal, err)
	}
	return j, j.check()
}

func (j journal) check() error {
	size := j.Size
	if size < 0 {
		size = j.Total
	}
	switch {
	case j.ID == "", j.Size < -1, j.Total < -1:
		return fmt.Errorf("%w: no download", errJournal)
	case !j.Done.valid(size):
		return fmt.Errorf("%w: impossible ranges", errJournal)
	case j.Hashed < 0, j.Hashed > j.Done.front():
		return fmt.Errorf("%w: hashed %d of %d bytes", errJournal, j.Hashed, j.Done.front())
	}
	return nil
}

// request is what was asked for.
func (j journal) request() Request {
	return Request{ID: j.ID, Name: j.Name, Size: j.Size, SHA256: j.SHA256, ETag: j.ETag, Clash: j.Clash}
}

// fits says whether the bytes of the journal are of the file that r asks for.
// Without a digest and without a strong tag nothing could tell.
func (j journal) fits(r Request) bool {
	return j.ID == r.ID && j.Size == r.Size && j.SHA256 == r.SHA256 && j.ETag == r.ETag &&
		(r.SHA256 != "" || j.Tag != "")
}

// tailHolds says whether bytes of the part beyond what the journal claims can be
// used: the program was killed, but the system was not, so what was written, in
// order, is there. After a power cut anything may stand there. The digest decides in
// the end.
func (j journal) tailHolds(r Request) bool {
	return j.InOrder && j.Boot != "" && j.Boot == bootID() && r.SHA256 != "" && j.Tag != "" &&
		len(j.Done) <= 1 && j.Done.front() == j.Done.end()
}
