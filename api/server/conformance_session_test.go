package server

import (
	"bytes"
	"encoding/json"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"connectbackup/api"
)

var replyRules = []rule{
	{"has Date and an X-Request-Id of its own, also when it is a problem", func(c *check) {
		for _, path := range []string{"/v1/info", "/v1/info", "/v1/nothing", "/v1/session", "/v1/backups"} {
			c.call("GET", path, nil) // call looks
		}
	}},
	{"to an unknown path is 404 not-found", func(c *check) {
		for _, path := range []string{"/", "/v1", "/v1/nothing", "/v1/info/", "/v1//info", "/v2/info"} {
			c.call("GET", path, nil).problem(404, api.CodeNotFound)
		}
	}},
	{"to a method that the path does not have is 405 method-not-allowed with Allow", func(c *check) {
		for path, allow := range map[string]string{"/v1/info": "GET", "/v1/session": "POST", "/v1/backups": "POST", "/v1/backups/x/archive": "GET"} {
			r := c.call("PUT", path, nil)
			r.problem(405, api.CodeMethodNotAllowed)
			if got := strings.Split(r.header.Get("Allow"), ", "); !slices.Contains(got, allow) || slices.Contains(got, "PUT") {
				c.Errorf("%s: Allow %q", path, got)
			}
		}
	}},
	{"to a body that is no JSON is 400 validation", func(c *check) {
		for _, body := range []string{"", "{", "x", `{"email":"a"} x`} {
			c.call("POST", "/v1/session", body).problem(400, api.CodeValidation)
		}
	}},
	{"to a body that is not called JSON is 415 validation", func(c *check) {
		c.call("POST", "/v1/session", "email=a", "Content-Type: application/x-www-form-urlencoded").problem(415, api.CodeValidation)
	}},
	{"to a body of more than 64 KiB is 413 validation", func(c *check) {
		c.call("POST", "/v1/session", `{"email":"`+strings.Repeat("a", 70<<10)+`"}`).problem(413, api.CodeValidation)
	}},
	{"names every missing field by its path", func(c *check) {
		got := c.call("POST", "/v1/session", `{"password":"x","device":{"name":"x"}}`).fieldErrors()
		for _, field := range []string{"email", "device.id", "device.platform", "device.app_version"} {
			if got[field] != api.FieldRequired {
				c.Errorf("%s: %q of %v", field, got[field], got)
			}
		}
	}},
	{"never repeats what was sent", func(c *check) {
		const secret = "s3cret-of-the-suite"
		for _, body := range []string{`{"email":"a@b","password":"` + secret, `{"email":["` + secret + `"],"password":{"x":"` + secret + `"}}`, `"` + secret + `"`} {
			if r := c.call("POST", "/v1/session", body); bytes.Contains(r.body, []byte(secret)) {
				c.Errorf("%s", r.body)
			}
		}
	}},
	{"to unknown fields and parameters is as without them", func(c *check) {
		c.call("GET", "/v1/backups?limit=1&colour=red", nil, c.auth()).want(200)
		c.call("POST", "/v1/backups/estimate", `{"from":"`+c.day(-3).String()+`","till":"`+c.day(0).String()+`","colour":"red"}`, c.auth()).want(200)
	}},
	{"that is a problem is kept by no cache", func(c *check) {
		if r := c.call("GET", "/v1/nothing", nil); r.header.Get("Cache-Control") != "no-store" {
			c.Errorf("Cache-Control %q", r.header.Get("Cache-Control"))
		}
	}},
}

var infoRules = []rule{
	{"tells anybody its version, limits and retention", func(c *check) {
		i := into[api.Info](c.call("GET", "/v1/info", nil).want(200))
		if i.API != api.Version || i.Server == "" || !slices.Contains(i.Auth, "password") {
			c.Errorf("got %+v", i)
		}
		if i.Limits.TitleMax != 80 || i.Limits.RangeMaxMonths != 24 || i.Limits.ActiveMax < 1 || i.Limits.PageMax != 100 ||
			i.Retention.DataMonths != 24 || i.Retention.ArchiveMonths != 24 || len(i.Retention.ReminderDays) == 0 {
			c.Errorf("got %+v %+v", i.Limits, i.Retention)
		}
	}},
}

// guarded are endpoints that need somebody.
var guarded = []string{
	"GET /v1/session", "DELETE /v1/session", "GET /v1/devices", "DELETE /v1/devices/x", "GET /v1/tokens", "DELETE /v1/tokens/x",
	"GET /v1/modules", "GET /v1/backups", "GET /v1/backups/x", "DELETE /v1/backups/x", "POST /v1/backups/x/cancel",
	"GET /v1/backups/x/archive", "GET /v1/backups/x/manifest", "GET /v1/backups/x/downloads", "GET /v1/events", "GET /v1/retention",
}

var sessionRules = []rule{
	{"begins with e-mail, password and device, and tells who and where", func(c *check) {
		s := c.signIn(c.full, "phone")
		if s.AccessToken == "" || s.RefreshToken == "" || s.User.ID == "" || s.User.Name == "" || s.Organisation.ID == "" || s.Organisation.Timezone == "" {
			c.Errorf("got %+v %+v", s.User, s.Organisation)
		}
		if _, err := time.LoadLocation(s.Organisation.Timezone); err != nil {
			c.Error(err)
		}
	}},
	{"compares e-mails without case and surrounding spaces", func(c *check) {
		c.signIn(account{" " + strings.ToUpper(c.full.email) + " ", c.full.password}, "phone")
	}},
	{"refuses a wrong password and an unknown e-mail alike, with 401 invalid-credentials", func(c *check) {
		wrong := func(email string) reply {
			in := api.SignIn{Email: email, Password: "wrong " + c.run, Device: api.Device{ID: "x", Name: "x"}}
			return c.patiently(func() reply { return c.call("POST", "/v1/session", in) })
		}
		a, b := wrong(c.full.email), wrong("nobody-"+c.run+"@connect.example")
		a.problem(401, api.CodeInvalidCredentials)
		b.problem(401, api.CodeInvalidCredentials)
		if !bytes.Equal(a.body, b.body) {
			c.Errorf("it can be seen who exists: %s %s", a.body, b.body)
		}
	}},
	{"of an account that is not released is refused with 403 account-pending", func(c *check) {
		if c.pending.email == "" {
			c.Skip("nobody is named whose account is pending")
		}
		in := api.SignIn{Email: c.pending.email, Password: c.pending.password, Device: api.Device{ID: "x", Name: "x"}}
		c.patiently(func() reply { return c.call("POST", "/v1/session", in) }).problem(403, api.CodeAccountPending)
	}},
	{"is needed everywhere else: 401 session-expired with WWW-Authenticate", func(c *check) {
		for _, at := range guarded {
			method, path, _ := strings.Cut(at, " ")
			for _, header := range []string{"X-None: 1", "Authorization: Bearer wrong", "Authorization: Basic eDp5"} {
				r := c.call(method, path, nil, header)
				r.problem(401, api.CodeSessionExpired)
				if r.header.Get("WWW-Authenticate") == "" {
					c.Errorf("%s: no WWW-Authenticate", at)
				}
			}
		}
	}},
	{"is shown without its tokens, and kept by no cache", func(c *check) {
		s := c.signIn(c.full, "phone")
		r := c.call("GET", "/v1/session", nil, bearer(s.AccessToken)).want(200)
		got := into[api.Session](r)
		if got.AccessToken != "" || got.RefreshToken != "" || got.User.ID != s.User.ID || !got.ExpiresAt.Equal(s.ExpiresAt) || r.header.Get("Cache-Control") != "no-store" {
			c.Errorf("%s", r.body)
		}
		c.call("GET", "/v1/session", nil, "Authorization: bEARER "+s.AccessToken).want(200)
		c.call("GET", "/v1/session", nil, bearer(s.RefreshToken)).problem(401, api.CodeSessionExpired)
	}},
	{"gets two new tokens for a refresh token, and earlier access tokens stay good", func(c *check) {
		s := c.signIn(c.full, "phone")
		fresh := into[api.Session](c.call("POST", "/v1/session/refresh", api.Refresh{RefreshToken: s.RefreshToken}).want(200))
		if fresh.AccessToken == s.AccessToken || fresh.RefreshToken == s.RefreshToken || fresh.User.ID != s.User.ID {
			c.Error("they do not rotate")
		}
		c.call("GET", "/v1/session", nil, bearer(fresh.AccessToken)).want(200)
		c.call("GET", "/v1/session", nil, bearer(s.AccessToken)).want(200)
	}},
	{"ends when a refresh token is used twice", func(c *check) {
		s := c.signIn(c.full, "phone")
		fresh := into[api.Session](c.call("POST", "/v1/session/refresh", api.Refresh{RefreshToken: s.RefreshToken}).want(200))
		c.call("POST", "/v1/session/refresh", api.Refresh{RefreshToken: s.RefreshToken}).problem(401, api.CodeSessionExpired)
		c.call("GET", "/v1/session", nil, bearer(fresh.AccessToken)).problem(401, api.CodeSessionExpired)
		c.call("POST", "/v1/session/refresh", api.Refresh{RefreshToken: fresh.RefreshToken}).problem(401, api.CodeSessionExpired)
	}},
	{"is not given for an unknown refresh token, nor for an access token", func(c *check) {
		s := c.signIn(c.full, "phone")
		for _, token := range []string{"wrong", s.AccessToken} {
			c.call("POST", "/v1/session/refresh", api.Refresh{RefreshToken: token}).problem(401, api.CodeSessionExpired)
		}
	}},
	{"ends by signing out, and others go on", func(c *check) {
		one, two := c.signIn(c.full, "phone"), c.signIn(c.full, "phone")
		c.call("DELETE", "/v1/session", nil, bearer(one.AccessToken)).want(204)
		c.call("GET", "/v1/session", nil, bearer(one.AccessToken)).problem(401, api.CodeSessionExpired)
		c.call("POST", "/v1/session/refresh", api.Refresh{RefreshToken: one.RefreshToken}).problem(401, api.CodeSessionExpired)
		c.call("GET", "/v1/session", nil, bearer(two.AccessToken)).want(200)
	}},
}

func (c *check) devicesOf(auth string) []api.SignedInDevice {
	c.Helper()
	return into[api.DeviceList](c.call("GET", "/v1/devices", nil, auth).want(200)).Items
}

func byID(id string) func(api.SignedInDevice) bool {
	return func(d api.SignedInDevice) bool { return d.ID == id }
}

var deviceRules = []rule{
	{"is listed once a person is signed in on it, and the one that asks is current", func(c *check) {
		one, two := c.signIn(c.full, "one"), c.signIn(c.full, "two")
		for id, auth := range map[string]string{"one_" + c.run: bearer(one.AccessToken), "two_" + c.run: bearer(two.AccessToken)} {
			list := c.devicesOf(auth)
			for _, d := range list {
				if d.Current != (d.ID == id) || d.SeenAt.Before(d.CreatedAt) {
					c.Errorf("asked on %s: %+v", id, d)
				}
			}
			if !slices.ContainsFunc(list, byID("one_"+c.run)) || !slices.ContainsFunc(list, byID("two_"+c.run)) {
				c.Errorf("got %+v", list)
			}
		}
	}},
	{"can be renamed, within 1 to 80 characters", func(c *check) {
		auth := bearer(c.signIn(c.full, "one").AccessToken)
		path := "/v1/devices/one_" + c.run
		if d := into[api.SignedInDevice](c.call("PATCH", path, api.DeviceChange{Name: " Anna’s phone "}, auth).want(200)); d.Name != "Anna’s phone" || !d.Current {
			c.Errorf("got %+v", d)
		}
		for name, code := range map[string]api.FieldCode{"": api.FieldRequired, " ": api.FieldRequired, strings.Repeat("ä", 81): api.FieldTooLong, "a\nb": api.FieldInvalid} {
			if got := c.call("PATCH", path, api.DeviceChange{Name: name}, auth).fieldErrors(); got["name"] != code {
				c.Errorf("%q: %v", name, got)
			}
		}
		c.call("PATCH", "/v1/devices/none_"+c.run, api.DeviceChange{Name: "x"}, auth).problem(404, api.CodeNotFound)
	}},
	{"is signed out at once when it is removed, and no longer listed", func(c *check) {
		one, two := c.signIn(c.full, "one"), bearer(c.signIn(c.full, "two").AccessToken)
		c.call("DELETE", "/v1/devices/one_"+c.run, nil, two).want(204)
		c.call("GET", "/v1/session", nil, bearer(one.AccessToken)).problem(401, api.CodeSessionExpired)
		c.call("POST", "/v1/session/refresh", api.Refresh{RefreshToken: one.RefreshToken}).problem(401, api.CodeSessionExpired)
		if slices.ContainsFunc(c.devicesOf(two), byID("one_"+c.run)) {
			c.Error("it is listed")
		}
		c.call("DELETE", "/v1/devices/one_"+c.run, nil, two).problem(404, api.CodeNotFound)
	}},
	{"is its person's own", func(c *check) {
		auth := bearer(c.signIn(c.full, "own").AccessToken)
		reader := c.as(c.reader)
		c.call("DELETE", "/v1/devices/own_"+c.run, nil, reader).problem(404, api.CodeNotFound)
		c.call("GET", "/v1/session", nil, auth).want(200)
	}},
}

// token makes a command token.
func (c *check) token(scopes ...string) api.CommandToken {
	c.Helper()
	if scopes == nil {
		scopes = []string{}
	}
	return into[api.CommandToken](c.call("POST", "/v1/tokens", api.NewCommandToken{Name: "Suite", Scopes: scopes}, c.auth()).want(201))
}

var tokenRules = []rule{
	{"tells its secret once, and is listed without it", func(c *check) {
		t := c.token(api.PermissionDownload)
		if t.Token == "" || t.ID == "" || !t.ExpiresAt.After(t.CreatedAt) || !slices.Equal(t.Scopes, []string{api.PermissionDownload}) {
			c.Errorf("got %+v", t)
		}
		r := c.call("GET", "/v1/tokens", nil, c.auth()).want(200)
		if bytes.Contains(r.body, []byte(t.Token)) || !bytes.Contains(r.body, []byte(t.ID)) {
			c.Errorf("%s", r.body)
		}
	}},
	{"reads, and does what its scopes say and no more", func(c *check) {
		auth := bearer(c.token().Token)
		c.call("GET", "/v1/backups", nil, auth).want(200)
		c.call("GET", "/v1/modules", nil, auth).want(200)
		c.call("POST", "/v1/backups", c.small(), auth, c.key()).problem(403, api.CodePermissionDenied)
		b := c.completed()
		c.call("GET", "/v1/backups/"+b.ID+"/archive", nil, auth).problem(403, api.CodePermissionDenied)
		c.call("DELETE", "/v1/backups/"+b.ID, nil, auth).problem(403, api.CodePermissionDenied)
		c.call("GET", "/v1/backups/"+b.ID+"/archive", nil, bearer(c.token(api.PermissionDownload).Token)).want(200)
	}},
	{"may do nothing about sessions, devices and tokens", func(c *check) {
		t := c.token(api.PermissionCreate, api.PermissionDownload, api.PermissionDelete)
		for _, at := range []string{"DELETE /v1/session", "GET /v1/devices", "GET /v1/tokens", "DELETE /v1/tokens/" + t.ID, "DELETE /v1/devices/shared_" + c.run} {
			method, path, _ := strings.Cut(at, " ")
			c.call(method, path, nil, bearer(t.Token)).problem(403, api.CodePermissionDenied)
		}
		c.call("POST", "/v1/tokens", api.NewCommandToken{Name: "x", Scopes: []string{}}, bearer(t.Token)).problem(403, api.CodePermissionDenied)
	}},
	{"shows in GET /v1/session whom it stands for and what it may do", func(c *check) {
		t := c.token(api.PermissionCreate)
		s := into[api.Session](c.call("GET", "/v1/session", nil, bearer(t.Token)).want(200))
		if !slices.Equal(s.User.Permissions, []string{api.PermissionCreate}) || !s.ExpiresAt.Equal(t.ExpiresAt) {
			c.Errorf("got %+v", s)
		}
	}},
	{"ends within 366 days", func(c *check) {
		now, err := http.ParseTime(c.call("GET", "/v1/info", nil).header.Get("Date"))
		if err != nil {
			c.Fatal(err)
		}
		for _, days := range []int{-1, 368} {
			at := now.AddDate(0, 0, days)
			n := api.NewCommandToken{Name: "x", Scopes: []string{}, ExpiresAt: &at}
			if got := c.call("POST", "/v1/tokens", n, c.auth()).fieldErrors(); got["expires_at"] != api.FieldOutOfWindow {
				c.Errorf("%d days: %v", days, got)
			}
		}
	}},
	{"is made of known scopes only, and of none that its person lacks", func(c *check) {
		c.call("POST", "/v1/tokens", `{"name":"x","scopes":["everything"]}`, c.auth()).problem(422, api.CodeValidation)
		n := api.NewCommandToken{Name: "x", Scopes: []string{api.PermissionCreate}}
		c.call("POST", "/v1/tokens", n, c.as(c.reader)).problem(403, api.CodePermissionDenied)
	}},
	{"is out at once when it is revoked", func(c *check) {
		t := c.token()
		c.call("DELETE", "/v1/tokens/"+t.ID, nil, c.auth()).want(204)
		c.call("GET", "/v1/backups", nil, bearer(t.Token)).problem(401, api.CodeSessionExpired)
		c.call("DELETE", "/v1/tokens/"+t.ID, nil, c.auth()).problem(404, api.CodeNotFound)
	}},
}

var organisationRules = []rule{
	{"sees nothing of another one: all is as if it did not exist", func(c *check) {
		theirs := c.as(c.other)
		b := c.completed()
		for _, at := range []string{
			"GET /v1/backups/%", "PATCH /v1/backups/%", "DELETE /v1/backups/%", "POST /v1/backups/%/cancel", "GET /v1/backups/%/archive",
			"GET /v1/backups/%/manifest", "GET /v1/backups/%/downloads", "POST /v1/backups/%/downloads",
		} {
			method, pattern, _ := strings.Cut(at, " ")
			var body any
			switch {
			case method == "PATCH":
				body = api.TitleChange{Title: "x"}
			case strings.HasSuffix(pattern, "downloads") && method == "POST":
				body = api.NewDownload{Event: api.DownloadRemoved, At: b.PerformedAt}
			}
			there := c.call(method, strings.Replace(pattern, "%", b.ID, 1), body, theirs, "If-Match: *")
			none := c.call(method, strings.Replace(pattern, "%", "bkp_00000000000000000000000000", 1), body, theirs, "If-Match: *")
			if there.status == http.StatusForbidden && none.status == http.StatusForbidden {
				continue // without the permission nothing can be seen either
			}
			there.problem(404, api.CodeNotFound)
			if !bytes.Equal(there.body, none.body) {
				c.Errorf("%s: it can be seen that there is one", at)
			}
		}
		if list := c.call("GET", "/v1/backups?limit=100", nil, theirs).want(200); bytes.Contains(list.body, []byte(b.ID)) {
			c.Error("it is in their list")
		}
	}},
	{"does not share its idempotency keys", func(c *check) {
		theirs := c.as(c.other)
		key, n := c.key(), c.small()
		ours := into[api.Backup](c.create(n, key).want(202))
		r := c.call("POST", "/v1/backups", n, theirs, key)
		if r.header.Get("Idempotency-Replayed") != "" || bytes.Contains(r.body, []byte(ours.ID)) {
			c.Errorf("they got ours: %s", r.body)
		}
	}},
}

var limitRules = []rule{
	{"of new backups is kept: 429 rate-limited with Retry-After, and a replay still answers", func(c *check) {
		key, n := c.key(), c.small()
		first := c.create(n, key).want(202)
		for i := range 20 {
			n.Title = c.title()
			r := c.call("POST", "/v1/backups", n, c.auth(), c.key())
			if r.status == http.StatusAccepted {
				continue
			}
			r.problem(429, api.CodeRateLimited)
			if i > 6 {
				c.Errorf("%d were started within a minute", i)
			}
			n.Title = into[api.Backup](first).Title
			if again := c.call("POST", "/v1/backups", n, c.auth(), key).want(202); !bytes.Equal(again.body, first.body) {
				c.Errorf("%s", again.body)
			}
			return
		}
		c.Error("twenty were started at once")
	}},
	{"of failed sign-ins is kept by address: 429 rate-limited until Retry-After has passed", func(c *check) {
		in := api.SignIn{Email: c.full.email, Password: "wrong " + c.run, Device: api.Device{ID: "x", Name: "x"}}
		for range 30 {
			r := c.call("POST", "/v1/session", in)
			if r.status == http.StatusUnauthorized {
				continue
			}
			r.problem(429, api.CodeRateLimited)
			seconds, err := strconv.Atoi(r.header.Get("Retry-After"))
			if err != nil {
				c.Fatal(err)
			}
			in.Password = c.full.password
			if seconds > 5 { // the right password does not help either
				c.call("POST", "/v1/session", in).problem(429, api.CodeRateLimited)
			}
			c.wait(time.Duration(seconds) * time.Second)
			c.call("POST", "/v1/session", in).want(201)
			return
		}
		c.Error("thirty failed sign-ins were answered")
	}},
}

// jsonOf is for bodies that Go's types would not let through.
func jsonOf(v map[string]any) string {
	b, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return string(b)
}
