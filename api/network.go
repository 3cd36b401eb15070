package api

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"syscall"
	"time"
)

// Times after which a server counts as not answering.
const (
	dialTimeout = 10 * time.Second
	tlsTimeout  = 10 * time.Second
	// replyTimeout bounds the wait for the header of a reply, and for the
	// whole of a small one. The body of an archive has no limit of its own.
	replyTimeout = 30 * time.Second
)

// errNoReply is the cause when replyTimeout has passed.
var errNoReply = errors.New("no reply in time")

// newTransport makes the default transport. Archives go over HTTP/1.1, where
// every stream has a connection of its own.
func newTransport(http1 bool) *http.Transport {
	dialer := &net.Dialer{Timeout: dialTimeout, KeepAlive: 15 * time.Second}
	t := &http.Transport{
		Proxy: proxyFromEnvironment,
		OnProxyConnectResponse: func(_ context.Context, _ *url.URL, _ *http.Request, r *http.Response) error {
			if r.StatusCode != http.StatusOK {
				return &ProxyError{Status: r.StatusCode}
			}
			return nil
		},
		DialContext:           dialer.DialContext,
		TLSHandshakeTimeout:   tlsTimeout,
		TLSClientConfig:       &tls.Config{MinVersion: tls.VersionTLS12},
		ExpectContinueTimeout: time.Second,
		IdleConnTimeout:       90 * time.Second,
		MaxIdleConns:          16,
		MaxIdleConnsPerHost:   8,
		ForceAttemptHTTP2:     !http1,
	}
	if http1 {
		t.Protocols = new(http.Protocols)
		t.Protocols.SetHTTP1(true)
	}
	return t
}

// proxyFromEnvironment is http.ProxyFromEnvironment without the address, and
// the password in it, in its error.
func proxyFromEnvironment(r *http.Request) (*url.URL, error) {
	proxy, err := http.ProxyFromEnvironment(r)
	if err != nil {
		return nil, errors.New("the proxy named in the environment has no usable address")
	}
	return proxy, nil
}

// unreachable turns an error of net/http for a request to address into a
// typed one that holds no query, user or password. The error of a context
// that the caller ended stays as it is.
func unreachable(ctx context.Context, address string, err error) error {
	if cause := ctx.Err(); cause != nil {
		return cause
	}
	var redirect *RedirectError
	if errors.As(err, &redirect) {
		return redirect
	}
	var ue *url.Error
	if errors.As(err, &ue) {
		// Where the failing request went: perhaps to where a redirect led.
		if u, parseErr := url.Parse(ue.URL); parseErr == nil && u.Host != "" {
			address = ue.URL
		}
		err = ue.Err
	}
	text := err.Error()
	switch {
	case strings.HasPrefix(text, "failed to parse Location header"):
		return &RedirectError{From: withoutSecrets(address), Detail: "its target cannot be read"}
	case strings.Contains(text, "malformed HTTP"), strings.Contains(text, "readLoopPeekFailLocked: %!w(<nil>)"):
		// The second is net/http's word for a server that speaks first, as
		// those for mail and SSH do.
		return &NotConnectError{URL: withoutSecrets(address), Err: errors.New("malformed HTTP reply")}
	}
	return &UnreachableError{Host: hostOf(address), Reason: reasonOf(err), Err: err}
}

func hostOf(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return ""
	}
	return u.Host
}

// Errors of Winsock, which do not match the names of package syscall there.
const (
	wsaConnAborted = syscall.Errno(10053)
	wsaConnReset   = syscall.Errno(10054)
	wsaConnRefused = syscall.Errno(10061)
)

func reasonOf(err error) Reason {
	var dns *net.DNSError
	var timeout net.Error
	switch {
	case errors.As(err, &dns):
		if dns.IsTimeout {
			return ReasonTimeout
		}
		return ReasonUnknownHost
	case isTLSFault(err):
		return ReasonTLS
	case errors.Is(err, errNoReply), errors.Is(err, context.DeadlineExceeded),
		errors.As(err, &timeout) && timeout.Timeout():
		return ReasonTimeout
	case errors.Is(err, syscall.ECONNREFUSED), errors.Is(err, wsaConnRefused):
		return ReasonRefused
	case isCut(err):
		return ReasonCut
	}
	return ReasonNetwork
}

func isTLSFault(err error) bool {
	var (
		verify   *tls.CertificateVerificationError
		unknown  x509.UnknownAuthorityError
		invalid  x509.CertificateInvalidError
		hostname x509.HostnameError
		roots    x509.SystemRootsError
		record   tls.RecordHeaderError
		alert    tls.AlertError
	)
	return errors.As(err, &verify) || errors.As(err, &unknown) || errors.As(err, &invalid) ||
		errors.As(err, &hostname) || errors.As(err, &roots) || errors.As(err, &record) ||
		errors.As(err, &alert) || strings.Contains(err.Error(), "tls: ") ||
		strings.Contains(err.Error(), "server gave HTTP response to HTTPS client")
}

func isCut(err error) bool {
	for _, cut := range []error{
		io.EOF, io.ErrUnexpectedEOF, io.ErrClosedPipe,
		syscall.ECONNRESET, syscall.ECONNABORTED, syscall.EPIPE, wsaConnReset, wsaConnAborted,
	} {
		if errors.Is(err, cut) {
			return true
		}
	}
	text := err.Error()
	return strings.Contains(text, "http2: ") || strings.Contains(text, "stream error") ||
		strings.Contains(text, "server closed idle connection")
}

// isDial reports whether err says that no connection was made at all, so that
// the request was certainly not seen.
func isDial(err error) bool {
	var op *net.OpError
	return errors.As(err, &op) && op.Op == "dial"
}
