package download

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"math/rand/v2"
	"reflect"
	"testing"
	"time"
)

func sample() journal {
	return journal{
		Scope: "org", ID: "1", Name: "a.zip", Size: 1000, SHA256: "ab", ETag: `"x"`, Clash: KeepBoth,
		Intent: intentPaused, Began: time.Date(2026, 1, 2, 3, 4, 5, 6, time.UTC), Tag: `"x"`, Total: 1000,
		Done: spans{{0, 400}, {500, 600}}, Hashed: 300, State: []byte("state"),
	}
}

func TestJournalRoundTrip(t *testing.T) {
	want := sample()
	b, err := want.encode()
	if err != nil {
		t.Fatal(err)
	}
	got, err := decodeJournal(b)
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("%+v, %v", got, err)
	}
}

// Every journal that is cut or has one bit changed is refused (D27).
func TestD27_JournalNeverTrustsHarm(t *testing.T) {
	b, err := sample().encode()
	if err != nil {
		t.Fatal(err)
	}
	for i := range b {
		if _, err := decodeJournal(b[:i]); err == nil {
			t.Fatalf("cut at %d", i)
		}
		harmed := bytes.Clone(b)
		harmed[i] ^= 1 << (i % 8)
		if _, err := decodeJournal(harmed); !errors.Is(err, errJournal) && !errors.Is(err, errJournalVersion) {
			t.Fatalf("bit of byte %d: %v", i, err)
		}
	}
}

// A journal that is whole, but contradicts itself, is refused too.
func TestJournalNonsense(t *testing.T) {
	for name, change := range map[string]func(*journal){
		"no ID":              func(j *journal) { j.ID = "" },
		"size":               func(j *journal) { j.Size = -2 },
		"beyond the size":    func(j *journal) { j.Done = spans{{0, 1001}} },
		"beyond the total":   func(j *journal) { j.Size, j.Done = -1, spans{{0, 1001}} },
		"overlap":            func(j *journal) { j.Done = spans{{0, 400}, {399, 500}} },
		"backwards":          func(j *journal) { j.Done = spans{{400, 300}} },
		"out of order":       func(j *journal) { j.Done = spans{{500, 600}, {0, 400}} },
		"negative":           func(j *journal) { j.Done = spans{{-5, 400}} },
		"hashed too far":     func(j *journal) { j.Hashed = 401 },
		"hashed a gap":       func(j *journal) { j.Done, j.Hashed = spans{{5, 400}}, 1 },
		"hashed less than 0": func(j *journal) { j.Hashed = -1 },
	} {
		j := sample()
		change(&j)
		b, err := j.encode()
		if err != nil {
			t.Fatal(err)
		}
		if _, err := decodeJournal(b); !errors.Is(err, errJournal) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func FuzzJournal(f *testing.F) {
	b, err := sample().encode()
	if err != nil {
		f.Fatal(err)
	}
	f.Add(b)
	f.Add([]byte{})
	f.Add([]byte("connect-backup-journal 1 \n{}"))
	f.Add([]byte("connect-backup-journal 2 00\n"))
	_, payload, _ := bytes.Cut(b, []byte("\n"))
	f.Add(payload)
	f.Add([]byte(`{"id":"1","size":-1,"total":-1,"done":[{"From":0,"To":9223372036854775807}],"hashed":-1}`))
	f.Fuzz(func(t *testing.T, b []byte) {
		readJournal(t, b)
		// With a heading that fits, what stands below it is looked at, too.
		readJournal(t, fmt.Appendf(nil, "%s %s %x\n%s", journalMark, journalVersion, sha256.Sum256(b), b))
	})
}

func readJournal(t *testing.T, b []byte) {
	j, err := decodeJournal(b)
	if err != nil {
		if !errors.Is(err, errJournal) && !errors.Is(err, errJournalVersion) {
			t.Fatalf("untyped: %v", err)
		}
		return
	}
	// What is accepted makes sense, and stays the same when written again.
	if !j.Done.valid(-1) || j.Hashed > j.Done.front() || j.ID == "" || j.Done.sum() < 0 || j.Done.sum() > j.Done.end() {
		t.Fatalf("%+v", j)
	}
	again, err := j.encode()
	if err != nil {
		t.Fatal(err)
	}
	k, err := decodeJournal(again)
	if err != nil {
		t.Fatal(err)
	}
	if b, err := k.encode(); err != nil || !bytes.Equal(b, again) {
		t.Fatalf("%+v is not %+v, %v", k, j, err)
	}
}

// The runs are compared with a bitmap, in random order.
func TestSpans(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	for range 200 {
		var s spans
		var bits [64]bool
		for range 30 {
			from := random.Int64N(64)
			to := from + random.Int64N(65-from)
			s = s.add(from, to)
			for i := from; i < to; i++ {
				bits[i] = true
			}
			var front, sum, end int64
			for i, b := range bits {
				if b {
					sum++
					end = int64(i) + 1
					if front == int64(i) {
						front++
					}
				}
			}
			if !s.valid(64) || s.front() != front || s.sum() != sum || s.end() != end {
				t.Fatalf("%v against %v", s, bits)
			}
			cut := random.Int64N(65)
			if c := s.clip(cut); !c.valid(cut) || c.front() != min(front, cut) {
				t.Fatalf("%v clipped at %d: %v", s, cut, c)
			}
		}
	}
}

func TestSpeed(t *testing.T) {
	now := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	s := newSpeed(now, 0)
	var bytes int64
	run := func(rate int64, d time.Duration) {
		for range d / progressEvery {
			now = now.Add(progressEvery)
			bytes += rate / 10
			s.sample(now, bytes)
		}
	}
	if s.rate() != 0 || s.left(100) >= 0 {
		t.Error("known before the first sample")
	}
	run(1000, time.Second)
	if r := s.rate(); r < 999 || r > 1001 {
		t.Errorf("%f after a second", r)
	}
	if s.left(1000) >= 0 {
		t.Error("an estimate after a second")
	}
	run(1000, 9*time.Second)
	if left := s.left(5000); left < 4900*time.Millisecond || left > 5100*time.Millisecond {
		t.Errorf("%v left", left)
	}
	run(4000, 3*time.Second) // after one window: 63 % of the way
	if r := s.rate(); r < 2700 || r > 3100 {
		t.Errorf("%f after a change", r)
	}
	run(0, 2*time.Minute)
	if s.rate() != 0 || s.left(5000) >= 0 {
		t.Errorf("%f, %v after a long silence", s.rate(), s.left(5000))
	}
	// A clock that goes back is no reason for a rate.
	s.sample(now.Add(-time.Hour), bytes+1000)
	if s.rate() != 0 {
		t.Errorf("%f after a jump", s.rate())
	}
}
