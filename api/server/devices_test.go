package server

import (
	"slices"
	"strings"
	"testing"
	"time"

	"connectbackup/api"
)

// signedInOn signs in the demo's first user on a device.
func (w *world) signedInOn(device string) (auth string, session api.Session) {
	w.Helper()
	in := signInAs("demo@acme.example")
	in.Device.ID, in.Device.Name = device, "The "+device
	session = into[api.Session](w.call("POST", "/v1/session", in).want(201))
	return "Authorization: Bearer " + session.AccessToken, session
}

func (w *world) devices(auth string) (ids []string) {
	w.Helper()
	for _, d := range into[api.DeviceList](w.call("GET", "/v1/devices", nil, auth).want(200)).Items {
		ids = append(ids, d.ID)
	}
	return ids
}

func TestDevicesAreThoseOnWhichThePersonIsSignedIn(t *testing.T) {
	w := newWorld(t)
	phone, first := w.signedInOn("phone")
	w.clock.add(time.Minute)
	desk, _ := w.signedInOn("desk")
	w.clock.add(time.Minute)
	w.signedIn("maria@acme.example") // another person's
	if got := w.devices(desk); !slices.Equal(got, []string{"desk", "phone"}) {
		t.Fatalf("got %q", got)
	}
	d := into[api.DeviceList](w.call("GET", "/v1/devices", nil, phone).want(200)).Items[1]
	if d.ID != "phone" || d.Name != "The phone" || d.Platform != "linux" || d.AppVersion != "1" || !d.Current ||
		!d.CreatedAt.Equal(noon) || !d.SeenAt.Equal(noon) {
		t.Errorf("got %+v", d)
	}
	// Refreshing shows that it is alive, long after its first access token.
	w.clock.add(30 * 24 * time.Hour)
	fresh := into[api.Session](w.call("POST", "/v1/session/refresh", api.Refresh{RefreshToken: first.RefreshToken}).want(200))
	phone = "Authorization: Bearer " + fresh.AccessToken
	if got := into[api.DeviceList](w.call("GET", "/v1/devices", nil, phone).want(200)).Items[0]; got.ID != "phone" ||
		!got.CreatedAt.Equal(noon) || !got.SeenAt.Equal(w.clock.now()) {
		t.Errorf("got %+v", got)
	}
	w.clock.add(89 * 24 * time.Hour) // the desk has not been seen for longer than a session lives
	again := into[api.Session](w.call("POST", "/v1/session/refresh", api.Refresh{RefreshToken: fresh.RefreshToken}).want(200))
	phone = "Authorization: Bearer " + again.AccessToken
	if got := w.devices(phone); !slices.Equal(got, []string{"phone"}) {
		t.Errorf("got %q", got)
	}
	w.call("DELETE", "/v1/session", nil, phone).want(204)
	desk, _ = w.signedInOn("desk")
	if got := w.devices(desk); !slices.Equal(got, []string{"desk"}) {
		t.Errorf("signed out, but still there: %q", got)
	}
}

func TestARemovedDeviceIsOutAtOnce(t *testing.T) {
	w := newWorld(t)
	phone, session := w.signedInOn("phone")
	desk, _ := w.signedInOn("desk")
	maria := w.signedIn("maria@acme.example")
	w.call("DELETE", "/v1/devices/phone", nil, maria).problem(404, api.CodeNotFound)
	w.call("GET", "/v1/session", nil, phone).want(200)
	w.call("DELETE", "/v1/devices/phone", nil, desk).want(204)
	w.call("GET", "/v1/session", nil, phone).problem(401, api.CodeSessionExpired)
	w.call("POST", "/v1/session/refresh", api.Refresh{RefreshToken: session.RefreshToken}).problem(401, api.CodeSessionExpired)
	w.call("GET", "/v1/session", nil, desk).want(200)
	w.call("DELETE", "/v1/devices/phone", nil, desk).problem(404, api.CodeNotFound)
}

func TestADeviceCanBeRenamed(t *testing.T) {
	w := newWorld(t)
	auth, _ := w.signedInOn("phone")
	d := into[api.SignedInDevice](w.call("PATCH", "/v1/devices/phone", api.DeviceChange{Name: "  Anna’s phone "}, auth).want(200))
	if d.Name != "Anna’s phone" || !d.Current {
		t.Errorf("got %+v", d)
	}
	if b := w.create(auth, request("On the phone")); b.CreatedOn.Name != "Anna’s phone" {
		t.Errorf("made on %+v", b.CreatedOn)
	}
	for name, code := range map[string]api.FieldCode{" ": api.FieldRequired, "a\nb": api.FieldInvalid, strings.Repeat("ä", 81): api.FieldTooLong} {
		p := w.call("PATCH", "/v1/devices/phone", api.DeviceChange{Name: name}, auth).problem(422, api.CodeValidation)
		if len(p.Errors) != 1 || p.Errors[0].Field != "name" || p.Errors[0].Code != code {
			t.Errorf("%q: %+v", name, p.Errors)
		}
	}
	w.call("PATCH", "/v1/devices/desk", api.DeviceChange{Name: "x"}, auth).problem(404, api.CodeNotFound)
	p := w.call("POST", "/v1/session", api.SignIn{Email: "a", Password: "b", Device: api.Device{ID: "../x", Name: "x"}}).problem(422, api.CodeValidation)
	if len(p.Errors) != 1 || p.Errors[0].Field != "device.id" {
		t.Errorf("an ID that could not stand in a path: %+v", p.Errors)
	}
}

func TestATokenOpensWhatItsScopesSay(t *testing.T) {
	w := newWorld(t)
	auth := w.demo()
	made := into[api.CommandToken](w.call("POST", "/v1/tokens", api.NewCommandToken{Name: "Nightly", Scopes: []string{api.PermissionDownload}}, auth).want(201))
	if !strings.HasPrefix(made.Token, "cbt_") || !made.ExpiresAt.Equal(noon.Add(90*24*time.Hour)) || made.UsedAt != nil {
		t.Errorf("got %+v", made)
	}
	token := "Authorization: Bearer " + made.Token
	b := w.make(auth, request("For the night"))
	w.call("GET", "/v1/backups/"+b.ID+"/archive", nil, token).want(200)
	w.call("GET", "/v1/backups", nil, token).want(200)
	w.call("POST", "/v1/backups", request("x"), token, newKey()).problem(403, api.CodePermissionDenied)
	w.call("DELETE", "/v1/backups/"+b.ID, nil, token).problem(403, api.CodePermissionDenied)
	s := into[api.Session](w.call("GET", "/v1/session", nil, token).want(200))
	if !slices.Equal(s.User.Permissions, []string{api.PermissionDownload}) || !s.ExpiresAt.Equal(made.ExpiresAt) {
		t.Errorf("got %+v", s)
	}
	// What belongs to the person alone is not the token's.
	for _, at := range []string{"DELETE /v1/session", "GET /v1/tokens", "DELETE /v1/tokens/" + made.ID, "DELETE /v1/devices/dev_test"} {
		method, path, _ := strings.Cut(at, " ")
		w.call(method, path, nil, token).problem(403, api.CodePermissionDenied)
	}
	w.call("POST", "/v1/tokens", api.NewCommandToken{Name: "x", Scopes: []string{}}, token).problem(403, api.CodePermissionDenied)
	w.call("PATCH", "/v1/devices/dev_test", api.DeviceChange{Name: "x"}, token).problem(403, api.CodePermissionDenied)
	listed := into[api.CommandTokenList](w.call("GET", "/v1/tokens", nil, auth).want(200)).Items
	if len(listed) != 1 || listed[0].Token != "" || listed[0].UsedAt == nil || listed[0].Name != "Nightly" {
		t.Errorf("got %+v", listed)
	}
	// A permission that the person loses is lost to the token.
	if _, err := w.w.Exec("UPDATE users SET permissions = '[]' WHERE email = 'demo@acme.example'"); err != nil {
		t.Fatal(err)
	}
	w.call("GET", "/v1/backups/"+b.ID+"/archive", nil, token).problem(403, api.CodePermissionDenied)
	w.call("POST", "/v1/tokens", api.NewCommandToken{Name: "x", Scopes: []string{api.PermissionCreate}}, auth).problem(403, api.CodePermissionDenied)
}

func TestTokensEndByTimeAndByHand(t *testing.T) {
	w := newWorld(t)
	auth := w.demo()
	at := noon.Add(time.Hour)
	short := into[api.CommandToken](w.call("POST", "/v1/tokens", api.NewCommandToken{Name: "Short", Scopes: []string{}, ExpiresAt: &at}, auth).want(201))
	long := into[api.CommandToken](w.call("POST", "/v1/tokens", api.NewCommandToken{Name: "Long", Scopes: []string{}}, auth).want(201))
	w.clock.add(time.Hour - time.Millisecond)
	w.call("GET", "/v1/backups", nil, "Authorization: Bearer "+short.Token).want(200)
	w.clock.add(time.Millisecond)
	w.call("GET", "/v1/backups", nil, "Authorization: Bearer "+short.Token).problem(401, api.CodeSessionExpired)
	auth = w.demo()
	if listed := into[api.CommandTokenList](w.call("GET", "/v1/tokens", nil, auth).want(200)).Items; len(listed) != 1 {
		t.Errorf("an ended one is listed: %+v", listed)
	}
	w.call("DELETE", "/v1/tokens/"+long.ID, nil, w.signedIn("maria@acme.example")).problem(404, api.CodeNotFound)
	w.call("DELETE", "/v1/tokens/"+long.ID, nil, auth).want(204)
	w.call("GET", "/v1/backups", nil, "Authorization: Bearer "+long.Token).problem(401, api.CodeSessionExpired)
	for _, bad := range []time.Time{w.clock.now(), w.clock.now().Add(-time.Hour), w.clock.now().Add(367 * 24 * time.Hour)} {
		p := w.call("POST", "/v1/tokens", api.NewCommandToken{Name: "x", Scopes: []string{}, ExpiresAt: &bad}, auth).problem(422, api.CodeValidation)
		if len(p.Errors) != 1 || p.Errors[0].Code != api.FieldOutOfWindow {
			t.Errorf("%v: %+v", bad, p.Errors)
		}
	}
	w.call("POST", "/v1/tokens", `{"name":"x","scopes":["everything"]}`, auth).problem(422, api.CodeValidation)
	for range commandTokensMax {
		w.call("POST", "/v1/tokens", api.NewCommandToken{Name: "x", Scopes: []string{}}, auth).want(201)
	}
	if r := w.call("POST", "/v1/tokens", api.NewCommandToken{Name: "x", Scopes: []string{}}, auth); r.problem(429, api.CodeRateLimited).Status != 429 || r.header.Get("Retry-After") == "" {
		t.Errorf("got %v", r.header)
	}
	w.close()
	w.open()
	if n := w.count("SELECT COUNT(*) FROM command_tokens WHERE instr(hash, ?) > 0 OR name = ?", short.Token, short.Token); n != 0 {
		t.Error("a secret is stored")
	}
}

// When nothing can be written a token still opens what can be read, and what
// it was used for last is noted as soon as it can be.
func TestATokenIsGoodWhereItsUseCannotBeNoted(t *testing.T) {
	for name, c := range map[string]struct{ fault, end string }{
		"read only": {"PRAGMA query_only = 1", "PRAGMA query_only = 0"},
		"full": {
			"CREATE TRIGGER full BEFORE UPDATE ON command_tokens BEGIN SELECT RAISE(FAIL, 'database or disk is full'); END",
			"DROP TRIGGER full",
		},
	} {
		w := newWorld(t)
		auth := w.demo()
		b := w.make(auth, request("Saved"))
		made := into[api.CommandToken](w.call("POST", "/v1/tokens", api.NewCommandToken{Name: "Nightly", Scopes: []string{api.PermissionDownload}}, auth).want(201))
		token := "Authorization: Bearer " + made.Token
		if _, err := w.w.Exec(c.fault); err != nil {
			t.Fatal(err)
		}
		for _, path := range []string{"/v1/backups", "/v1/backups/" + b.ID + "/archive"} {
			if r := w.call("GET", path, nil, token); r.status != 200 {
				t.Errorf("%s: %s: got %d %s", name, path, r.status, r.body)
			}
		}
		if !strings.Contains(w.log.String(), "use of a token not noted") {
			t.Errorf("%s: nobody is told: %s", name, w.log)
		}
		if _, err := w.w.Exec(c.end); err != nil {
			t.Fatal(err)
		}
		w.call("GET", "/v1/backups", nil, token).want(200)
		if n := w.count("SELECT COUNT(*) FROM command_tokens WHERE used_at IS NOT NULL"); n != 1 {
			t.Errorf("%s: it is not noted later", name)
		}
		w.close()
	}
}
