package server

import (
	"context"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"io"
	"net/http"
	"os"
	"strconv"
	"strings"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"connectbackup/api"
)

const archiveType = "application/zip"

// withoutArchive says why a backup has no archive to give.
func (s *Server) withoutArchive(b backup) error {
	var f *fault
	switch b.Status {
	case api.StatusPending:
		f = problem(http.StatusConflict, api.CodeBackupNotReady, "The backup is still being prepared.").retryAfter(pollAfter)
	case api.StatusExpired:
		f = problem(http.StatusGone, api.CodeArchiveExpired, "The file was kept for two years and then deleted.")
	case api.StatusDeleted:
		f = problem(http.StatusGone, api.CodeArchiveDeleted, "The file was deleted from the server.")
	default:
		f = problem(http.StatusNotFound, api.CodeNotFound, "This backup has no file: it "+map[api.Status]string{
			api.StatusFailed: "failed", api.StatusCancelled: "was cancelled",
		}[b.Status]+".")
	}
	f.DeletedAt = b.DeletedAt
	return f
}

// archive serves the zip file of a backup, as often as one likes (S17).
func (s *Server) archive(ctx context.Context, in *idInput) (*huma.StreamResponse, error) {
	who := whoIs(ctx)
	if err := who.need(api.PermissionDownload); err != nil {
		return nil, err
	}
	b, err := s.find(ctx, who.orgID, in.ID)
	if err != nil {
		return nil, err
	}
	if !b.Downloadable() {
		return nil, s.withoutArchive(b)
	}
	f, err := s.openArchive(b)
	if os.IsNotExist(err) {
		// Somebody took it out of the folder, or clock 2 did just now.
		logOf(ctx).Error("archive is missing", "backup", b.ID)
		b.Status = api.StatusDeleted
		return nil, s.withoutArchive(b)
	}
	if err != nil {
		return nil, err
	}
	return &huma.StreamResponse{Body: func(ctx huma.Context) {
		defer func() { _ = f.Close() }() // only read
		r, w := humago.Unwrap(ctx)
		sendArchive(w, r, b, f)
	}}, nil
}

// openArchive opens the published file and makes sure that it has the size it
// was published with.
func (s *Server) openArchive(b backup) (*os.File, error) {
	f, err := os.Open(s.archivePath(b.ID))
	if err != nil {
		return nil, err
	}
	info, err := f.Stat()
	if err == nil && info.Size() != b.Archive.Size {
		err = fmt.Errorf("archive of %s has %d bytes, not %d", b.ID, info.Size(), b.Archive.Size)
	}
	if err != nil {
		_ = f.Close() // only read
		return nil, err
	}
	return f, nil
}

func sendArchive(w http.ResponseWriter, r *http.Request, b backup, f io.ReadSeeker) {
	sum, err := hex.DecodeString(b.Archive.SHA256)
	if err != nil {
		panic(err) // our own table is damaged
	}
	h := w.Header()
	h.Set("Content-Type", b.Archive.MediaType)
	h.Set("ETag", b.Archive.ETag())
	h.Set("Accept-Ranges", "bytes")
	h.Set("Cache-Control", "private, no-transform")
	h.Set("Repr-Digest", "sha-256=:"+base64.StdEncoding.EncodeToString(sum)+":")  // RFC 9530
	h.Set("Content-Disposition", `attachment; filename="`+b.Archive.FileName+`"`) // RFC 6266; the name is a slug
	if !strings.HasPrefix(r.Header.Get("Range"), "bytes=") {
		r.Header.Del("Range") // another unit is to be ignored (RFC 9110, 14.2); ServeContent would refuse it
	}
	http.ServeContent(&archiveWriter{ResponseWriter: w, size: b.Archive.Size}, r, "", *b.CompletedAt, f)
}

// archiveWriter replaces the plain texts of http.ServeContent by problems.
type archiveWriter struct {
	http.ResponseWriter
	size     int64 // of the file, in bytes
	replaced bool
}

func (w *archiveWriter) WriteHeader(status int) {
	switch status {
	case http.StatusRequestedRangeNotSatisfiable:
		w.replaced = true
		w.Header().Set("Content-Range", "bytes */"+strconv.FormatInt(w.size, 10))
		writeProblem(w.ResponseWriter, problem(status, api.CodeRangeNotSatisfiable, "The file has no such bytes."))
	case http.StatusPreconditionFailed:
		w.replaced = true
		writeProblem(w.ResponseWriter, problem(status, api.CodePreconditionFailed, "The file is not the one that was asked for."))
	default:
		w.ResponseWriter.WriteHeader(status)
	}
}

func (w *archiveWriter) Write(b []byte) (int, error) {
	if w.replaced {
		return len(b), nil
	}
	return w.ResponseWriter.Write(b)
}

// ReadFrom lets the file go to a socket without passing through the program.
func (w *archiveWriter) ReadFrom(r io.Reader) (int64, error) {
	if w.replaced {
		return io.Copy(io.Discard, r)
	}
	return io.Copy(w.ResponseWriter, r)
}
