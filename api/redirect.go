package api

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// redirectMax is how many redirects in a row are followed.
const redirectMax = 5

// harmless are the request headers that may go to another origin. It is a list
// of what is allowed, so that no custom credential slips through.
var harmless = []string{
	"Accept", "Accept-Encoding", "Accept-Language", "If-Match", "If-None-Match",
	"If-Range", "Prefer", "Range", "User-Agent",
}

// redirects is the policy for redirects. Resty's own policies copy every
// header to any port and scheme of a host, and net/http keeps Authorization on
// the way from https to http and custom headers on the way to anybody.
type redirects struct{ allowInsecure bool }

// Apply implements resty.RedirectPolicy.
func (p redirects) Apply(req *http.Request, via []*http.Request) error {
	first, last := via[0], via[len(via)-1]
	// Referer would tell the next server the path and query of this one.
	req.Header.Del("Referer")
	if detail := p.fault(req, via); detail != "" {
		return &RedirectError{
			From: withoutSecrets(last.URL.String()), To: withoutSecrets(req.URL.String()), Detail: detail,
		}
	}
	home := origin(first.URL)
	away := func(r *http.Request) bool { return origin(r.URL) != home }
	// Once away, never trusted again: the other server chose the way back.
	if !away(req) && !slices.ContainsFunc(via, away) {
		if auth := first.Header.Get("Authorization"); auth != "" {
			req.Header.Set("Authorization", auth)
		}
		return nil
	}
	for name := range req.Header {
		if !slices.Contains(harmless, name) {
			req.Header.Del(name)
		}
	}
	return nil
}

// fault says why a redirect is not followed; nothing if it is.
func (p redirects) fault(req *http.Request, via []*http.Request) string {
	first, last := via[0], via[len(via)-1]
	scheme := strings.ToLower(req.URL.Scheme)
	switch {
	case len(via) > redirectMax:
		return "too many redirects"
	case scheme != "https" && scheme != "http" || req.URL.Host == "":
		return "it does not lead to a web server"
	case scheme == "http" && strings.EqualFold(last.URL.Scheme, "https"):
		return "it leads from https to http"
	case isInsecure(req.URL) && !p.allowInsecure:
		return "it leads to a server without encryption"
	case req.Method != first.Method:
		return "it would turn " + first.Method + " into " + req.Method
	case origin(req.URL) != origin(last.URL) && req.Method != http.MethodGet && req.Method != http.MethodHead:
		return "it would hand what was sent to another server"
	case slices.ContainsFunc(via, func(r *http.Request) bool { return samePage(r.URL, req.URL) }):
		return "it leads in a circle"
	}
	return ""
}

func samePage(a, b *url.URL) bool {
	return origin(a) == origin(b) && a.EscapedPath() == b.EscapedPath() && a.RawQuery == b.RawQuery
}

// isAway reports whether a redirect to another origin led to a reply, which
// then says nothing about the session: it was asked without the token.
func isAway(raw *http.Response) bool {
	home := origin(raw.Request.URL)
	for r := raw.Request; r.Response != nil && r.Response.Request != nil; {
		r = r.Response.Request // the one that was redirected
		if origin(r.URL) != home {
			return true
		}
	}
	return false
}
