package extract

import (
	"context"
	"runtime"
	"slices"
	"sync"
)

// planned is an entry with the path that it gets.
type planned struct {
	entry *zipEntry
	path  string
}

// plan names every file and folder, or refuses. places counts also the folders
// that have no entry of their own.
func (z *zipFile) plan() (files, folders []planned, places int, err error) {
	names := newNameSet()
	for i := range z.entries {
		e := &z.entries[i]
		p, err := cleanName(e.name)
		if err != nil {
			return nil, nil, 0, err
		}
		if p == "" {
			if e.isDir() {
				continue // the folder itself
			}
			return nil, nil, 0, unsafe(e.name, "it has no name")
		}
		if err := names.add(p, e.isDir()); err != nil {
			return nil, nil, 0, err
		}
		if e.isDir() {
			folders = append(folders, planned{e, p})
		} else {
			files = append(files, planned{e, p})
		}
	}
	return files, folders, names.places(), nil
}

func workers(asked int) int {
	if asked > 0 {
		return asked
	}
	if runtime.GOOS == "android" || runtime.GOOS == "ios" {
		return 2
	}
	return min(runtime.NumCPU(), 4)
}

// eachFile unpacks all files on some workers, the biggest first, so that none
// is left alone with a big one at the end. It returns the first error that
// visit returns; the others stop then.
func (z *zipFile) eachFile(ctx context.Context, files []planned, n int, visit func(context.Context, *unpacker, planned) error) error {
	slices.SortStableFunc(files, func(a, b planned) int {
		switch {
		case a.entry.size > b.entry.size:
			return -1
		case a.entry.size < b.entry.size:
			return 1
		}
		return 0
	})
	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	var wait sync.WaitGroup
	var mu sync.Mutex
	next := 0
	take := func() (planned, bool) {
		mu.Lock()
		defer mu.Unlock()
		if next == len(files) || ctx.Err() != nil {
			return planned{}, false
		}
		next++
		return files[next-1], true
	}
	for range min(n, len(files)) {
		wait.Go(func() {
			u := newUnpacker(z.src)
			for f, ok := take(); ok; f, ok = take() {
				if err := visit(ctx, u, f); err != nil {
					stop(err)
					return
				}
			}
		})
	}
	wait.Wait()
	return context.Cause(ctx)
}

// extractFile writes one file out.
func extractFile(ctx context.Context, u *unpacker, f planned, t Target, count *progress) error {
	name := f.path
	count.entry.Store(&name)
	out, err := t.Create(f.path)
	if err != nil {
		return writeError(err)
	}
	if err := u.unpack(ctx, f.entry, out, count); err != nil {
		_ = out.Close() // it is thrown away
		return err
	}
	if err := out.Close(); err != nil {
		return writeError(err)
	}
	count.entries.Add(1)
	return nil
}
