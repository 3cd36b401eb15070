package api

import (
	"context"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/go-resty/resty/v2"
)

// problemMax is how much of an error reply is read, in bytes.
const problemMax = 64 << 10

// ArchiveBody is an opened archive. The reader yields the bytes From
// (inclusive) to To (exclusive) of a file of Total bytes: what the server
// granted, which need not be what was asked for. To and Total are -1 when the
// server did not say. A reply that ends before To is an *UnreachableError with
// ReasonCut, never io.EOF.
type ArchiveBody struct {
	io.ReadCloser
	From, To, Total int64
	ETag            string // as sent, quotes included; empty without one
	SHA256          string // of the whole file, in lower-case hexadecimal, from Repr-Digest (RFC 9530); empty without one
	FileName        string // as the server names the file; not checked in any way
}

// RangeError says that the server has no bytes where they were asked for
// (416). Total is the size of the file, or -1 when the server did not say.
type RangeError struct{ From, Total int64 }

func (e *RangeError) Error() string {
	return fmt.Sprintf("the server has no byte at %d of %d", e.From, e.Total)
}

// GrantError says that a partial reply is not the range that was asked for, so
// that its bytes cannot be put anywhere.
type GrantError struct{ Asked, Granted, Detail string }

func (e *GrantError) Error() string {
	return fmt.Sprintf("asked for range %s, got %q: %s", e.Asked, e.Granted, e.Detail)
}

// EncodingError says that a server sent an archive in another form than it is.
type EncodingError struct{ Encoding string }

func (e *EncodingError) Error() string {
	return fmt.Sprintf("the file came encoded as %q", e.Encoding)
}

// OpenArchive opens the archive of a backup at offset from, up to, not
// including, to; to -1 means to the end. With ifRange, a strong ETag, a server
// whose file has changed sends the whole new one (RFC 9110, 13.1.5). The body
// has no time limit: whoever reads it watches it, and closes it.
//
// Nothing is tried again, except that an ended session is renewed once. The
// errors of this package's archive types and those of every call are possible.
func (c *Client) OpenArchive(ctx context.Context, id string, from, to int64, ifRange string) (*ArchiveBody, error) {
	path, err := idPath(id, "/archive")
	if err != nil {
		return nil, err
	}
	var body *ArchiveBody
	err = c.withToken(ctx, func(access string) error {
		header := http.Header{"Authorization": {"Bearer " + access}}
		var err error
		body, err = c.archive.open(ctx, c.base.String()+path, header, from, to, ifRange)
		return err
	})
	if err != nil {
		return nil, err
	}
	return body, nil
}

// FetchOptions of a Fetcher.
type FetchOptions struct {
	Transport     http.RoundTripper // nil for the default one
	Header        http.Header       // sent to the first server only, never across a redirect to another
	AllowInsecure bool              // http to another machine is accepted
	UserAgent     string
	Clock         func() time.Time // nil for the real one
}

// Fetcher opens files by their address, as the client opens archives.
type Fetcher struct {
	archive       transfer
	header        http.Header
	allowInsecure bool
}

// NewFetcher makes a fetcher.
func NewFetcher(o FetchOptions) *Fetcher {
	if o.Transport == nil {
		o.Transport = newTransport(true)
	}
	if o.Clock == nil {
		o.Clock = time.Now
	}
	return &Fetcher{
		archive:       transfer{rest: newREST(o.Transport, o.AllowInsecure, o.UserAgent), now: o.Clock, timeout: replyTimeout},
		header:        o.Header.Clone(),
		allowInsecure: o.AllowInsecure,
	}
}

// Open opens the file at an http or https address; see Client.OpenArchive.
func (f *Fetcher) Open(ctx context.Context, address string, from, to int64, ifRange string) (*ArchiveBody, error) {
	u, err := url.Parse(address)
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
		return nil, &AddressError{Address: withoutSecrets(address), Detail: "it is not an http or https address"}
	}
	if isInsecure(u) && !f.allowInsecure {
		return nil, &InsecureError{Address: withoutSecrets(address)}
	}
	return f.archive.open(ctx, address, f.header, from, to, ifRange)
}

// transfer opens archives.
type transfer struct {
	rest    *resty.Client
	now     func() time.Time
	timeout time.Duration // until the header of the reply
}

func (t transfer) open(parent context.Context, address string, header http.Header, from, to int64, ifRange string) (*ArchiveBody, error) {
	if from < 0 || to >= 0 && to <= from {
		return nil, &RangeError{From: from, Total: -1}
	}
	asked := "bytes=" + strconv.FormatInt(from, 10) + "-"
	if to >= 0 {
		asked += strconv.FormatInt(to-1, 10)
	}
	ctx, cancel := context.WithCancelCause(parent)
	slow := time.AfterFunc(t.timeout, func() { cancel(errNoReply) })
	req := t.rest.R().SetContext(ctx).SetHeaderMultiValues(header).
		// Any other encoding would change the bytes, and net/http would undo
		// gzip behind our back if it had asked for it.
		SetHeader("Accept-Encoding", "identity").
		SetHeader("Accept", "application/zip, application/octet-stream, */*;q=0.5").
		SetHeader("Range", asked)
	if ifRange != "" {
		req.SetHeader("If-Range", ifRange)
	}
	resp, err := req.Execute(http.MethodGet, address)
	var body *ArchiveBody
	if err == nil {
		body, err = t.accept(resp.RawResponse, asked, from, to)
	} else {
		err = t.lost(parent, ctx, address, err)
	}
	if !slow.Stop() && err == nil {
		err = t.lost(parent, ctx, address, errNoReply) // in the same moment: the body is cancelled
	}
	if err != nil {
		cancel(nil)
		if resp != nil && resp.RawResponse != nil {
			_ = resp.RawResponse.Body.Close()
		}
		return nil, err
	}
	left := int64(-1)
	if body.To >= 0 {
		left = body.To - body.From
	}
	body.ReadCloser = &granted{body: resp.RawResponse.Body, ctx: parent, cancel: cancel, address: address, left: left}
	return body, nil
}

// lost is the error for a reply that did not come.
func (t transfer) lost(parent, ctx context.Context, address string, err error) error {
	if errors.Is(context.Cause(ctx), errNoReply) {
		err = errNoReply
	}
	return unreachable(parent, address, err)
}

// accept decides what a reply is.
func (t transfer) accept(raw *http.Response, asked string, from, to int64) (*ArchiveBody, error) {
	switch raw.StatusCode {
	case http.StatusOK, http.StatusPartialContent:
	case http.StatusRequestedRangeNotSatisfiable:
		return nil, &RangeError{From: from, Total: totalOf(raw.Header.Get("Content-Range"))}
	default:
		return nil, t.refusal(raw)
	}
	media, _, err := mime.ParseMediaType(raw.Header.Get("Content-Type"))
	if err != nil {
		media = ""
	}
	switch media {
	case "text/html", "application/xhtml+xml", "application/json", "application/problem+json":
		return nil, strange(raw)
	case "multipart/byteranges":
		return nil, &GrantError{Asked: asked, Granted: media, Detail: "several ranges in one reply"}
	}
	if encoding := raw.Header.Get("Content-Encoding"); encoding != "" && !strings.EqualFold(encoding, "identity") {
		return nil, &EncodingError{Encoding: encoding}
	}
	body := &ArchiveBody{
		To: raw.ContentLength, Total: raw.ContentLength, ETag: raw.Header.Get("ETag"),
		SHA256: sha256Of(raw.Header.Values("Repr-Digest")), FileName: fileNameOf(raw.Header.Get("Content-Disposition")),
	}
	if raw.StatusCode == http.StatusPartialContent {
		if err := body.grant(raw, asked, from, to); err != nil {
			return nil, err
		}
	}
	return body, nil
}

// grant fills in what a 206 grants, and refuses one that does not begin where
// it was asked to, reaches further, or contradicts itself.
func (b *ArchiveBody) grant(raw *http.Response, asked string, from, to int64) error {
	text := raw.Header.Get("Content-Range")
	bad := func(detail string) error { return &GrantError{Asked: asked, Granted: text, Detail: detail} }
	if len(raw.Header.Values("Content-Range")) != 1 {
		return bad("not one Content-Range")
	}
	start, end, total, ok := parseContentRange(text)
	switch {
	case !ok:
		return bad("the Content-Range cannot be read or does not tell the size")
	case start != from:
		return bad("it begins elsewhere")
	case to >= 0 && end > to:
		return bad("it is longer")
	case raw.ContentLength >= 0 && raw.ContentLength != end-start:
		return bad("its length is " + strconv.FormatInt(raw.ContentLength, 10))
	}
	b.From, b.To, b.Total = start, end, total
	return nil
}

// refusal is the error of a reply that is neither 200, 206 nor 416.
func (t transfer) refusal(raw *http.Response) error {
	if raw.StatusCode < 400 {
		return strange(raw)
	}
	// A reply that breaks off while its reason is read still has its status.
	text, err := io.ReadAll(io.LimitReader(raw.Body, problemMax))
	var p *Problem
	if err == nil {
		p = problemOf(raw, text, t.now())
	}
	if p == nil {
		p = bareProblem(raw, t.now())
	}
	p.away = isAway(raw)
	return p
}

func strange(raw *http.Response) error {
	return &NotConnectError{
		URL: withoutSecrets(raw.Request.URL.String()), Status: raw.StatusCode, ContentType: raw.Header.Get("Content-Type"),
	}
}

// parseContentRange reads "bytes 0-99/1234" (RFC 9110, 14.4) as [start, end)
// of total. An unknown total ("*") is refused: such a reply cannot be told
// from one of another version of the file.
func parseContentRange(s string) (start, end, total int64, ok bool) {
	unit, rest, found := strings.Cut(strings.TrimSpace(s), " ")
	if !found || !strings.EqualFold(unit, "bytes") {
		return 0, 0, 0, false
	}
	span, size, found := strings.Cut(strings.TrimSpace(rest), "/")
	first, last, found2 := strings.Cut(span, "-")
	if !found || !found2 {
		return 0, 0, 0, false
	}
	start, ok1 := parseDigits(first)
	end, ok2 := parseDigits(last)
	total, ok3 := parseDigits(size)
	if !ok1 || !ok2 || !ok3 || end < start || end >= total {
		return 0, 0, 0, false
	}
	return start, end + 1, total, true
}

// totalOf reads the size out of "bytes */1234"; -1 when there is none.
func totalOf(s string) int64 {
	_, size, found := strings.Cut(s, "*/")
	if total, ok := parseDigits(strings.TrimSpace(size)); found && ok {
		return total
	}
	return -1
}

// parseDigits reads a number that is nothing but digits.
func parseDigits(s string) (int64, bool) {
	if s == "" || strings.Trim(s, "0123456789") != "" {
		return 0, false
	}
	n, err := strconv.ParseInt(s, 10, 64)
	return n, err == nil
}

// sha256Of reads the SHA-256 out of Repr-Digest fields (RFC 9530), such as
// "sha-256=:base64:, sha-512=:…:".
func sha256Of(fields []string) string {
	for entry := range strings.SplitSeq(strings.Join(fields, ","), ",") {
		name, value, _ := strings.Cut(strings.TrimSpace(entry), "=")
		value, _, _ = strings.Cut(value, ";")
		value = strings.TrimSpace(value)
		if !strings.EqualFold(name, "sha-256") || len(value) < 2 || value[0] != ':' || value[len(value)-1] != ':' {
			continue
		}
		sum, err := base64.StdEncoding.DecodeString(value[1 : len(value)-1])
		if err == nil && len(sum) == 32 {
			return hex.EncodeToString(sum)
		}
	}
	return ""
}

// fileNameOf reads the name out of a Content-Disposition (RFC 6266).
func fileNameOf(disposition string) string {
	_, parameters, err := mime.ParseMediaType(disposition)
	if err != nil {
		return ""
	}
	return parameters["filename"]
}

// granted reads no more than what was granted, and tells an early end from a
// proper one, which net/http cannot where the reply has no length.
type granted struct {
	body    io.ReadCloser
	ctx     context.Context //nolint:containedctx // of the request; tells a cancelled body from a cut one
	cancel  context.CancelCauseFunc
	address string
	left    int64 // -1 when not known
}

func (g *granted) Read(p []byte) (int, error) {
	if g.left == 0 {
		return 0, io.EOF
	}
	if g.left > 0 && int64(len(p)) > g.left {
		p = p[:g.left]
	}
	n, err := g.body.Read(p)
	if g.left > 0 {
		g.left -= int64(n)
	}
	switch {
	case err == nil:
		return n, nil
	case errors.Is(err, io.EOF) && g.left <= 0:
		return n, io.EOF
	case errors.Is(err, io.EOF):
		err = io.ErrUnexpectedEOF
	}
	return n, unreachable(g.ctx, g.address, err)
}

func (g *granted) Close() error {
	g.cancel(nil)
	return g.body.Close()
}
