package download

import (
	"testing"
	"time"
)

// FrontOf is how many bytes a journal claims without a gap.
func FrontOf(b []byte) int64 {
	j, err := decodeJournal(b)
	if err != nil {
		panic(err)
	}
	return j.Done.front()
}

// ClaimsOf is what a journal says is in the part, each run from its first to
// before its second number.
func ClaimsOf(b []byte) [][2]int64 {
	j, err := decodeJournal(b)
	if err != nil {
		panic(err)
	}
	runs := make([][2]int64, len(j.Done))
	for i, run := range j.Done {
		runs[i] = [2]int64{run.From, run.To}
	}
	return runs
}

// Edit changes a journal as a program could.
func Edit(t *testing.T, b []byte, change func(state *[]byte, boot *string)) []byte {
	t.Helper()
	j, err := decodeJournal(b)
	if err != nil {
		t.Fatal(err)
	}
	change(&j.State, &j.Boot)
	if b, err = j.encode(); err != nil {
		t.Fatal(err)
	}
	return b
}

// Began makes a journal one that was begun at that time.
func Began(t *testing.T, b []byte, at time.Time) []byte {
	t.Helper()
	j, err := decodeJournal(b)
	if err != nil {
		t.Fatal(err)
	}
	j.Began = at
	if b, err = j.encode(); err != nil {
		t.Fatal(err)
	}
	return b
}

// KnowsBoots says whether this system tells one boot from another.
func KnowsBoots() bool { return bootID() != "" }
