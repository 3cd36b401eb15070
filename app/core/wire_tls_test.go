//go:build linux

package core

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"math/big"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"sync/atomic"
	"testing"
	"time"

	"connectbackup/api"
	"connectbackup/device/download"
)

// authority is the one that this test process, as if it were the system,
// trusts: the shipped transport finds it where it finds the system's own.
var authority struct {
	cert *x509.Certificate
	key  *ecdsa.PrivateKey
}

// trustAuthority makes the authority. It must run before anything asks for the
// system's.
func trustAuthority(dir string) error {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return err
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "Test authority"},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		return err
	}
	if authority.cert, err = x509.ParseCertificate(der); err != nil {
		return err
	}
	authority.key = key
	file := filepath.Join(dir, "authority.pem")
	return errors.Join(
		os.WriteFile(file, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), 0o600),
		os.Setenv("SSL_CERT_FILE", file), os.Setenv("SSL_CERT_DIR", dir),
	)
}

// certificate is one for this machine by the authority, unless changed.
func certificate(t *testing.T, change func(*x509.Certificate), selfSigned bool) tls.Certificate {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	c := &x509.Certificate{
		SerialNumber: big.NewInt(2), Subject: pkix.Name{CommonName: "server"},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		DNSNames: []string{"localhost", "connect.test"}, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}
	if change != nil {
		change(c)
	}
	parent, signer := authority.cert, authority.key
	if selfSigned {
		parent, signer = c, key
	}
	der, err := x509.CreateCertificate(rand.Reader, c, parent, &key.PublicKey, signer)
	if err != nil {
		t.Fatal(err)
	}
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}
}

// newTLSSite serves over TLS with the shipped transport.
func newTLSSite(t *testing.T, config func() *tls.Config, f content, faults ...fault) *site {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := prepared(t, f, faults...)
	s.accept = func(c net.Conn) net.Conn { return tls.Server(c, config()) }
	s.url = "https://" + l.Addr().String()
	s.listen(l)
	return s
}

func with(c tls.Certificate) func() *tls.Config {
	return func() *tls.Config { return &tls.Config{Certificates: []tls.Certificate{c}} }
}

// A server that cannot prove who it is gets no request, no token, and no second
// chance: not with an older protocol, and not without encryption.
func TestD18_TLS(t *testing.T) {
	f := newContent(wireSize)
	good := certificate(t, nil, false)
	expired := certificate(t, func(c *x509.Certificate) { c.NotAfter = time.Now().Add(-time.Minute) }, false)
	t.Run("good", func(t *testing.T) {
		s := newTLSSite(t, with(good), f, cut(5000, rst), cut(9000, fin))
		if res := s.saves(); res.NewFetched != wireSize {
			t.Errorf("fetched %d", res.NewFetched)
		}
	})
	for name, config := range map[string]func() *tls.Config{
		"expired":       with(expired),
		"not yet valid": with(certificate(t, func(c *x509.Certificate) { c.NotBefore = time.Now().Add(10 * time.Minute) }, false)),
		"wrong host": with(certificate(t, func(c *x509.Certificate) {
			c.DNSNames, c.IPAddresses = []string{"connect.example"}, nil
		}, false)),
		"self-signed": with(certificate(t, nil, true)),
		"not a server's": with(certificate(t, func(c *x509.Certificate) {
			c.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth}
		}, false)),
		"TLS 1.1": func() *tls.Config {
			return &tls.Config{Certificates: []tls.Certificate{good}, MinVersion: tls.VersionTLS10, MaxVersion: tls.VersionTLS11}
		},
		"TLS 1.0": func() *tls.Config {
			return &tls.Config{Certificates: []tls.Certificate{good}, MinVersion: tls.VersionTLS10, MaxVersion: tls.VersionTLS10}
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newTLSSite(t, config, f)
			s.fails(download.ErrUntrusted)
			if n := s.dialled(); n != 1 || len(s.requests()) != 0 {
				t.Errorf("%d connections, %d requests", n, len(s.requests()))
			}
			var unreachable *api.UnreachableError
			if !errors.As(s.err, &unreachable) || unreachable.Reason != api.ReasonTLS {
				t.Errorf("%v", s.err)
			}
		})
	}
	t.Run("no TLS at all", func(t *testing.T) {
		s := newSite(t, f)
		s.url = "https" + s.url[4:]
		s.fails(download.ErrUntrusted)
		if n := len(s.requests()); n != 0 || s.dialled() != 1 {
			t.Errorf("%d connections, %d requests", s.dialled(), n)
		}
	})
	t.Run("expires in the middle", func(t *testing.T) {
		var old atomic.Bool
		config := func() *tls.Config {
			if old.Swap(true) {
				return with(expired)()
			}
			return with(good)()
		}
		s := newTLSSite(t, config, f, cut(5000, fin))
		s.fails(download.ErrUntrusted)
		s.asks("0-")
		mended := newTLSSite(t, with(good), f)
		mended.dir = s.dir
		if res := mended.saves(); res.Resumed != 5000 {
			t.Errorf("resumed %d", res.Resumed)
		}
	})
}

// A redirect from https to http is never followed, whoever accepted http.
func TestD39_RedirectToPlainHTTP(t *testing.T) {
	f := newContent(wireSize)
	plain := newSite(t, f)
	good := certificate(t, nil, false)
	s := newTLSSite(t, with(good), f).leads(func(int, *http.Request) string { return plain.url + "/signed" })
	s.fails(download.ErrUntrusted)
	if plain.dialled() != 0 {
		t.Error("the plain server was asked")
	}
	// To another https it is.
	store := newTLSSite(t, with(good), f, cut(5000, fin))
	home := newTLSSite(t, with(good), f).leads(func(int, *http.Request) string { return store.url + "/signed" })
	home.saves()
	store.knowsNothing()
}

// Through a proxy, https is a tunnel: the proxy sees names, no requests, and
// when it cuts, the rest comes through a new one. A proxy that answers in the
// server's place is not believed.
func TestD16_ProxiesOfHTTPS(t *testing.T) {
	f := newContent(wireSize)
	good := certificate(t, nil, false)
	t.Run("tunnel", func(t *testing.T) {
		s := newTLSSite(t, with(good), f)
		proxy := newTunnel(t, s.url[len("https://"):], 200_000)
		out := s.child("https://connect.test", 0, "HTTPS_PROXY=http://"+proxy.address)
		if out.Error != "" || out.Fetched != wireSize {
			t.Fatalf("%+v", out)
		}
		s.holds(f.data)
		if got := proxy.all(); len(got) != 2 || got[0] != "CONNECT connect.test:443" || proxy.leaked != "" {
			t.Errorf("the proxy was asked %v and told %q", got, proxy.leaked)
		}
		if r := s.requests()[0]; r.Header.Get("Authorization") != "Bearer access-SECRET" {
			t.Errorf("the server was told %v", r.Header)
		}
	})
	t.Run("in the middle", func(t *testing.T) {
		s := newTLSSite(t, with(certificate(t, nil, true)), f)
		proxy := newTunnel(t, s.url[len("https://"):], 200_000)
		if out := s.child("https://connect.test", 0, "HTTPS_PROXY=http://"+proxy.address); !out.Untrusted || len(s.requests()) != 0 {
			t.Errorf("%+v", out)
		}
	})
}
