package api

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"errors"
	"io"
	"log"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"
)

func infoReply(w http.ResponseWriter, _ *http.Request) { sendJSON(w, 200, `{"api":"v1"}`) }

// both asks for the info and for an archive; both must fail alike.
func both(t *testing.T, address string, change func(*Options), check func(t *testing.T, err error)) {
	t.Helper()
	o := Options{BaseURL: address, Tokens: signedIn(), Sleep: (&naps{}).sleep}
	if change != nil {
		change(&o)
	}
	c, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	_, err = c.Info(t.Context())
	check(t, err)
	silentAbout(t, err)
	_, err = c.OpenArchive(t.Context(), "bkp_1", 0, -1, "")
	check(t, err)
	silentAbout(t, err)
}

func unreachableFor(reason Reason) func(t *testing.T, err error) {
	return func(t *testing.T, err error) {
		t.Helper()
		u := as[*UnreachableError](t, err)
		if u.Reason != reason || u.Host == "" || strings.Contains(u.Host, "/") {
			t.Errorf("host %q, reason %s: %v, want %s", u.Host, u.Reason, err, reason)
		}
	}
}

func TestNobodyListens(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := l.Addr().String()
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	both(t, address, nil, unreachableFor(ReasonRefused))
}

func TestUnknownHost(t *testing.T) {
	// No machine resolves .invalid (RFC 6761); the resolver here answers that
	// itself, so that the test needs no network.
	transport := newTransport(true)
	transport.DialContext = func(context.Context, string, string) (net.Conn, error) {
		return nil, &net.OpError{Op: "dial", Net: "tcp", Err: &net.DNSError{Err: "no such host", Name: "x.invalid", IsNotFound: true}}
	}
	both(t, "x.invalid", func(o *Options) { o.Transport = transport }, unreachableFor(ReasonUnknownHost))
}

func TestSlowServer(t *testing.T) {
	s := serve(t, func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() })
	c, n := client(t, s, signedIn())
	c.timeout, c.archive.timeout = 20*time.Millisecond, 20*time.Millisecond
	_, err := c.Info(t.Context())
	unreachableFor(ReasonTimeout)(t, err)
	if len(n.all()) != retryMax {
		t.Errorf("%d retries", len(n.all()))
	}
	_, err = c.OpenArchive(t.Context(), "bkp_1", 0, -1, "")
	unreachableFor(ReasonTimeout)(t, err)
}

// The time limit of an archive is for its header alone.
func TestASlowBodyIsNotCutOff(t *testing.T) {
	release := make(chan struct{})
	s := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Length", "4")
		w.WriteHeader(200)
		_, _ = io.WriteString(w, "ab")
		_ = http.NewResponseController(w).Flush()
		<-release
		_, _ = io.WriteString(w, "cd")
	})
	c, _ := client(t, s, signedIn())
	var body *ArchiveBody
	err := context.DeadlineExceeded
	for limit := 250 * time.Millisecond; err != nil && limit < time.Minute; limit *= 2 { // longer on a busy machine
		c.archive.timeout = limit
		body, err = c.OpenArchive(t.Context(), "bkp_1", 0, -1, "")
	}
	if err != nil {
		t.Fatal(err)
	}
	time.AfterFunc(c.archive.timeout+50*time.Millisecond, func() { close(release) })
	b, err := io.ReadAll(body)
	if err = errors.Join(err, body.Close()); err != nil || string(b) != "abcd" {
		t.Errorf("%q, %v", b, err)
	}
}

func TestTheCallersContextIsHeeded(t *testing.T) {
	for name, call := range map[string]func(context.Context, *Client) error{
		"info": func(ctx context.Context, c *Client) error { _, err := c.Info(ctx); return err },
		"archive": func(ctx context.Context, c *Client) error {
			_, err := c.OpenArchive(ctx, "bkp_1", 0, -1, "")
			return err
		},
	} {
		ctx, cancel := context.WithCancel(t.Context())
		s := serve(t, func(_ http.ResponseWriter, r *http.Request) { cancel(); <-r.Context().Done() })
		c, n := client(t, s, signedIn())
		if err := call(ctx, c); !errors.Is(err, context.Canceled) || len(n.all()) != 0 || len(s.requests()) != 1 {
			t.Errorf("%s: %v after %v, pauses %v", name, err, s.requests(), n.all())
		}
	}
}

// certificate makes a server certificate that an authority has signed, or that
// is signed by itself.
func certificate(t *testing.T, names []string, from, till time.Time, authority *tls.Certificate) tls.Certificate {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "test"}, NotBefore: from, NotAfter: till, DNSNames: names,
		KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign, IsCA: authority == nil, BasicConstraintsValid: true,
	}
	if len(names) == 0 {
		template.IPAddresses = []net.IP{net.IPv4(127, 0, 0, 1)}
	}
	parent, signer := template, any(key)
	if authority != nil {
		parent, signer = authority.Leaf, authority.PrivateKey
	}
	der, err := x509.CreateCertificate(rand.Reader, template, parent, &key.PublicKey, signer)
	if err != nil {
		t.Fatal(err)
	}
	leaf, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key, Leaf: leaf}
}

func TestTLS(t *testing.T) {
	now := time.Now()
	day := 24 * time.Hour
	authority := certificate(t, []string{"authority"}, now.Add(-day), now.Add(day), nil)
	roots := x509.NewCertPool()
	roots.AddCert(authority.Leaf)
	trusting := func(o *Options) {
		transport := newTransport(false)
		transport.TLSClientConfig.RootCAs = roots
		o.Transport = transport
	}
	for _, c := range []struct {
		name   string
		config *tls.Config
		ok     bool
	}{
		{"sound", &tls.Config{Certificates: []tls.Certificate{certificate(t, nil, now.Add(-day), now.Add(day), &authority)}}, true},
		{"expired", &tls.Config{Certificates: []tls.Certificate{certificate(t, nil, now.Add(-2*day), now.Add(-day), &authority)}}, false},
		{"not yet valid", &tls.Config{Certificates: []tls.Certificate{certificate(t, nil, now.Add(day), now.Add(2*day), &authority)}}, false},
		{"wrong host", &tls.Config{Certificates: []tls.Certificate{certificate(t, []string{"other.example"}, now.Add(-day), now.Add(day), &authority)}}, false},
		{"self-signed", &tls.Config{Certificates: []tls.Certificate{certificate(t, nil, now.Add(-day), now.Add(day), nil)}}, false},
		{"old TLS", &tls.Config{
			Certificates: []tls.Certificate{certificate(t, nil, now.Add(-day), now.Add(day), &authority)},
			MinVersion:   tls.VersionTLS10, MaxVersion: tls.VersionTLS11, //nolint:gosec // that is what must be refused
		}, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			asked := false
			s := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				asked = true
				if strings.HasSuffix(r.URL.Path, "archive") {
					archiveBytes(w, r)
					return
				}
				infoReply(w, r)
			}))
			s.Config.ErrorLog = log.New(io.Discard, "", 0)
			s.TLS = c.config
			s.StartTLS()
			defer s.Close()
			// Accepting http is not accepting any certificate.
			both(t, s.URL, func(o *Options) { trusting(o); o.AllowInsecure = true }, func(t *testing.T, err error) {
				if c.ok {
					if err != nil {
						t.Error(err)
					}
					return
				}
				unreachableFor(ReasonTLS)(t, err)
			})
			if asked != c.ok {
				t.Errorf("the server was asked: %v", asked)
			}
		})
	}
}

func TestTLSWhereThereIsNone(t *testing.T) {
	s := serve(t, infoReply)
	both(t, strings.Replace(s.URL, "http:", "https:", 1), nil, unreachableFor(ReasonTLS))
}

func TestSomethingElseThanHTTP(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			_, _ = io.WriteString(conn, "SSH-2.0-OpenSSH_9.2\r\n")
			_ = conn.Close()
		}
	}()
	both(t, l.Addr().String(), nil, func(t *testing.T, err error) {
		var n *NotConnectError
		var u *UnreachableError // when the reply came before the question
		if !errors.As(err, &n) && (!errors.As(err, &u) || u.Reason != ReasonCut) {
			t.Errorf("got %T %v", err, err)
		}
	})
}

func TestErrorsOfTheNetworkTellNoSecrets(t *testing.T) {
	transport := newTransport(true)
	transport.Proxy = func(*http.Request) (*url.URL, error) { return nil, errors.New("no proxy") }
	f := NewFetcher(FetchOptions{Transport: transport, Header: http.Header{"X-Key": {"SECRET"}}})
	_, err := f.Open(t.Context(), "https://anna:SECRET@127.0.0.1:1/x?sig=SECRET#SECRET", 0, -1, "")
	isA[*UnreachableError](t, err)
	silentAbout(t, err)
	for _, address := range []string{"http://anna:SECRET@x.example/?sig=SECRET", "anna:SECRET@x", "ftp://anna:SECRET@x", "https://anna:SECRET@/", "https://x.example:SE/%zz"} {
		_, err := f.Open(t.Context(), address, 0, -1, "")
		if err == nil {
			t.Errorf("%s was opened", address)
		}
		silentAbout(t, err)
	}
	isA[*InsecureError](t, func() error { _, err := f.Open(t.Context(), "http://x.example/", 0, -1, ""); return err }())
}

func TestProxies(t *testing.T) {
	proxy := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Proxy-Authorization") == "" {
			w.Header().Set("Proxy-Authenticate", "Basic")
			w.WriteHeader(407)
			return
		}
		infoReply(w, r)
	})
	via := func(user *url.Userinfo) *http.Transport {
		u, err := url.Parse(proxy.URL)
		if err != nil {
			t.Fatal(err)
		}
		u.User = user
		transport := newTransport(false)
		transport.Proxy = http.ProxyURL(u)
		return transport
	}
	ask := func(address string, transport http.RoundTripper) error {
		c, err := New(Options{BaseURL: address, Transport: transport, AllowInsecure: true, Sleep: (&naps{}).sleep})
		if err != nil {
			t.Fatal(err)
		}
		_, err = c.Info(t.Context())
		return err
	}
	if err := ask("http://connect.invalid", via(url.UserPassword("anna", "SECRET"))); err != nil {
		t.Error(err)
	}
	err := ask("http://connect.invalid", via(nil))
	if n := as[*NotConnectError](t, err); n.Status != 407 {
		t.Errorf("%+v", n)
	}
	err = ask("https://connect.invalid", via(nil)) // CONNECT is refused
	isA[*UnreachableError](t, err)
	if p := as[*ProxyError](t, err); p.Status != 407 {
		t.Errorf("%+v", p)
	}
	silentAbout(t, err)
}

func TestReasons(t *testing.T) {
	for _, c := range []struct {
		err  error
		want Reason
	}{
		{&net.DNSError{IsTimeout: true}, ReasonTimeout},
		{&net.DNSError{IsTemporary: true}, ReasonUnknownHost},
		{context.DeadlineExceeded, ReasonTimeout},
		{io.ErrUnexpectedEOF, ReasonCut},
		{io.ErrClosedPipe, ReasonCut},
		{&net.OpError{Op: "read", Err: wsaConnReset}, ReasonCut},
		{&net.OpError{Op: "dial", Err: wsaConnRefused}, ReasonRefused},
		{errors.New("http2: server sent GOAWAY and closed the connection"), ReasonCut},
		{errors.New("something new"), ReasonNetwork},
	} {
		if got := reasonOf(c.err); got != c.want {
			t.Errorf("%v: got %s, want %s", c.err, got, c.want)
		}
	}
}
