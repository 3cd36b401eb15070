package api

import (
	"context"
	"io"
	"net/http"
	"strings"
	"testing"
)

// send redirects to where.
func redirect(status int, where func(r *http.Request) string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Location", where(r))
		w.WriteHeader(status)
	}
}

func archiveBytes(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "application/zip")
	_, _ = io.WriteString(w, "PK-bytes")
}

// Credentials reach the origin they are for, and nobody else: not another
// port of the same host, not a custom header.
func TestRedirectsKeepCredentialsAtHome(t *testing.T) {
	for _, status := range []int{301, 302, 303, 307, 308} {
		other := serve(t, archiveBytes)
		home := serve(t, redirect(status, func(*http.Request) string { return other.URL + "/signed?sig=1" }))
		f := NewFetcher(FetchOptions{Header: http.Header{
			"Authorization": {"Bearer SECRET"}, "X-Api-Key": {"SECRET"}, "Cookie": {"s=SECRET"}, "Proxy-Authorization": {"SECRET"},
		}})
		body, err := f.Open(t.Context(), home.URL+"/private/SECRET?token=SECRET", 0, -1, `"e"`)
		if err != nil {
			t.Fatal(err)
		}
		if err := body.Close(); err != nil {
			t.Error(err)
		}
		if home.header(0, "Authorization") != "Bearer SECRET" || home.header(0, "X-Api-Key") != "SECRET" {
			t.Errorf("%d: the first server did not get what it needs", status)
		}
		for name, values := range other.asked[0].Header {
			if strings.Contains(strings.Join(values, " "), "SECRET") {
				t.Errorf("%d: the other server was told %s: %v", status, name, values)
			}
		}
		if other.header(0, "Range") != "bytes=0-" || other.header(0, "If-Range") != `"e"` || other.header(0, "Accept-Encoding") != "identity" {
			t.Errorf("%d: the range was lost: %v", status, other.asked[0].Header)
		}
	}
}

func TestRedirectsAtHomeKeepTheSession(t *testing.T) {
	home := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/v1/backups/bkp_1/archive" {
			redirect(302, func(*http.Request) string { return "../../files/1" })(w, r)
			return
		}
		archiveBytes(w, r)
	})
	c, _ := client(t, home, signedIn())
	body, err := c.OpenArchive(t.Context(), "bkp_1", 0, -1, "")
	if err != nil {
		t.Fatal(err)
	}
	_ = body.Close()
	if got := home.header(1, "Authorization"); got != "Bearer "+oldToken {
		t.Errorf("Authorization %q at %v", got, home.requests())
	}
}

// Whoever was led away and back is not trusted again.
func TestRedirectsThatComeBackBringNoCredentials(t *testing.T) {
	var home *site
	other := serve(t, redirect(302, func(*http.Request) string { return home.URL + "/chosen/by/other" }))
	home = serve(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/chosen/by/other" {
			archiveBytes(w, r)
			return
		}
		redirect(302, func(*http.Request) string { return other.URL })(w, r)
	})
	c, _ := client(t, home, signedIn())
	body, err := c.OpenArchive(t.Context(), "bkp_1", 0, -1, "")
	if err != nil {
		t.Fatal(err)
	}
	_ = body.Close()
	if got := home.header(1, "Authorization"); got != "" {
		t.Errorf("the token was sent to where another server led: %q", got)
	}
}

func TestRedirectsNotFollowed(t *testing.T) {
	plain := serve(t, archiveBytes)
	step := func(r *http.Request) string { return r.URL.Path + "x" }
	for _, c := range []struct {
		name  string
		where func(*http.Request) string
		asks  int // of the first server
	}{
		{"https to http", func(*http.Request) string { return plain.URL + "/?sig=SECRET" }, 1},
		{"to itself", func(r *http.Request) string { return r.URL.String() }, 1},
		{"in a circle", func(r *http.Request) string { return map[string]string{"/a": "/b", "/b": "/a"}[r.URL.Path] }, 2},
		{"six hops", step, 6},
		{"another scheme", func(*http.Request) string { return "ftp://x.example/?SECRET" }, 1},
		{"file", func(*http.Request) string { return "file:///etc/passwd" }, 1},
		{"no host", func(*http.Request) string { return "https:///x" }, 1},
		{"unreadable", func(*http.Request) string { return "https://%zz/?sig=SECRET" }, 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			secure := serveTLS(t, redirect(302, c.where))
			f := NewFetcher(FetchOptions{Transport: secure.Client().Transport})
			_, err := f.Open(t.Context(), secure.URL+"/a", 0, -1, "")
			e := as[*RedirectError](t, err)
			silentAbout(t, err)
			if e.Detail == "" || len(secure.requests()) != c.asks {
				t.Errorf("%v after %v", err, secure.requests())
			}
		})
	}
	if got := plain.requests(); len(got) != 0 {
		t.Errorf("the server without encryption was asked %v", got)
	}
}

func TestFiveRedirectsAreFollowed(t *testing.T) {
	home := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if len(r.URL.Path) == len("/axxxxx") {
			archiveBytes(w, r)
			return
		}
		redirect(302, func(r *http.Request) string { return r.URL.Path + "x" })(w, r)
	})
	body, err := NewFetcher(FetchOptions{}).Open(t.Context(), home.URL+"/a", 0, -1, "")
	if err != nil {
		t.Fatal(err)
	}
	_ = body.Close()
}

// A password or a refresh token is in the body: 307 and 308 would repeat it to
// whoever the server names.
func TestRedirectsNeverHandOverABody(t *testing.T) {
	other := serve(t, func(w http.ResponseWriter, _ *http.Request) { sendJSON(w, 201, sessionReply) })
	for _, status := range []int{301, 302, 303, 307, 308} {
		home := serve(t, redirect(status, func(*http.Request) string { return other.URL + "/v1/session" }))
		c, _ := client(t, home, &store{})
		_, err := c.SignIn(t.Context(), SignIn{Email: "a@x", Password: password})
		isA[*RedirectError](t, err)
		silentAbout(t, err)
	}
	if got := other.requests(); len(got) != 0 {
		t.Errorf("the other server was asked %v", got)
	}
}

func TestARefusalFromElsewhereDoesNotEndTheSession(t *testing.T) {
	other := serve(t, func(w http.ResponseWriter, _ *http.Request) { sendProblem(w, 401, CodeSessionExpired) })
	home := serve(t, redirect(302, func(*http.Request) string { return other.URL + "/x" }))
	tokens := signedIn()
	c, _ := client(t, home, tokens)
	_, err := c.OpenArchive(t.Context(), "bkp_1", 0, -1, "")
	if p := as[*Problem](t, err); p.Status != 401 {
		t.Errorf("%v", err)
	}
	_, err = c.Modules(t.Context())
	isA[*Problem](t, err)
	if len(home.requests()) != 2 || tokens.clears != 0 {
		t.Errorf("asked %v, tokens cleared %d times", home.requests(), tokens.clears)
	}
}

func TestRedirectToAnInsecureServerNeedsConsent(t *testing.T) {
	p := redirects{}
	ask := func(address string) *http.Request {
		r, err := http.NewRequestWithContext(context.Background(), http.MethodGet, address, nil)
		if err != nil {
			t.Fatal(err)
		}
		return r
	}
	via := []*http.Request{ask("http://127.0.0.1:1/x")}
	isA[*RedirectError](t, p.Apply(ask("http://connect.example/x"), via))
	if err := (redirects{allowInsecure: true}).Apply(ask("http://connect.example/x"), via); err != nil {
		t.Error(err)
	}
	if err := p.Apply(ask("https://connect.example/x"), via); err != nil {
		t.Error(err)
	}
}
