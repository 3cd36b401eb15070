package api

import (
	"context"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"sync"
	"sync/atomic"
	"time"

	"github.com/go-resty/resty/v2"
	"golang.org/x/sync/singleflight"
)

// Options of a Client.
type Options struct {
	// BaseURL is the address of the server; see NormaliseAddress.
	BaseURL string
	// Transport carries the requests; nil for the default one, with proxies
	// from the environment and timeouts for dialling and TLS.
	Transport http.RoundTripper
	// Tokens is where the session is kept. Load is called for every call.
	Tokens TokenStore
	// AllowInsecure: the person accepted http to another machine.
	AllowInsecure bool
	UserAgent     string
	// Log is told what fails without failing a call; nil for none.
	Log *slog.Logger
	// Clock and Sleep are what waiting between attempts goes by; nil for the
	// real ones. Sleep returns the error of a context that ended.
	Clock func() time.Time
	Sleep func(ctx context.Context, d time.Duration) error
}

// Client speaks the contract with one server. Its methods may be called from
// any number of goroutines; each blocks until the reply is there, the server
// counts as unreachable, or the context ends.
//
// Unless said otherwise their errors are *Problem, *UnreachableError,
// *NotConnectError, *RedirectError, *TokenStoreError, ErrSignedOut or the
// context's own. None of them holds a password or a token.
type Client struct {
	base    *url.URL
	rest    *resty.Client
	archive transfer
	tokens  TokenStore
	now     func() time.Time
	sleep   func(context.Context, time.Duration) error
	timeout time.Duration // for one attempt of a small call

	log     *slog.Logger
	storing sync.Mutex // held from reading the session to replacing it
	saving  sync.Mutex // held while unsaved tokens are saved
	unsaved atomic.Pointer[unsavedTokens]
	flight  singleflight.Group
	seen    seen
}

// New makes a client. An address that cannot be used is an *AddressError; one
// without TLS off this machine an *InsecureError, unless that is allowed.
func New(o Options) (*Client, error) {
	address, err := NormaliseAddress(o.BaseURL)
	if err != nil {
		return nil, err
	}
	base, err := url.Parse(address)
	if err != nil {
		return nil, &AddressError{Address: withoutSecrets(o.BaseURL), Detail: "it cannot be read as an address"}
	}
	if isInsecure(base) && !o.AllowInsecure {
		return nil, &InsecureError{Address: address}
	}
	c := &Client{base: base, tokens: o.Tokens, now: o.Clock, sleep: o.Sleep, timeout: replyTimeout}
	if c.now == nil {
		c.now = time.Now
	}
	if c.sleep == nil {
		c.sleep = sleep
	}
	if c.log = o.Log; c.log == nil {
		c.log = slog.New(slog.DiscardHandler)
	}
	if c.tokens == nil {
		c.tokens = &memoryTokens{}
	}
	small, large := o.Transport, o.Transport
	if o.Transport == nil {
		small, large = newTransport(false), newTransport(true)
	}
	c.rest = newREST(small, o.AllowInsecure, o.UserAgent)
	c.archive = transfer{rest: newREST(large, o.AllowInsecure, o.UserAgent), now: c.now, timeout: replyTimeout}
	return c, nil
}

// BaseURL is the normalised address of the server.
func (c *Client) BaseURL() string { return c.base.String() }

// CloseIdleConnections closes the connections that no call is using. Calls may
// still be made afterwards, over new ones.
func (c *Client) CloseIdleConnections() {
	c.rest.GetClient().CloseIdleConnections()
	c.archive.rest.GetClient().CloseIdleConnections()
}

// newREST makes the resty client under both kinds of calls. It keeps no
// cookies, has no total timeout, never retries by itself and never logs: resty
// in debug mode prints tokens.
func newREST(transport http.RoundTripper, allowInsecure bool, userAgent string) *resty.Client {
	if userAgent == "" {
		userAgent = "connect-backup"
	}
	return resty.NewWithClient(&http.Client{Transport: transport}).
		SetRedirectPolicy(redirects{allowInsecure: allowInsecure}).
		SetHeader("User-Agent", userAgent).
		SetLogger(silent{}).
		SetDisableWarn(true).
		SetDoNotParseResponse(true)
}

// silent is a resty logger that says nothing.
type silent struct{}

func (silent) Errorf(string, ...any) {}
func (silent) Warnf(string, ...any)  {}
func (silent) Debugf(string, ...any) {}

// discard reads a little of what is left of a reply that nobody wants, so that
// its connection can be used again, and closes it. What goes wrong with it
// concerns nobody.
func discard(body io.ReadCloser) {
	_, _ = io.CopyN(io.Discard, body, 4<<10)
	_ = body.Close()
}
