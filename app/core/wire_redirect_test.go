package core

import (
	"bytes"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"connectbackup/api"
	"connectbackup/device/download"
)

// to redirects there.
func to(address string) fault {
	return func(rep *reply) {
		*rep = reply{status: "302 Found", header: []string{"Location: " + address, "Content-Length: 0"}}
	}
}

// leads makes the site redirect every request to where says; nil: serve.
func (s *site) leads(where func(n int, r *http.Request) string) *site {
	serve := s.answer
	s.answer = func(n int, r *http.Request) *reply {
		if target := where(n, r); target != "" {
			rep := &reply{}
			to(target)(rep)
			return rep
		}
		return serve(n, r)
	}
	return s
}

// knows fails when a server was told the token, or where the client came from.
func (s *site) knowsNothing() {
	s.Helper()
	for _, r := range s.requests() {
		if text := fmt.Sprint(r.Header); strings.Contains(text, "SECRET") || r.Header.Get("Referer") != "" {
			s.Errorf("the other server was told %s", text)
		}
	}
}

// Archives may lie elsewhere. The token stays at home, the range goes along,
// and what is not safe is not followed.
func TestD39_Redirects(t *testing.T) {
	f := newContent(wireSize)
	always := func(target string) func(int, *http.Request) string {
		return func(int, *http.Request) string { return target }
	}
	t.Run("other port", func(t *testing.T) {
		store := newSite(t, f, cut(5000, fin))
		home := newSite(t, f).leads(always(store.url + "/signed?sig=1"))
		home.saves()
		store.asks("0-", "5000-")
		store.knowsNothing()
	})
	t.Run("other host", func(t *testing.T) {
		store := newSite(t, f, cut(5000, fin))
		home := newSite(t, f).leads(always(strings.Replace(store.url, "127.0.0.1", "localhost", 1) + "/signed"))
		home.saves()
		store.asks("0-", "5000-")
		store.knowsNothing()
	})
	t.Run("relative, at home", func(t *testing.T) {
		home := newSite(t, f, nil, cut(5000, fin)).leads(func(_ int, r *http.Request) string {
			if strings.HasSuffix(r.URL.Path, "/archive") {
				return "../../files/1.zip"
			}
			return ""
		})
		home.saves()
		home.asks("0-", "0-", "5000-", "5000-")
		for _, r := range home.requests() {
			if r.Header.Get("Authorization") != "Bearer access-SECRET" {
				t.Errorf("%s came without the token", r.URL)
			}
		}
	})
	t.Run("a signed address that has expired", func(t *testing.T) {
		store := newSite(t, f)
		good := store.answer
		used := map[string]bool{}
		store.answer = func(n int, r *http.Request) *reply {
			rep := good(n, r)
			if sig := r.URL.Query().Get("sig"); used[sig] {
				refuse("403 Forbidden")(rep)
			} else {
				used[sig] = true
				cut(len(rep.body)/2+1, fin)(rep)
			}
			return rep
		}
		home := newSite(t, f).leads(func(n int, _ *http.Request) string { return fmt.Sprint(store.url, "/signed?sig=", n) })
		if res := home.saves(); res.NewFetched != wireSize {
			t.Errorf("fetched %d", res.NewFetched)
		}
	})
	for name, row := range map[string]struct {
		hops int
		want error
	}{"five hops": {5, nil}, "six hops": {6, download.ErrUntrusted}} {
		t.Run(name, func(t *testing.T) {
			home := newSite(t, f).leads(func(_ int, r *http.Request) string {
				hop := 0
				if text, ok := strings.CutPrefix(r.URL.Path, "/hop/"); ok {
					if _, err := fmt.Sscan(text, &hop); err != nil {
						t.Error(err)
					}
				}
				if hop == row.hops {
					return ""
				}
				return fmt.Sprint("/hop/", hop+1)
			})
			if row.want == nil {
				home.saves()
			} else {
				home.fails(row.want)
			}
		})
	}
	for name, target := range map[string]string{
		"loop":         "",
		"no target":    "http://",
		"unreadable":   "http://[::1",
		"a file":       "file:///etc/passwd",
		"another kind": "ftp://127.0.0.1/x",
	} {
		t.Run(name, func(t *testing.T) {
			home := newSite(t, f)
			if target == "" {
				target = home.url + "/v1/backups/bkp_1/archive"
			}
			home.leads(always(target))
			home.fails(download.ErrUntrusted)
			if n := len(home.ranges()); n != 1 {
				t.Errorf("asked %d times", n)
			}
		})
	}
}

// Nothing secret stands in a log, in an error, or in what people are told,
// whatever goes wrong: not the token, not the signature of an address, not
// what a server repeats.
func TestD40_NoSecrets(t *testing.T) {
	f := newContent(wireSize)
	echo := func(rep *reply) {
		problem("403 Forbidden", api.CodePermissionDenied)(rep)
		rep.set("Location", "http://anna:SECRET@x.example/?sig=SECRET")
	}
	closed := newSite(t, f)
	closed.refuseConnections(true)
	for name, row := range map[string]struct {
		faults []fault
		leads  string
	}{
		"reset":              {faults: []fault{cut(5000, rst), cut(5000, rst), echo}},
		"refused":            {faults: []fault{echo}},
		"session":            {faults: []fault{problem("401 Unauthorized", api.CodeSessionExpired), problem("401 Unauthorized", api.CodeSessionExpired)}},
		"nonsense":           {faults: []fault{func(rep *reply) { rep.status = "twohundred SECRET" }, echo}},
		"not followed":       {leads: "ftp://anna:SECRET@x.example/signed?sig=SECRET#SECRET"},
		"unreadable":         {leads: "http://anna:SECRET@[::1?sig=SECRET"},
		"to nobody":          {leads: closed.url + "/signed?sig=SECRET"},
		"to a page":          {leads: newSite(t, f, refuse("200 OK"), refuse("200 OK")).url + "/signed?sig=SECRET"},
		"to a refusal":       {leads: newSite(t, f, echo, echo).url + "/signed?sig=SECRET"},
		"to what breaks off": {leads: newSite(t, f, cut(9, rst), refuse("404 Not Found")).url + "/signed?sig=SECRET"},
	} {
		t.Run(name, func(t *testing.T) {
			s := newSite(t, f, row.faults...)
			if row.leads != "" {
				s.leads(func(int, *http.Request) string { return row.leads })
			}
			c := s.config()
			if strings.HasPrefix(name, "to nobody") {
				c.GiveUp = 1
			}
			told := ""
			_, err := download.Fetch(t.Context(), c, f.request(), func(st download.State) {
				told += fmt.Sprintf("%+v %v\n", st, st.Err)
			})
			if err == nil {
				t.Fatal("no failure")
			}
			var chain bytes.Buffer
			for e := err; e != nil; e = errors.Unwrap(e) {
				fmt.Fprintf(&chain, "%v %+v %#v\n", e, e, e)
			}
			for where, text := range map[string]string{
				"log": s.log.String(), "error": chain.String(), "state": told, "words": Sentence(err),
			} {
				if strings.Contains(text, "SECRET") {
					t.Errorf("in the %s: %s", where, text)
				}
			}
			if s.log.Len() == 0 {
				t.Error("nothing was logged")
			}
			for _, r := range s.requests() {
				if strings.Contains(r.URL.String(), "SECRET") {
					t.Errorf("in the address %s", r.URL)
				}
			}
		})
	}
}
