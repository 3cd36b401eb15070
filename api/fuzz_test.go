package api

import (
	"encoding/json"
	"io"
	"mime"
	"net/http"
	"strings"
	"testing"
	"time"
	"unicode/utf8"
)

// Whatever a server calls a file: a name comes out or none, never a crash, and
// what was written by the rules comes back as it was.
func FuzzContentDisposition(f *testing.F) {
	for _, s := range []string{
		"", "attachment", `attachment; filename="a b.zip"`, "attachment; filename=a.zip", `attachment; filename="../../x.zip"`,
		"attachment; filename*=UTF-8''%e2%82%ac%20rates.zip", "attachment; filename*=iso-8859-1'en'%A3.zip", `attachment; filename="a`,
		`attachment; filename="a"; filename="b"`, "attachment; filename*0=a; filename*1=b", `inline; filename="\"\\.zip"`, "=?UTF-8?B?eA==?=",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		name := fileNameOf(s)
		if name != "" && !strings.Contains(strings.ToLower(s), "filename") {
			t.Errorf("%q gives %q", s, name)
		}
		if written := mime.FormatMediaType("attachment", map[string]string{"filename": s}); utf8.ValidString(s) && written != "" {
			if got := fileNameOf(written); got != s {
				t.Errorf("%q came back as %q by way of %s", s, got, written)
			}
		}
	})
}

// Whatever stands in a refusal: it is a problem of the contract or none, with
// the status of the reply and a wait that makes sense.
func FuzzProblem(f *testing.F) {
	for _, c := range []struct {
		status                  int
		kind, after, date, body string
	}{
		{503, "application/problem+json", "7", "", `{"type":"about:blank","title":"T","status":503,"detail":"D","code":"maintenance"}`},
		{422, "application/problem+json; charset=utf-8", "", "", `{"code":"validation","errors":[{"field":"till","code":"order"}]}`},
		{410, "application/json", "", "", `{"code":"archive-expired","deleted_at":"2026-01-01T00:00:00Z"}`},
		{429, "application/problem+json", "Wed, 21 Oct 2065 07:28:00 GMT", "Wed, 21 Oct 2015 07:28:00 GMT", `{"code":"rate-limited"}`},
		{500, "text/html", "-1", "", "<html>"},
		{400, "application/problem+json", "99999999999999999999", "x", `{"code":"`},
		{200, "application/problem+json", "", "", `{"code":""}`},
		{401, "application/problem+json", "", "", `{"status":"401","code":5}`},
		{404, "x/y+json", "", "", `[]`},
	} {
		f.Add(c.status, c.kind, c.after, c.date, []byte(c.body))
	}
	now := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	f.Fuzz(func(t *testing.T, status int, kind, after, date string, body []byte) {
		raw := &http.Response{
			StatusCode: status, Body: io.NopCloser(strings.NewReader(string(body))),
			Header: http.Header{"Content-Type": {kind}, "Retry-After": {after}, "Date": {date}, "X-Request-Id": {"r"}},
		}
		p := problemOf(raw, body, now)
		if p != nil && (p.Code == "" || !json.Valid(body) || !isJSON(kind)) {
			t.Fatalf("%q of %q was read as %+v", body, kind, p)
		}
		for _, p := range []*Problem{p, bareProblem(raw, now)} {
			if p == nil {
				continue
			}
			if p.Status != status || p.Code == "" || p.RequestID != "r" || p.RetryAfter < 0 || p.RetryAfter > retryAfterMax {
				t.Errorf("%+v", p)
			}
			if p.Error() == "" {
				t.Error("no words")
			}
		}
	})
}
