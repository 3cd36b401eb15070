package download

import (
	"errors"
	"syscall"
	"testing"
)

// room is a Folder of which only the free space is asked.
type room struct {
	Folder
	free int64
}

func (r room) Free() (int64, error) { return r.free, nil }

// FAT32 calls itself full at 4 GiB on Windows: with plenty of free space, that
// is what it means.
func TestD46_FullAtFourGiB(t *testing.T) {
	for _, c := range []struct {
		end, free int64
		tooBig    bool
	}{
		{4 << 30, 1 << 40, true},
		{4 << 30, 1 << 20, false},
		{4<<30 - 1, 1 << 40, false},
		{1000, 1 << 40, false},
	} {
		tr := newTransfer(&Config{Folder: room{free: c.free}, Log: Config{}.withDefaults().Log}, Request{Name: "a.zip", Size: 5 << 30}, "", sample().Began, &tally{}, hooks{})
		err := tr.writeError(&SpaceError{Need: 1, Free: -1, Err: syscall.ENOSPC}, c.end)
		var space *SpaceError
		if errors.Is(err, ErrTooBig) != c.tooBig || !errors.As(err, &space) || !final(err) {
			t.Errorf("up to %d with %d free: %v", c.end, c.free, err)
		}
	}
}
