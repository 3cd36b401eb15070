package core

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"net/http"
	"strconv"
	"sync"
	"testing"
	"time"

	"connectbackup/api"
	"connectbackup/device"
	"connectbackup/device/download"
)

const wireSize = 1<<20 + 77

// A connection that is reset loses what was on its way, and no more: the rest
// is asked for, of the same version.
func TestD01_Reset(t *testing.T) {
	rows := map[string]wireRow{"after the header": {faults: []fault{cut(0, rst)}, once: true}}
	at := []int{1, wireSize - 1, rand.IntN(wireSize), rand.IntN(wireSize), rand.IntN(wireSize)}
	for n := 2; n < wireSize; n *= 8 {
		at = append(at, n)
	}
	for _, n := range at {
		rows[fmt.Sprint("at ", n)] = wireRow{faults: []fault{cut(n, rst)}, once: true}
	}
	rows["in the header"] = wireRow{faults: []fault{func(rep *reply) { rep.headMax, rep.end = 30, rst }}, once: true}
	rows["again and again"] = wireRow{faults: []fault{cut(1000, rst), cut(1000, rst), cut(1000, rst), cut(0, rst), cut(1, rst)}, once: true}
	passing(t, wireSize, rows)
}

// A proper end before all is there is no end.
func TestD02_EarlyFIN(t *testing.T) {
	passing(t, wireSize, map[string]wireRow{
		"after the header": {[]fault{cut(0, fin)}, []string{"0-", "0-"}, true},
		"at 1":             {[]fault{cut(1, fin)}, []string{"0-", "1-"}, true},
		"in the middle":    {[]fault{cut(70_000, fin)}, []string{"0-", "70000-"}, true},
		"at the end":       {[]fault{cut(wireSize-1, fin)}, []string{"0-", fmt.Sprint(wireSize-1, "-")}, true},
		"before any byte":  {faults: []fault{func(rep *reply) { rep.headMax, rep.end = 1, fin }}, once: true},
		"twice":            {[]fault{cut(5, fin), cut(5, fin)}, []string{"0-", "5-", "10-"}, true},
	})
}

func chunks(next fault) fault {
	return func(rep *reply) {
		rep.set("Content-Length")
		rep.set("Transfer-Encoding", "chunked")
		rep.chunked = true
		next(rep)
	}
}

// A chunked reply is complete with its last chunk, and not before.
func TestD03_ChunkedCut(t *testing.T) {
	whole := func(*reply) {}
	passing(t, wireSize, map[string]wireRow{
		"whole":                  {[]fault{chunks(whole)}, []string{"0-"}, true},
		"between chunks":         {[]fault{chunks(cut(128<<10, fin))}, []string{"0-", "131072-"}, true},
		"in a chunk":             {[]fault{chunks(cut(100_000, fin)), chunks(cut(7, fin))}, nil, true},
		"without the last chunk": {[]fault{chunks(cut(wireSize, fin))}, []string{"0-"}, true},
		"by a reset":             {[]fault{chunks(cut(90_000, rst))}, nil, true},
		"ended too early": {[]fault{chunks(func(rep *reply) {
			rep.status, rep.body = "200 OK", rep.body[:5000]
			rep.set("Content-Range")
		})}, []string{"0-", "5000-"}, true},
	})
}

// A reply that ends with its connection says nothing about being whole; the
// size of the list does.
func TestD04_CloseDelimited(t *testing.T) {
	closing := func(n int) fault {
		return func(rep *reply) {
			rep.status = "200 OK"
			rep.set("Content-Length")
			rep.set("Content-Range")
			rep.set("Connection", "close")
			rep.bodyMax, rep.end = n, fin
		}
	}
	passing(t, wireSize, map[string]wireRow{
		"whole": {[]fault{closing(-1)}, []string{"0-"}, true},
		"cut":   {[]fault{closing(5000)}, []string{"0-", "5000-"}, true},
		"empty": {[]fault{closing(0)}, []string{"0-", "0-"}, true},
	})
}

// Lengths that are wrong, contradict each other or are not there.
func TestD05_ContentLength(t *testing.T) {
	says := func(end fault, values ...string) fault {
		return func(rep *reply) {
			rep.status = "200 OK"
			rep.set("Content-Range")
			rep.set("Content-Length", values...)
			end(rep)
		}
	}
	over := cut(-1, fin)
	size := strconv.Itoa(wireSize)
	passing(t, wireSize, map[string]wireRow{
		"too small":               {[]fault{says(over, "1000")}, nil, false},
		"too large":               {[]fault{says(over, strconv.Itoa(wireSize+9))}, nil, false},
		"of the whole, for a 206": {[]fault{cut(5000, fin), func(rep *reply) { rep.set("Content-Length", size); rep.end = fin }}, nil, true},
		"too small, for a 206":    {[]fault{cut(5000, fin), func(rep *reply) { rep.set("Content-Length", "9"); rep.end = fin }}, nil, true},
		"negative":                {[]fault{says(over, "-5")}, nil, true},
		"a word":                  {[]fault{says(over, "many")}, nil, true},
		"twice, different":        {[]fault{says(over, size, "1000")}, nil, true},
		"twice, equal":            {[]fault{says(over, size, size)}, []string{"0-"}, true},
		"absent":                  {[]fault{says(over)}, []string{"0-"}, true},
	})
	t.Run("wrong for good", func(t *testing.T) {
		for _, length := range []string{"1000", strconv.Itoa(wireSize + 9)} {
			s := newSite(t, newContent(wireSize))
			s.answer = func(_ int, r *http.Request) *reply {
				rep := s.file.good(r)
				says(over, length)(rep)
				return rep
			}
			var damaged *download.DamagedError
			if _, err := s.fetch(s.file.request()); !errors.As(err, &damaged) {
				t.Errorf("%s: %v", length, err)
			}
		}
	})
}

func TestD08_OneByteWrites(t *testing.T) {
	slowly := func(rep *reply) { rep.step = 1 }
	passing(t, 20_000, map[string]wireRow{
		"plain":   {[]fault{slowly}, []string{"0-"}, true},
		"chunked": {[]fault{chunks(slowly)}, []string{"0-"}, true},
	})
}

// Trouble of the server or of a gateway passes.
func TestD09_ServerTrouble(t *testing.T) {
	passing(t, wireSize, map[string]wireRow{
		"500":            {[]fault{refuse("500 Internal Server Error")}, []string{"0-", "0-"}, true},
		"502":            {[]fault{refuse("502 Bad Gateway")}, []string{"0-", "0-"}, true},
		"503":            {[]fault{refuse("503 Service Unavailable")}, []string{"0-", "0-"}, true},
		"504":            {[]fault{refuse("504 Gateway Timeout")}, []string{"0-", "0-"}, true},
		"408":            {[]fault{refuse("408 Request Timeout")}, []string{"0-", "0-"}, true},
		"a problem":      {[]fault{problem("500 Internal Server Error", api.CodeInternal)}, []string{"0-", "0-"}, true},
		"maintenance":    {[]fault{problem("503 Service Unavailable", api.CodeMaintenance)}, []string{"0-", "0-"}, true},
		"in the middle":  {[]fault{cut(9000, fin), refuse("502 Bad Gateway")}, []string{"0-", "9000-", "9000-"}, true},
		"no words":       {[]fault{func(rep *reply) { *rep = reply{status: "500 ", header: []string{"Content-Length: 0"}} }}, nil, true},
		"endless header": {[]fault{func(rep *reply) { rep.set("X", string(bytes.Repeat([]byte("x"), 2<<20))); rep.end = fin }}, nil, true},
	})
}

// What the server refuses for good ends it at once, in words of its own.
func TestD11_Refused(t *testing.T) {
	for name, row := range map[string]struct {
		fault fault
		want  error
		kept  bool
	}{
		"403":      {refuse("403 Forbidden"), download.ErrDenied, true},
		"404":      {refuse("404 Not Found"), download.ErrNotFound, false},
		"410":      {refuse("410 Gone"), download.ErrGone, false},
		"denied":   {problem("403 Forbidden", api.CodePermissionDenied), download.ErrDenied, true},
		"unknown":  {problem("404 Not Found", api.CodeNotFound), download.ErrNotFound, false},
		"expired":  {problem("410 Gone", api.CodeArchiveExpired), download.ErrGone, false},
		"deleted":  {problem("410 Gone", api.CodeArchiveDeleted), download.ErrGone, false},
		"not yet":  {problem("409 Conflict", api.CodeBackupNotReady), download.ErrNotReady, true},
		"400":      {refuse("400 Bad Request"), download.ErrRefused, true},
		"451":      {problem("451 Unavailable For Legal Reasons", "brand-new"), download.ErrRefused, true},
		"cut off":  {func(rep *reply) { refuse("410 Gone")(rep); rep.bodyMax, rep.end = 3, rst }, download.ErrGone, false},
		"no reply": {func(rep *reply) { refuse("404 Not Found")(rep); rep.body = nil; rep.set("Content-Length", "0") }, download.ErrNotFound, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newSite(t, newContent(wireSize), row.fault)
			s.fails(row.want)
			s.asks("0-")
			if text := Sentence(s.err); text == "" || text == Sentence(errors.New(s.err.Error())) {
				t.Errorf("no words of its own: %q", text)
			}
			// In the middle: the same at once, and what has come stays where it is of use.
			s = newSite(t, newContent(wireSize), cut(5000, fin), row.fault)
			s.fails(row.want)
			s.asks("0-", "5000-")
			res := s.saves()
			if kept := res.Resumed == 5000; kept != row.kept {
				t.Errorf("%d bytes were kept", res.Resumed)
			}
		})
	}
}

// sessions answers for the renewal of a session, too: tokens in valid are good.
func (s *site) sessions(renewed fault) (renewals func() int) {
	archive, n, count := s.answer, 0, 0
	valid := "Bearer access-new-SECRET"
	s.answer = func(_ int, r *http.Request) *reply {
		rep := &reply{}
		switch {
		case r.URL.Path == "/v1/session/refresh":
			count++
			rep = &reply{status: "201 Created", bodyMax: -1, body: []byte(`{"access_token":"access-new-SECRET",
				"refresh_token":"refresh-new-SECRET","expires_at":"2030-01-01T00:00:00Z","user":{"id":"u1","name":"A","email":"a@x"},
				"organisation":{"id":"o1","name":"Acme","timezone":"Europe/Berlin","locale":"de-DE"}}`)}
			rep.header = []string{"Content-Type: application/json", "Content-Length: " + strconv.Itoa(len(rep.body))}
			if renewed != nil {
				renewed(rep)
			}
		case n > 0 && r.Header.Get("Authorization") != valid: // it ends after the first reply
			problem("401 Unauthorized", api.CodeSessionExpired)(rep)
		default:
			rep = archive(n, r)
			n++
		}
		return rep
	}
	return func() int {
		s.mu.Lock()
		defer s.mu.Unlock()
		return count
	}
}

// The session ends in the middle: it is renewed once, and the download goes on
// where it was. If it cannot be renewed, that is said, and nothing is lost.
func TestD12_SessionEndsInTheMiddle(t *testing.T) {
	t.Run("renewed", func(t *testing.T) {
		s := newSite(t, newContent(wireSize), cut(70_000, fin))
		renewals := s.sessions(nil)
		if res := s.saves(); res.NewFetched != wireSize {
			t.Errorf("fetched %d", res.NewFetched)
		}
		s.asks("0-", "70000-", "", "70000-")
		if renewals() != 1 {
			t.Errorf("renewed %d times", renewals())
		}
	})
	t.Run("once for all", func(t *testing.T) {
		s := newSite(t, newContent(wireSize), cut(70_000, fin))
		renewals := s.sessions(nil)
		c := s.config()
		c.Parallel = 8
		var wait sync.WaitGroup
		m := download.New(c)
		defer func() { _ = m.Close() }()
		wait.Add(8)
		m.Subscribe(func(st download.State) {
			if st.Phase == download.Done || st.Phase == download.Failed {
				if st.Err != nil {
					t.Error(st.Err)
				}
				wait.Done()
			}
		})
		for i := range 8 {
			r := s.file.request()
			r.ID, r.Name = fmt.Sprint("bkp_", i), fmt.Sprint(i, ".zip")
			if err := m.Start(r); err != nil {
				t.Fatal(err)
			}
		}
		wait.Wait()
		if renewals() != 1 {
			t.Errorf("renewed %d times", renewals())
		}
	})
	t.Run("refused", func(t *testing.T) {
		s := newSite(t, newContent(wireSize), cut(70_000, fin))
		s.sessions(problem("401 Unauthorized", api.CodeSessionExpired))
		s.fails(download.ErrAuthExpired)
		good := newSite(t, s.file)
		good.dir = s.dir
		if res := good.saves(); res.Resumed != 70_000 {
			t.Errorf("resumed %d", res.Resumed)
		}
	})
	t.Run("the renewal fails for a while", func(t *testing.T) {
		s := newSite(t, newContent(wireSize), cut(70_000, fin))
		tries := 0
		s.sessions(func(rep *reply) {
			if tries++; tries <= 2 {
				refuse("502 Bad Gateway")(rep)
			}
		})
		if res := s.saves(); res.NewFetched != wireSize {
			t.Errorf("fetched %d", res.NewFetched)
		}
	})
}

// A hundred at once, of which every other reply is cut: all right, and alone.
func TestD20_AHundredAtOnce(t *testing.T) {
	f := newContent(200_000)
	s := newSite(t, f)
	s.answer = func(n int, r *http.Request) *reply {
		rep := f.good(r)
		if n < 200 && n%2 == 0 {
			cut(rand.IntN(len(rep.body)), []func(net.Conn){fin, rst}[n/2%2])(rep)
		}
		return rep
	}
	c := s.config()
	c.Parallel = 100
	m := download.New(c)
	var wait sync.WaitGroup
	wait.Add(100)
	m.Subscribe(func(st download.State) {
		if st.Phase == download.Done || st.Phase == download.Failed {
			if st.Err != nil {
				t.Errorf("%s: %v", st.ID, st.Err)
			}
			wait.Done()
		}
	})
	for i := range 100 {
		r := f.request()
		r.ID, r.Name = fmt.Sprint("bkp_", i), fmt.Sprint(i, ".zip")
		if err := m.Start(r); err != nil {
			t.Fatal(err)
		}
	}
	wait.Wait()
	if err := m.Close(); err != nil {
		t.Error(err)
	}
	folder := device.OpenFolder(s.dir)
	for i := range 100 {
		info, err := folder.Stat(fmt.Sprint(i, ".zip"))
		if err != nil || info.Size != int64(len(f.data)) {
			t.Errorf("%d: %+v, %v", i, info, err)
		}
	}
	if keys, err := folder.Journals(); err != nil || len(keys) > 0 {
		t.Errorf("left %v, %v", keys, err)
	}
}

// A sign-in page of the network, with status 200, is never taken for the file;
// once the person has signed in the download goes on.
func TestD36_LoginPage(t *testing.T) {
	page := refuse("200 OK")
	s := newSite(t, newContent(wireSize), cut(5000, fin), page)
	s.fails(download.ErrNotTheFile)
	s.asks("0-", "5000-")
	if res := s.saves(); res.Resumed != 5000 {
		t.Errorf("resumed %d", res.Resumed)
	}
	for name, f := range map[string]fault{
		"a page":     page,
		"with a tag": refuse("200 OK", `ETag: "page"`),
		"as XHTML":   func(rep *reply) { page(rep); rep.set("Content-Type", "application/xhtml+xml; charset=utf-8") },
		"as JSON":    func(rep *reply) { page(rep); rep.set("Content-Type", "application/json") },
		"for a part": func(rep *reply) { rep.set("Content-Type", "text/html") },
		"511":        refuse("511 Network Authentication Required"),
		"as big as a file": func(rep *reply) {
			rep.status = "200 OK"
			rep.set("Content-Range")
			rep.set("Content-Type", "text/html")
		},
	} {
		s := newSite(t, newContent(wireSize))
		s.answer = func(n int, r *http.Request) *reply {
			rep := s.file.good(r)
			f(rep)
			return rep
		}
		c := s.config()
		if c.GiveUp = time.Minute; name == "511" {
			c.GiveUp = 1 // it may pass, and is given up at once
		}
		ctx := context.Background()
		if _, err := download.Fetch(ctx, c, s.file.request(), nil); err == nil {
			t.Errorf("%s: taken for the file", name)
		} else if name != "511" && !errors.Is(err, download.ErrNotTheFile) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// A file that came compressed is not the file, whatever it unpacks to.
func TestD35_ContentEncoding(t *testing.T) {
	for _, coding := range []string{"gzip", "br", "deflate", "identity, gzip"} {
		s := newSite(t, newContent(wireSize), cut(5000, fin), func(rep *reply) { rep.set("Content-Encoding", coding) })
		s.fails(download.ErrNotTheFile)
		if res := s.saves(); res.Resumed != 5000 {
			t.Errorf("%s: resumed %d", coding, res.Resumed)
		}
	}
	s := newSite(t, newContent(wireSize), func(rep *reply) { rep.set("Content-Encoding", "identity") })
	s.saves()
}

// A file of no bytes is a file, also where nobody knows its size and the server
// finds no range in it.
func TestD38_EmptyFile(t *testing.T) {
	for _, known := range []int64{0, -1} {
		for name, f := range map[string]fault{
			"200": func(rep *reply) { rep.status = "200 OK"; rep.set("Content-Range") },
			"416": refuse("416 Range Not Satisfiable", "Content-Range: bytes */0"),
		} {
			s := newSite(t, newContent(0), f)
			r := s.file.request()
			r.Size = known
			if _, err := s.fetch(r); err != nil || len(s.ranges()) > 1 {
				t.Errorf("%s, size %d: %v, asked %v", name, known, err, s.ranges())
				continue
			}
			s.holds(nil)
		}
	}
}
