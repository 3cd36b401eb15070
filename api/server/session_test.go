package server

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"connectbackup/api"
)

func TestSignInTellsWhoAndWhere(t *testing.T) {
	w := newWorld(t)
	got := into[api.Session](w.call("POST", "/v1/session", signInAs(" Demo@ACME.example ")).want(201))
	if got.User.Name != "Alex Morgan" || !got.User.Can(api.PermissionCreate) || got.Organisation.Name != "Acme Trading" ||
		got.Organisation.Timezone != "Europe/Berlin" || got.Organisation.Locale != "en-GB" || !got.ExpiresAt.Equal(noon.Add(time.Hour)) {
		t.Errorf("got %#v", got.User)
	}
	r := w.call("GET", "/v1/session", nil, "Authorization: Bearer "+got.AccessToken).want(200)
	if s := into[api.Session](r); s.User.ID != got.User.ID || s.AccessToken != "" || s.RefreshToken != "" || !s.ExpiresAt.Equal(got.ExpiresAt) {
		t.Errorf("the session as asked for: %s", r.body)
	}
	if r.header.Get("Cache-Control") != "no-store" {
		t.Error("a session must not be cached")
	}
}

func TestSignInRefusesAlikeWhateverIsWrong(t *testing.T) {
	w := newWorld(t)
	wrong := signInAs("demo@acme.example")
	wrong.Password = "Demo-password"
	nobody := signInAs("nobody@acme.example")
	p, q := w.call("POST", "/v1/session", wrong), w.call("POST", "/v1/session", nobody)
	p.problem(401, api.CodeInvalidCredentials)
	q.problem(401, api.CodeInvalidCredentials)
	if !bytes.Equal(p.body, q.body) {
		t.Errorf("it can be seen who exists:\n%s\n%s", p.body, q.body)
	}
	w.call("POST", "/v1/session", signInAs("noor@acme.example")).problem(403, api.CodeAccountPending)
}

func TestOnlyFailedSignInsAreLimited(t *testing.T) {
	w := newWorld(t)
	for range 15 {
		w.demo()
	}
	wrong := signInAs("demo@acme.example")
	wrong.Password = "x"
	for range 10 {
		w.call("POST", "/v1/session", wrong).problem(401, api.CodeInvalidCredentials)
		w.clock.add(time.Second)
	}
	r := w.call("POST", "/v1/session", signInAs("demo@acme.example"))
	r.problem(429, api.CodeRateLimited)
	if got := r.header.Get("Retry-After"); got != "50" {
		t.Errorf("Retry-After %q, want the 50 s until the first failure is a minute old", got)
	}
	w.clock.add(50 * time.Second)
	w.demo()
}

func TestManySignInsAtOnceAreNotTakenForFailures(t *testing.T) { // a whole office behind one address
	w := newWorld(t)
	statuses := func(in api.SignIn, n int) map[int]int {
		got := map[int]int{}
		var mu sync.Mutex
		var all sync.WaitGroup
		for range n {
			all.Go(func() {
				r := w.call("POST", "/v1/session", in)
				mu.Lock()
				defer mu.Unlock()
				got[r.status]++
			})
		}
		all.Wait()
		return got
	}
	if got := statuses(signInAs("demo@acme.example"), 40); got[201] != 40 {
		t.Errorf("got %v", got)
	}
	wrong := signInAs("demo@acme.example")
	wrong.Password = "x"
	if got := statuses(wrong, 40); got[401] != 10 || got[429] != 30 {
		t.Errorf("wrong ones at once: %v", got)
	}
}

func TestALimitDoesNotOutliveAClockThatWasSetBack(t *testing.T) {
	clock := &testClock{t: noon}
	l := newLimiter(clock.now, 1)
	if l.take("a") != 0 || l.take("a") != time.Minute || l.take("b") != 0 {
		t.Fatal("the limit is not kept by key")
	}
	clock.add(-24 * time.Hour)
	if l.take("a") != 0 {
		t.Error("locked out for a day")
	}
}

func TestTokensEnd(t *testing.T) {
	w := newWorld(t)
	s := into[api.Session](w.call("POST", "/v1/session", signInAs("demo@acme.example")).want(201))
	auth := "Authorization: Bearer " + s.AccessToken
	w.clock.add(time.Hour - time.Second)
	w.call("GET", "/v1/session", nil, auth).want(200)
	w.clock.add(time.Second)
	w.call("GET", "/v1/session", nil, auth).problem(401, api.CodeSessionExpired)
	w.clock.set(noon.Add(90*24*time.Hour - time.Second))
	fresh := into[api.Session](w.call("POST", "/v1/session/refresh", api.Refresh{RefreshToken: s.RefreshToken}).want(200))
	w.call("GET", "/v1/session", nil, "Authorization: Bearer "+fresh.AccessToken).want(200)
	w.clock.add(90 * 24 * time.Hour)
	w.call("POST", "/v1/session/refresh", api.Refresh{RefreshToken: fresh.RefreshToken}).problem(401, api.CodeSessionExpired)
}

func TestAnOldRefreshTokenEndsTheSession(t *testing.T) {
	w := newWorld(t)
	s := into[api.Session](w.call("POST", "/v1/session", signInAs("demo@acme.example")).want(201))
	fresh := into[api.Session](w.call("POST", "/v1/session/refresh", api.Refresh{RefreshToken: s.RefreshToken}).want(200))
	if fresh.RefreshToken == s.RefreshToken || fresh.AccessToken == s.AccessToken || fresh.User.ID != s.User.ID {
		t.Error("tokens must rotate")
	}
	auth := "Authorization: Bearer " + fresh.AccessToken
	w.call("GET", "/v1/session", nil, auth).want(200)
	w.call("GET", "/v1/session", nil, "Authorization: Bearer "+s.AccessToken).want(200) // a download under way goes on
	if err := w.s.Sweep(t.Context()); err != nil {
		t.Fatal(err)
	}
	w.call("POST", "/v1/session/refresh", api.Refresh{RefreshToken: s.RefreshToken}).problem(401, api.CodeSessionExpired)
	w.call("GET", "/v1/session", nil, auth).problem(401, api.CodeSessionExpired)
	w.call("POST", "/v1/session/refresh", api.Refresh{RefreshToken: fresh.RefreshToken}).problem(401, api.CodeSessionExpired)
}

func TestSignOutEndsOneSessionOnly(t *testing.T) {
	w := newWorld(t)
	s := into[api.Session](w.call("POST", "/v1/session", signInAs("demo@acme.example")).want(201))
	other, auth := w.demo(), "Authorization: Bearer "+s.AccessToken
	w.call("DELETE", "/v1/session", nil, auth).want(204)
	w.call("GET", "/v1/session", nil, auth).problem(401, api.CodeSessionExpired)
	w.call("POST", "/v1/session/refresh", api.Refresh{RefreshToken: s.RefreshToken}).problem(401, api.CodeSessionExpired)
	w.call("GET", "/v1/session", nil, other).want(200)
}

func TestOnlyAccessTokensOpenTheDoor(t *testing.T) {
	w := newWorld(t)
	s := into[api.Session](w.call("POST", "/v1/session", signInAs("demo@acme.example")).want(201))
	for _, auth := range []string{"", "Bearer", "Bearer ", "Bearer x", "Basic " + s.AccessToken, s.AccessToken, "Bearer " + s.RefreshToken} {
		for _, at := range []string{"/v1/session", "/v1/modules", "/v1/backups", "/v1/backups/x", "/v1/backups/x/archive", "/v1/backups/x/manifest"} {
			r := w.call("GET", at, nil, "Authorization: "+auth)
			r.problem(401, api.CodeSessionExpired)
			if r.header.Get("WWW-Authenticate") == "" {
				t.Errorf("%s: a 401 names the way to sign in (RFC 9110, 11.6.1)", at)
			}
		}
	}
	w.call("GET", "/v1/session", nil, "Authorization: bearer "+s.AccessToken).want(200) // the scheme's case does not matter
}

func TestALockedAccountIsOut(t *testing.T) {
	w := newWorld(t)
	s := into[api.Session](w.call("POST", "/v1/session", signInAs("demo@acme.example")).want(201))
	if _, err := w.w.Exec("UPDATE users SET status = 'pending' WHERE email = 'demo@acme.example'"); err != nil {
		t.Fatal(err)
	}
	w.call("GET", "/v1/session", nil, "Authorization: Bearer "+s.AccessToken).problem(401, api.CodeSessionExpired)
	w.call("POST", "/v1/session/refresh", api.Refresh{RefreshToken: s.RefreshToken}).problem(403, api.CodeAccountPending)
}

func TestSecretsAreNotStoredAsTheyAre(t *testing.T) {
	w := newWorld(t)
	s := into[api.Session](w.call("POST", "/v1/session", signInAs("demo@acme.example")).want(201))
	w.close()
	files, err := filepath.Glob(filepath.Join(w.dir, "server.db*"))
	if err != nil || len(files) == 0 {
		t.Fatal(files, err)
	}
	for _, name := range files {
		b, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, secret := range []string{s.AccessToken, s.RefreshToken, demoPassword} {
			if bytes.Contains(b, []byte(secret)) {
				t.Errorf("%s holds %q", name, secret)
			}
		}
	}
	for _, secret := range []string{s.AccessToken, s.RefreshToken, demoPassword} {
		if strings.Contains(w.log.String(), secret) {
			t.Errorf("the log holds %q", secret)
		}
	}
}

func TestPasswordsAreArgon2id(t *testing.T) {
	cheap := argon
	argon.memory, argon.time = 19<<10, 2
	t.Cleanup(func() { argon = cheap })
	hash := hashPassword("s3cret ü")
	if !strings.HasPrefix(hash, "$argon2id$v=19$m=19456,t=2,p=1$") || hash == hashPassword("s3cret ü") {
		t.Errorf("got %s", hash)
	}
	argon = cheap // a stored hash names its own cost
	for password, want := range map[string]bool{"s3cret ü": true, "s3cret u": false, "": false} {
		if got, err := checkPassword(password, hash); got != want || err != nil {
			t.Errorf("%q: %v, %v", password, got, err)
		}
	}
	for _, damaged := range []string{"x", "$argon2id$v=19$m=1,t=1,p=1$!$!", strings.Replace(hash, "t=2", "t=0", 1), hash[:len(hash)-40]} {
		if ok, err := checkPassword("s3cret ü", damaged); ok || err == nil {
			t.Errorf("%q: %v, %v", damaged, ok, err)
		}
	}
}
