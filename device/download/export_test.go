package download

import "testing"

// FrontOf is how many bytes a journal claims without a gap.
func FrontOf(b []byte) int64 {
	j, err := decodeJournal(b)
	if err != nil {
		panic(err)
	}
	return j.Done.front()
}

// WithState is a journal with another state of the hash.
func WithState(t *testing.T, b, state []byte) []byte {
	t.Helper()
	j, err := decodeJournal(b)
	if err != nil {
		t.Fatal(err)
	}
	j.State = state
	if b, err = j.encode(); err != nil {
		t.Fatal(err)
	}
	return b
}
