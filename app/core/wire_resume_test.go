package core

import (
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"

	"connectbackup/device/download"
)

// whole makes a reply one of all bytes, whatever was asked for.
func whole(f content) fault {
	return func(rep *reply) {
		*rep = *f.good(&http.Request{})
	}
}

// A server that ignores the range sends the file from its start: nothing of it
// is written where the rest should be.
func TestD21_RangeIgnored(t *testing.T) {
	f := newContent(wireSize)
	virtually(t, wireSize, map[string]wireRow{
		"once":                    {[]fault{cut(5000, fin), whole(f)}, []string{"0-", "5000-"}, false},
		"and cut":                 {[]fault{cut(5000, fin), then(whole(f), cut(9000, fin)), whole(f)}, []string{"0-", "5000-", "9000-"}, false},
		"from the first":          {[]fault{whole(f)}, []string{"0-"}, true},
		"without length and tag":  {[]fault{cut(5000, fin), then(whole(f), bare)}, []string{"0-", "5000-"}, false},
		"as one chunk after more": {[]fault{cut(5000, fin), then(whole(f), chunks(func(*reply) {}))}, []string{"0-", "5000-"}, false},
	})
}

// then is one fault after another.
func then(all ...fault) fault {
	return func(rep *reply) {
		for _, f := range all {
			f(rep)
		}
	}
}

// bare takes what a reply says of itself, up to its end.
func bare(rep *reply) {
	rep.set("Content-Length")
	rep.set("ETag")
	rep.end = fin
}

// A part that is not the one asked for is never written. If it stays so, that
// is an error and no endless loop, and what was there stays.
func TestD22_PartialContentWithWrongRange(t *testing.T) {
	f := newContent(wireSize)
	size, last := wireSize, wireSize-1
	wrong := map[string]func(from int) string{
		"start before":     func(from int) string { return fmt.Sprintf("bytes %d-%d/%d", from-1, last, size) },
		"start behind":     func(from int) string { return fmt.Sprintf("bytes %d-%d/%d", from+1, last, size) },
		"start at 0":       func(int) string { return fmt.Sprintf("bytes 0-%d/%d", last, size) },
		"end too far":      func(from int) string { return fmt.Sprintf("bytes %d-%d/%d", from, last+1, size) },
		"end before start": func(from int) string { return fmt.Sprintf("bytes %d-%d/%d", from, from-1, size) },
		"total smaller":    func(from int) string { return fmt.Sprintf("bytes %d-%d/%d", from, last, size-1) },
		"total larger":     func(from int) string { return fmt.Sprintf("bytes %d-%d/%d", from, last, size+1) },
		"total unknown":    func(from int) string { return fmt.Sprintf("bytes %d-%d/*", from, last) },
		"range unknown":    func(int) string { return fmt.Sprintf("bytes */%d", size) },
		"other unit":       func(from int) string { return fmt.Sprintf("items %d-%d/%d", from, last, size) },
		"negative":         func(from int) string { return fmt.Sprintf("bytes -%d-%d/%d", from, last, size) },
		"beyond any":       func(from int) string { return fmt.Sprintf("bytes %d-99999999999999999999/%d", from, size) },
		"empty":            func(int) string { return "" },
		"garbage":          func(int) string { return "bytes=5000-" },
	}
	rows := map[string]wireRow{
		"missing":       {faults: []fault{cut(5000, fin), func(rep *reply) { rep.set("Content-Range") }}},
		"twice":         {faults: []fault{cut(5000, fin), func(rep *reply) { rep.header = append(rep.header, "Content-Range: bytes 0-9/10") }}},
		"less, rightly": {faults: []fault{cut(5000, fin), less(f, 5000, 7000)}, ranges: []string{"0-", "5000-", "12000-"}, once: true},
	}
	for name, says := range wrong {
		rows[name] = wireRow{faults: []fault{cut(5000, fin), func(rep *reply) { rep.set("Content-Range", says(5000)) }}}
	}
	virtually(t, wireSize, rows)
	for name, says := range wrong {
		t.Run(name+", for good", func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := newVirtualSite(t, f)
				s.answer = func(n int, r *http.Request) *reply {
					rep := f.good(r)
					if n == 0 {
						cut(5000, fin)(rep)
					} else if strings.HasPrefix(rep.status, "206") {
						from, err := strconv.Atoi(strings.TrimSuffix(strings.TrimPrefix(r.Header.Get("Range"), "bytes="), "-"))
						if err != nil {
							t.Error(err)
						}
						rep.set("Content-Range", says(from))
					}
					return rep
				}
				_, err := s.fetch(f.request())
				var damaged *download.DamagedError
				switch {
				case err == nil: // a lie that does no harm: about the end, where the digest is right
					s.holds(f.data)
				case !errors.Is(err, download.ErrNotTheFile) && !errors.Is(err, download.ErrChanged) && !errors.As(err, &damaged):
					t.Errorf("%v", err)
				}
				if n := len(s.ranges()); n > 8 {
					t.Errorf("asked %d times", n)
				}
			})
		})
	}
}

// less grants n bytes from there, as the server may.
func less(f content, from, n int) fault {
	return func(rep *reply) {
		rep.body = rep.body[:n]
		rep.set("Content-Length", strconv.Itoa(n))
		rep.set("Content-Range", fmt.Sprintf("bytes %d-%d/%d", from, from+n-1, len(f.data)))
	}
}

// Several ranges in one reply were not asked for; their borders are no bytes
// of the file.
func TestD23_MultipartByteranges(t *testing.T) {
	parts := func(rep *reply) {
		rep.body = fmt.Appendf(nil, "--x\r\nContent-Type: application/zip\r\nContent-Range: bytes 5000-%d/%d\r\n\r\n%s\r\n--x--\r\n",
			wireSize-1, wireSize, rep.body)
		rep.set("Content-Type", "multipart/byteranges; boundary=x")
		rep.set("Content-Range")
		rep.set("Content-Length", strconv.Itoa(len(rep.body)))
	}
	virtually(t, wireSize, map[string]wireRow{
		"once":           {faults: []fault{cut(5000, fin), parts}},
		"from the start": {faults: []fault{parts}},
	})
	synctest.Test(t, func(t *testing.T) {
		s := newVirtualSite(t, newContent(wireSize), parts, parts, parts, parts, parts, parts, parts, parts)
		s.fails(download.ErrNotTheFile)
	})
}

// The tag decides what may be joined: another one never; a weak or missing one
// only because the digest decides in the end.
func TestD24_ETag(t *testing.T) {
	f := newContent(wireSize)
	other := newContent(wireSize + 1)
	other.data = other.data[:wireSize] // of the same size
	tag := func(values ...string) fault { return func(rep *reply) { rep.set("ETag", values...) } }
	virtually(t, wireSize, map[string]wireRow{
		"changed in the middle, ignoring If-Range": {faults: []fault{cut(5000, fin), then(func(rep *reply) { rep.body = other.data[5000:] }, tag(other.tag))}},
		"changed in the middle, whole":             {faults: []fault{cut(5000, fin), whole(other)}},
		"changed and back":                         {faults: []fault{whole(other)}},
		"weak from the start":                      {faults: []fault{then(cut(5000, fin), tag("W/"+f.tag))}, ranges: []string{"0-", "5000-"}, once: true},
		"made weak by a proxy":                     {faults: []fault{cut(5000, fin), tag("W/" + f.tag)}, ranges: []string{"0-", "5000-"}, once: true},
		"missing from the start":                   {faults: []fault{then(cut(5000, fin), tag())}, ranges: []string{"0-", "5000-"}, once: true},
		"missing in the middle":                    {faults: []fault{cut(5000, fin), tag()}, ranges: []string{"0-", "5000-"}, once: true},
		"the same tag, other bytes":                {faults: []fault{cut(5000, fin), func(rep *reply) { rep.body = other.data[5000:] }}},
		"a weak tag, other bytes":                  {faults: []fault{then(cut(5000, fin), tag("W/x")), then(func(rep *reply) { rep.body = other.data[5000:] }, tag("W/x"))}},
	})
	t.Run("changed for good", func(t *testing.T) {
		s := newSite(t, f)
		s.answer = func(n int, r *http.Request) *reply {
			if n == 0 {
				rep := f.good(r)
				cut(5000, fin)(rep)
				return rep
			}
			return other.good(r)
		}
		s.fails(download.ErrChanged)
		s.asks("0-", "5000-", "0-")
	})
	t.Run("another version with every request", func(t *testing.T) {
		s := newSite(t, f)
		s.answer = func(n int, r *http.Request) *reply {
			rep := f.good(r)
			rep.set("ETag", fmt.Sprintf(`"%d"`, n))
			cut(5000, fin)(rep)
			return rep
		}
		s.fails(download.ErrChanged)
	})
}

// 412 says that the version is gone: from the start, once.
func TestD25_PreconditionFailed(t *testing.T) {
	gone := refuse("412 Precondition Failed")
	virtually(t, wireSize, map[string]wireRow{
		"in the middle": {faults: []fault{cut(5000, fin), gone}, ranges: []string{"0-", "5000-", "0-"}},
		"at once":       {faults: []fault{gone}, ranges: []string{"0-", "0-"}},
	})
	s := newSite(t, newContent(wireSize), cut(5000, fin), gone, gone, gone)
	s.fails(download.ErrChanged)
	s.asks("0-", "5000-", "0-")
}

// 416 in the middle of a file that has those bytes is a fault of the server; the
// download begins anew rather than ask for ever.
func TestD26_RangeNotSatisfiable(t *testing.T) {
	no := refuse("416 Range Not Satisfiable", "Content-Range: bytes */4711")
	virtually(t, wireSize, map[string]wireRow{
		"once":    {faults: []fault{cut(5000, fin), no}, ranges: []string{"0-", "5000-", "5000-"}, once: true},
		"thrice":  {faults: []fault{cut(5000, fin), no, no, no}, ranges: []string{"0-", "5000-", "5000-", "0-", "0-"}},
		"at once": {faults: []fault{no}, ranges: []string{"0-", "0-"}, once: true},
		"and cut": {faults: []fault{cut(5000, fin), func(rep *reply) { no(rep); rep.end = rst }}},
	})
	synctest.Test(t, func(t *testing.T) {
		s := newVirtualSite(t, newContent(wireSize), no, no, no, no, no)
		s.fails(download.ErrNotTheFile)
	})
}
