package api

import (
	"net"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
)

// NormaliseAddress turns what a person typed for a server into the base
// address of its contract: scheme and host in lower case, no slash at the end.
// Without a scheme it is https, except on this machine, where it is http. An
// address that cannot be used is an *AddressError, which never repeats a
// password that stood in it.
func NormaliseAddress(s string) (string, error) {
	bad := func(detail string) (string, error) {
		return "", &AddressError{Address: withoutSecrets(s), Detail: detail}
	}
	s = strings.TrimSpace(s)
	if s == "" {
		return bad("it is empty")
	}
	text := s
	if !strings.Contains(text, "://") {
		if ip, err := netip.ParseAddr(text); err == nil && ip.Is6() {
			text = "[" + text + "]"
		}
		text = "https://" + text
	}
	u, err := url.Parse(text)
	if err != nil {
		return bad("it cannot be read as an address")
	}
	if detail := addressFault(u); detail != "" {
		return bad(detail)
	}
	u.Scheme = strings.ToLower(u.Scheme)
	u.Host = strings.ToLower(u.Host)
	if text != s && isLoopback(u.Hostname()) {
		u.Scheme = "http"
	}
	u.Host = strings.TrimSuffix(u.Host, ":"+defaultPort(u.Scheme))
	return u.Scheme + "://" + u.Host + strings.TrimRight(u.EscapedPath(), "/"), nil
}

// addressFault says why u cannot be a server; nothing if it can.
func addressFault(u *url.URL) string {
	switch scheme := strings.ToLower(u.Scheme); {
	case scheme != "https" && scheme != "http":
		return "it does not begin with https:// or http://"
	case u.User != nil:
		return "a name or password does not belong into it"
	case u.Hostname() == "" || strings.ContainsAny(u.Hostname(), " \t\r\n"):
		return "it names no server"
	case u.RawQuery != "" || u.ForceQuery || u.Fragment != "":
		return "it has a ? or # part"
	}
	if port := u.Port(); port != "" {
		if n, err := strconv.ParseUint(port, 10, 16); err != nil || n == 0 {
			return "its port is not a number from 1 to 65535"
		}
	}
	return ""
}

// withoutSecrets is s without user, password, query and fragment, for error
// texts. It also works for what is not quite a URL.
func withoutSecrets(s string) string {
	if i := strings.IndexAny(s, "?#"); i >= 0 {
		s = s[:i]
	}
	scheme, rest, found := strings.Cut(s, "://")
	if !found {
		scheme, rest = "", s
	}
	if i := strings.LastIndexByte(rest, '@'); i >= 0 {
		rest = rest[i+1:]
	}
	if found {
		return scheme + "://" + rest
	}
	return rest
}

// isLoopback reports whether a host name is this machine by its form alone: a
// name that only happens to resolve to it is somebody else's to change.
func isLoopback(host string) bool {
	host = strings.TrimSuffix(strings.ToLower(host), ".")
	if host == "localhost" || strings.HasSuffix(host, ".localhost") {
		return true
	}
	ip, err := netip.ParseAddr(host)
	return err == nil && ip.Unmap().IsLoopback()
}

func defaultPort(scheme string) string {
	if scheme == "http" {
		return "80"
	}
	return "443"
}

// origin is scheme, host and port, the border that credentials never cross.
func origin(u *url.URL) string {
	scheme, port := strings.ToLower(u.Scheme), u.Port()
	if port == "" {
		port = defaultPort(scheme)
	}
	return scheme + "://" + net.JoinHostPort(strings.ToLower(u.Hostname()), port)
}

// isInsecure reports whether traffic with u could be read on its way.
func isInsecure(u *url.URL) bool {
	return strings.EqualFold(u.Scheme, "http") && !isLoopback(u.Hostname())
}
