package api

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"mime"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/go-resty/resty/v2"
)

// bodyMax is the longest reply, in bytes after decompression, that is read
// into memory.
const bodyMax = 16 << 20

var errTooLong = errors.New("the reply is too long")

// call is one small exchange in JSON.
type call struct {
	method, path string
	query        url.Values
	header       map[string]string
	body         any
	retry        retrying
	hold         time.Duration // how long the server was asked to hold the reply
	remember     bool          // ask with If-None-Match for what was seen before
}

// reply is what a server answered: status 200 to 299.
type reply struct {
	url, contentType string
	etag             string
	status           int
	body             []byte
	unchanged        bool // the body is the one seen before (304)
}

func (c call) key() string { return c.path + "?" + c.query.Encode() }

// send makes the call, and makes it again where that may help.
func (c *Client) send(ctx context.Context, q call, access string) (reply, error) {
	for n := 0; ; n++ {
		r, err := c.once(ctx, q, access)
		if err == nil {
			return r, nil
		}
		wait, again := q.retry.pause(n, err)
		if !again || ctx.Err() != nil {
			return reply{}, err
		}
		if err := c.sleep(ctx, wait); err != nil {
			return reply{}, err
		}
	}
}

// once makes one attempt.
func (c *Client) once(parent context.Context, q call, access string) (reply, error) {
	ctx, cancel := context.WithTimeoutCause(parent, c.timeout+q.hold, errNoReply)
	defer cancel()
	old, known, era := c.seen.get(q.key())
	known = known && q.remember
	req, err := c.request(ctx, q, access)
	if err != nil {
		return reply{}, err
	}
	if known {
		req.SetHeader("If-None-Match", old.etag)
	}
	address := c.base.String() + q.path
	if len(q.query) > 0 {
		address += "?" + q.query.Encode()
	}
	resp, err := req.Execute(q.method, address)
	if err != nil {
		return reply{}, c.lost(parent, ctx, address, err)
	}
	raw := resp.RawResponse
	defer discard(raw.Body)
	body, err := io.ReadAll(io.LimitReader(raw.Body, bodyMax+1))
	if err != nil {
		return reply{}, c.lost(parent, ctx, address, err)
	}
	r := reply{
		url: withoutSecrets(raw.Request.URL.String()), contentType: raw.Header.Get("Content-Type"),
		status: raw.StatusCode, body: body, etag: raw.Header.Get("ETag"),
	}
	switch {
	case len(body) > bodyMax:
		return reply{}, r.foreign(errTooLong)
	case raw.StatusCode == http.StatusNotModified && known:
		r.body, r.unchanged, r.contentType, r.etag = old.body, true, "application/json", old.etag
	case raw.StatusCode < 200 || raw.StatusCode > 299:
		return reply{}, c.failure(raw, r)
	case q.remember && isJSON(r.contentType):
		c.seen.put(q.key(), seenReply{raw.Header.Get("ETag"), body}, era)
	}
	return r, nil
}

// request prepares one attempt.
func (c *Client) request(ctx context.Context, q call, access string) (*resty.Request, error) {
	req := c.rest.R().SetContext(ctx).SetHeaders(q.header).SetHeader("Accept", "application/json, application/problem+json")
	if access != "" {
		req.SetHeader("Authorization", "Bearer "+access)
	}
	if q.body != nil {
		b, err := json.Marshal(q.body)
		if err != nil {
			return nil, err
		}
		req.SetHeader("Content-Type", "application/json").SetBody(b)
	}
	return req, nil
}

// lost is the error for a reply that did not come, or not wholly.
func (c *Client) lost(parent, ctx context.Context, address string, err error) error {
	if ctx.Err() != nil && parent.Err() == nil {
		err = errNoReply
	}
	return unreachable(parent, address, err)
}

// foreign says that r is not a reply of the contract.
func (r reply) foreign(err error) error {
	return &NotConnectError{URL: r.url, Status: r.status, ContentType: r.contentType, Err: err}
}

// order makes a call that a server answers by 204 alone. One that sends another
// 2xx without a body did it too; with one, something else has answered, such as
// the login page of a gateway.
func (c *Client) order(ctx context.Context, q call, access string) error {
	r, err := c.send(ctx, q, access)
	if err == nil && len(r.body) > 0 {
		err = r.foreign(nil)
	}
	return err
}

// failure is the error that a reply of another status than 2xx stands for.
func (c *Client) failure(raw *http.Response, r reply) error {
	away := isAway(raw)
	p := problemOf(raw, r.body, c.now())
	if p == nil && raw.StatusCode < 500 && raw.StatusCode != http.StatusTooManyRequests {
		return &NotConnectError{URL: r.url, Status: r.status, ContentType: r.contentType, away: away}
	}
	if p == nil { // a gateway in front of the server has trouble
		p = bareProblem(raw, c.now())
	}
	p.away = away
	return p
}

// problemOf reads a problem in the form of the contract; nil when it is none.
func problemOf(raw *http.Response, body []byte, now time.Time) *Problem {
	if !isJSON(raw.Header.Get("Content-Type")) {
		return nil
	}
	p := new(Problem)
	if err := json.Unmarshal(body, p); err == nil && p.Code != "" {
		p.Status = raw.StatusCode
		p.RequestID = raw.Header.Get("X-Request-Id")
		p.RetryAfter = retryAfter(raw.Header, now)
		return p
	}
	return nil
}

// bareProblem stands for a failure that came without a problem of the
// contract, as gateways and file servers answer.
func bareProblem(raw *http.Response, now time.Time) *Problem {
	codes := map[int]Code{
		http.StatusUnauthorized:                 CodeSessionExpired,
		http.StatusForbidden:                    CodePermissionDenied,
		http.StatusNotFound:                     CodeNotFound,
		http.StatusConflict:                     CodeBackupNotReady,
		http.StatusGone:                         CodeArchiveDeleted,
		http.StatusPreconditionFailed:           CodePreconditionFailed,
		http.StatusRequestedRangeNotSatisfiable: CodeRangeNotSatisfiable,
		http.StatusTooManyRequests:              CodeRateLimited,
		http.StatusServiceUnavailable:           CodeMaintenance,
		http.StatusInsufficientStorage:          CodeInsufficientStorage,
	}
	code, found := codes[raw.StatusCode]
	switch {
	case found:
	case raw.StatusCode >= 500:
		code = CodeInternal
	default:
		code = CodeValidation
	}
	return &Problem{
		Title: http.StatusText(raw.StatusCode), Status: raw.StatusCode, Code: code,
		RequestID: raw.Header.Get("X-Request-Id"), RetryAfter: retryAfter(raw.Header, now),
	}
}

func isJSON(contentType string) bool {
	media, _, err := mime.ParseMediaType(contentType)
	return err == nil && (media == "application/json" || strings.HasSuffix(media, "+json"))
}

// decode reads a reply as a T. It must be JSON and pass check, which says what
// is missing: any object would decode into an empty T.
func decode[T any](r reply, check func(*T) error) (T, error) {
	var value, none T
	if !isJSON(r.contentType) {
		return none, r.foreign(nil)
	}
	if err := json.Unmarshal(r.body, &value); err != nil {
		return none, r.foreign(err)
	}
	if err := check(&value); err != nil {
		return none, r.foreign(err)
	}
	return value, nil
}
