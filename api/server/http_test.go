package server

import (
	"bytes"
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"connectbackup/api"
)

func TestInfoIsForAnybody(t *testing.T) {
	w := newWorld(t, func(c *Config) { c.Version, c.Workers = "1.2.3", 2 })
	got := into[api.Info](w.call("GET", "/v1/info", nil).want(200))
	if got.API != "v1" || got.Server != "connect-backup 1.2.3" || !got.Demo || len(got.Auth) != 1 || got.Limits.TitleMax != 80 ||
		got.Limits.RangeMaxMonths != 24 || got.Limits.ActiveMax != 2 || got.Limits.PageMax != 100 ||
		got.Retention.DataMonths != 24 || got.Retention.ArchiveMonths != 24 || len(got.Retention.ReminderDays) != 7 {
		t.Errorf("got %+v", got)
	}
	if into[api.Info](emptyWorld(t).call("GET", "/v1/info", nil).want(200)).Demo {
		t.Error("without the demo it is no demo")
	}
}

func TestEveryReplyCanBeTraced(t *testing.T) {
	w := newWorld(t)
	w.clock.set(time.Date(2031, 5, 6, 7, 8, 9, 0, time.UTC))
	seen := map[string]bool{}
	for _, path := range []string{"/v1/info", "/v1/nothing", "/v1/backups", "/healthz", "/readyz"} {
		h := w.call("GET", path, nil).header
		if h.Get("Date") != "Tue, 06 May 2031 07:08:09 GMT" || seen[h.Get("X-Request-Id")] || len(h.Get("X-Request-Id")) < 20 {
			t.Errorf("%s: %v", path, h)
		}
		seen[h.Get("X-Request-Id")] = true
	}
}

func TestWhatIsNotThereIsAProblem(t *testing.T) {
	w := newWorld(t)
	for _, at := range []string{
		"GET /", "GET /v1", "GET /v1/info/", "GET /v1//info", "GET /v1/./info", "GET //v1/info", "GET /openapi.json", "GET /docs",
		"GET /schemas/Info", "POST /v2/session",
	} {
		method, path, _ := strings.Cut(at, " ")
		r := w.call(method, path, nil)
		r.problem(404, api.CodeNotFound)
		if got := r.header.Get("Cache-Control"); got != "no-store" {
			t.Errorf("%s: Cache-Control %q: a 404 may otherwise be kept (RFC 9110, 15.1)", at, got)
		}
	}
}

func TestAMethodThatAPathDoesNotHave(t *testing.T) { // RFC 9110, 15.5.6
	w := newWorld(t)
	for at, allow := range map[string]string{
		"PUT /v1/info":               "GET, HEAD",
		"GET /v1/session/refresh":    "POST",
		"DELETE /v1/backups":         "GET, HEAD, POST",
		"OPTIONS /v1/backups":        "GET, HEAD, POST",
		"POST /v1/backups/x/archive": "GET, HEAD",
		"GET /v1/backups/x/cancel":   "POST",
	} {
		method, path, _ := strings.Cut(at, " ")
		r := w.call(method, path, nil)
		r.problem(405, api.CodeMethodNotAllowed)
		if got := r.header.Get("Allow"); got != allow {
			t.Errorf("%s: Allow %q, want %q", at, got, allow)
		}
	}
}

func TestABodyThatIsNoJSONBlamesNoField(t *testing.T) {
	w := newWorld(t)
	if p := w.call("POST", "/v1/session", "{").problem(400, api.CodeValidation); len(p.Errors) > 0 {
		t.Errorf("got %+v", p.Errors)
	}
}

func TestAProblemNeverEchoesWhatWasSent(t *testing.T) {
	w := newWorld(t)
	const secret = "s3cret-password"
	for body, want := range map[string]int{
		`{"email":"a@b","password":"` + secret + `"`:                                                   400,
		`{"email":"a@b","password":["` + secret + `"],"device":{}}`:                                    422,
		`{"email":"` + secret + `","password":"","device":{"id":"` + secret + secret + secret + `x"}}`: 422,
		`"` + secret + `"`: 422,
		``:                 400,
		`{"email":"` + strings.Repeat(secret, 10000) + `"}`: 413,
	} {
		r := w.call("POST", "/v1/session", body)
		r.problem(want, api.CodeValidation)
		if strings.Contains(string(r.body), secret) || strings.Contains(string(r.body), "$schema") {
			t.Errorf("%s", r.body)
		}
	}
	p := w.call("POST", "/v1/session", `{"password":"x","device":{"name":"x"}}`).problem(422, api.CodeValidation)
	got := map[string]api.FieldCode{}
	for _, e := range p.Errors {
		got[e.Field] = e.Code
	}
	if got["email"] != api.FieldRequired || got["device.id"] != api.FieldRequired {
		t.Errorf("got %v", got)
	}
	w.call("POST", "/v1/session", "email=x", "Content-Type: application/x-www-form-urlencoded").problem(415, api.CodeValidation)
	if strings.Contains(w.log.String(), secret) {
		t.Error("the log has it")
	}
}

func TestAMistakeOfTheServerIsNotExplained(t *testing.T) {
	w := newWorld(t)
	auth := w.demo()
	if _, err := w.w.Exec("ALTER TABLE modules RENAME TO gone"); err != nil {
		t.Fatal(err)
	}
	r := w.call("GET", "/v1/modules", nil, auth)
	r.problem(500, api.CodeInternal)
	if strings.Contains(string(r.body), "modules") || strings.Contains(string(r.body), "SQL") {
		t.Errorf("%s", r.body)
	}
	id := r.header.Get("X-Request-Id")
	w.close()
	if log := w.log.String(); !strings.Contains(log, "no such table") || !strings.Contains(log, id) {
		t.Errorf("the log does not help: %s", log)
	}
}

func TestAPanicIsAProblemToo(t *testing.T) {
	w := newWorld(t)
	h := w.s.around(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/late" {
			rw.Header().Set("Content-Length", "100")
			rw.WriteHeader(200)
		}
		panic("secret detail")
	}))
	s := httptest.NewServer(h)
	defer s.Close()
	w.http.Close()
	w.http = s
	r := w.call("GET", "/early", nil)
	r.problem(500, api.CodeInternal)
	if bytes.Contains(r.body, []byte("secret")) {
		t.Errorf("%s", r.body)
	}
	req, err := http.NewRequestWithContext(t.Context(), "GET", s.URL+"/late", nil)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := http.DefaultTransport.RoundTrip(req)
	if err == nil {
		_, err = resp.Body.Read(make([]byte, 1))
		_ = resp.Body.Close()
	}
	if err == nil {
		t.Error("a reply that was cut off must not look whole")
	}
}

func TestHealthAndReadiness(t *testing.T) {
	w := newWorld(t)
	if got := string(w.call("GET", "/healthz", nil).want(200).body); got != "ok\n" {
		t.Errorf("%q", got)
	}
	w.call("GET", "/readyz", nil).want(200)
	if err := w.s.Close(); err != nil {
		t.Fatal(err)
	}
	w.call("GET", "/healthz", nil).want(200)
	if r := w.call("GET", "/readyz", nil); r.problem(503, api.CodeMaintenance).Status != 503 || r.header.Get("Retry-After") == "" {
		t.Error("when then?")
	}
}

func TestDataOfANewerProgramIsRefused(t *testing.T) {
	w := newWorld(t)
	if _, err := w.w.Exec("PRAGMA user_version = 99"); err != nil {
		t.Fatal(err)
	}
	if err := w.s.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(context.Background(), w.c); err == nil || !strings.Contains(err.Error(), "version 99") {
		t.Errorf("got %v", err)
	}
}

func TestPipesCountAsOneAddress(t *testing.T) {
	w := newWorld(t)
	send := func(remote string) int {
		r := httptest.NewRequest("POST", "/v1/session", strings.NewReader(`{"email":"a@b","password":"x","device":{"id":"d","name":"d","platform":"","app_version":""}}`))
		r.Header.Set("Content-Type", "application/json")
		r.RemoteAddr = remote
		rec := httptest.NewRecorder()
		w.s.Handler().ServeHTTP(rec, r)
		return rec.Code
	}
	for i := range 11 {
		want := 401
		if i == 10 {
			want = 429
		}
		if a, b := send("pipe"), send("[2001:db8::1]:"+string(rune('1'+i%9))+"00"); a != want || b != want {
			t.Errorf("attempt %d: %d and %d, want %d", i+1, a, b, want)
		}
	}
	if got := send("192.0.2.1:1"); got != 401 {
		t.Errorf("another address got %d", got)
	}
}
