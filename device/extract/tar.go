package extract

import (
	"context"
	"errors"
	"io"

	"github.com/mholt/archiver/v4"
)

const tarBlock = 512 // bytes

// walkTar walks to the end of a tar, where two blocks of zeros stand (POSIX
// ustar). Readers forgive that they are missing; but every tool writes them, so
// that without any the tar was cut off between two entries. One is enough, as
// for GNU tar and 7z.
func walkTar(ctx context.Context, r io.Reader, visit archiver.FileHandler) error {
	in := &tarReader{r: r}
	if err := (archiver.Tar{}).Extract(ctx, in, visit); err != nil {
		return err
	}
	if in.ended && in.zeros < tarBlock {
		return damaged("", "it is cut off between two entries", nil)
	}
	return nil
}

// tarReader knows whether everything was read, and how many zeros it ended in,
// at least up to a block. A last file that ends in as many is taken for an end.
type tarReader struct {
	r     io.Reader
	ended bool
	zeros int
}

func (t *tarReader) Read(b []byte) (int, error) {
	n, err := t.r.Read(b)
	t.ended = t.ended || errors.Is(err, io.EOF)
	last := b[max(0, n-tarBlock):n]
	zeros := 0
	for zeros < len(last) && last[len(last)-1-zeros] == 0 {
		zeros++
	}
	if zeros == n {
		zeros += t.zeros
	}
	t.zeros = min(zeros, tarBlock)
	return n, err
}
