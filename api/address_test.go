package api

import (
	"strings"
	"testing"
)

func TestNormaliseAddress(t *testing.T) {
	for in, want := range map[string]string{
		"connect.example.org":              "https://connect.example.org",
		"  connect.example.org/  ":         "https://connect.example.org",
		"HTTPS://Connect.Example.ORG///":   "https://connect.example.org",
		"https://connect.example.org:443":  "https://connect.example.org",
		"https://connect.example.org:8443": "https://connect.example.org:8443",
		"http://connect.example.org:80/":   "http://connect.example.org",
		"connect.example.org:8443":         "https://connect.example.org:8443",
		"connect.example.org/base/Path/":   "https://connect.example.org/base/Path",
		"https://müller.example":           "https://müller.example",
		"localhost":                        "http://localhost",
		"localhost:8480":                   "http://localhost:8480",
		"127.0.0.1:8480":                   "http://127.0.0.1:8480",
		"127.9.9.9":                        "http://127.9.9.9",
		"[::1]:8480":                       "http://[::1]:8480",
		"::1":                              "http://[::1]",
		"2001:db8::7":                      "https://[2001:db8::7]",
		"demo.localhost":                   "http://demo.localhost",
		"https://localhost:8480":           "https://localhost:8480",
		"localhost.example.org":            "https://localhost.example.org",
		"192.168.1.5":                      "https://192.168.1.5",
		"http://192.168.1.5:8480":          "http://192.168.1.5:8480",
	} {
		got, err := NormaliseAddress(in)
		if err != nil || got != want {
			t.Errorf("%q: got %q, %v; want %q", in, got, err, want)
			continue
		}
		if again, err := NormaliseAddress(got); err != nil || again != got {
			t.Errorf("%q is not left alone: %q, %v", got, again, err)
		}
	}
}

func TestNormaliseAddressRefuses(t *testing.T) {
	for _, in := range []string{
		"", "   ", "https://", "https:///path", "ftp://x.example", "file:///etc/passwd", "javascript://x", "https://x.example:0",
		"https://x.example:99999", "https://x.example:http", "https://a b.example", "https://x.example?q=SECRET", "https://x.example#SECRET",
		"https://anna:SECRET@x.example", "anna:SECRET@x.example", "https://[::1", "https://x\n.example", "://", "https://%zz",
		"https://anna:SE%ZZCRET@x.example",
	} {
		got, err := NormaliseAddress(in)
		if err == nil {
			t.Errorf("%q was taken for %q", in, got)
			continue
		}
		e := as[*AddressError](t, err)
		if e.Detail == "" || strings.Contains(err.Error(), "SECRET") || strings.Contains(err.Error(), "SE%ZZ") {
			t.Errorf("%q: %v", in, err)
		}
	}
}

func FuzzNormaliseAddress(f *testing.F) {
	for _, s := range []string{"a.example", "https://a/b/", "::1", "http://[::1]:80", "a@b", "x?y"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		got, err := NormaliseAddress(s)
		if err != nil {
			return
		}
		if again, err := NormaliseAddress(got); err != nil || again != got {
			t.Errorf("%q became %q, and that %q, %v", s, got, again, err)
		}
	})
}

func TestNewWantsEncryptionOffThisMachine(t *testing.T) {
	for address, refused := range map[string]bool{
		"http://connect.example.org": true, "http://192.168.1.5:8480": true, "http://localhost.example.org": true, "http://0.0.0.0": true,
		"http://127.0.0.1:1": false, "http://localhost": false, "http://[::1]:1": false, "https://connect.example.org": false,
		"connect.example.org": false,
	} {
		_, err := New(Options{BaseURL: address})
		if refused {
			isA[*InsecureError](t, err)
		} else if err != nil {
			t.Errorf("%s: %v", address, err)
		}
		if c, err := New(Options{BaseURL: address, AllowInsecure: true}); err != nil {
			t.Errorf("%s with the risk accepted: %v", address, err)
		} else if !strings.Contains(c.BaseURL(), "://") {
			t.Errorf("%s became %s", address, c.BaseURL())
		}
	}
	_, err := New(Options{})
	isA[*AddressError](t, err)
}
