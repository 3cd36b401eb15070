package download

import (
	"context"
	"encoding/hex"
	"errors"
	"io/fs"
	"time"
)

// foundNamed looks for the file of a download whose journal claims all bytes
// while there is no part: it was killed after the part got its name and before
// the journal went. False when there is none, or it is another file.
func (t *transfer) foundNamed(ctx context.Context) (Result, bool) {
	if !t.claimsAll {
		return Result{}, false
	}
	for n := 1; n == 1 || t.req.Clash == KeepBoth; n++ {
		info, err := t.cfg.Folder.Stat(Numbered(t.req.Name, n))
		if err != nil {
			if !errors.Is(err, fs.ErrNotExist) {
				t.log.Warn("a file cannot be looked at", "error", err)
			}
			break
		}
		if info.Size == t.req.Size && t.isFile(ctx, info) {
			return Result{
				Request: t.req, Location: info.Location, FinalName: info.Name, ModTime: info.ModTime,
				Bytes: info.Size, SHA256: t.req.SHA256, At: time.Now(), Resumed: info.Size,
			}, true
		}
	}
	return Result{}, false
}

// isFile reports whether a published file is what was asked for.
func (t *transfer) isFile(ctx context.Context, info Info) bool {
	f, size, err := t.cfg.Folder.Open(info.Location)
	if err != nil {
		t.log.Warn("a file cannot be compared", "name", info.Name, "error", err)
		return false
	}
	defer func() { _ = f.Close() }() // only read
	t.hooks.phase(Verifying, nil)
	h := newHasher(f, func() int64 { return size }, 0, nil, func(error) {})
	digest, n, err := h.finish(ctx)
	return err == nil && n == t.req.Size && hex.EncodeToString(digest) == t.req.SHA256
}
