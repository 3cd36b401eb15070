package download

import (
	"path/filepath"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// D49, each form.
func TestD49_SafeName(t *testing.T) {
	for name, want := range map[string]string{
		"acme 2021-07-01 – 2023-06-30.zip": "acme 2021-07-01 – 2023-06-30.zip",
		"尺寸 größe मासिक.zip":               "尺寸 größe मासिक.zip",
		"../../x":                          "x",
		"..\\..\\x":                        "x",
		"/etc/x":                           "x",
		`C:\x`:                             "x",
		`C:x`:                              "C_x",
		`\\srv\x`:                          "x",
		"/etc/":                            "download",
		"a\x00b.zip":                       "ab.zip",
		"a\r\nb\tc\x7f\u0085.zip":          "abc.zip",
		"CON":                              "_CON",
		"con.zip":                          "_con.zip",
		"Nul .tar.gz":                      "_Nul .tar.gz",
		"COM1":                             "_COM1",
		"com¹.txt":                         "_com¹.txt",
		"LPT³":                             "_LPT³",
		"COM10":                            "COM10",
		"conin$":                           "_conin$",
		"CONSOLE.zip":                      "CONSOLE.zip",
		"x.zip.":                           "x.zip",
		"x.zip . . ":                       "x.zip",
		"a:ads":                            "a_ads",
		`a<b>c"d|e?f*g`:                    "a_b_c_d_e_f_g",
		"a\u202Egpj.exe":                   "agpj.exe",
		"\u2066a\u200f\u061c\ufeff.zip":    "a.zip",
		"-rf":                              "_-rf",
		".":                                "download",
		"..":                               "download",
		"...":                              "download",
		" . ":                              "download",
		"":                                 "download",
		".bashrc":                          "bashrc",
		"a\xff\xfeb.zip":                   "a_b.zip",
		`"quoted.zip"`:                     "_quoted.zip_",
		"UTF-8''na%C3%AFve%2Fx.zip":        "UTF-8''na%C3%AFve%2Fx.zip",
		"=?UTF-8?B?eA==?=":                 "=_UTF-8_B_eA==_=",
		"a\u00a0b\u3000c.zip":              "a b c.zip",
		"line\u2028break.zip":              "linebreak.zip",
		"private\ue000\ufffe.zip":          "private.zip",
		"👩\u200d👩\u200d👧.zip":              "👩\u200d👩\u200d👧.zip",
		"re\u0301sume\u0301.zip":           "résumé.zip",
		"\u1112\u1161\u11ab.zip":           "한.zip",
	} {
		if got := SafeName(name); got != want {
			t.Errorf("%q: %q, want %q", name, got, want)
		}
	}
}

func TestD49_LongNames(t *testing.T) {
	for name, ext := range map[string]string{
		strings.Repeat("a", 300) + ".zip":       ".zip",
		strings.Repeat("👍", 300) + ".tar":       ".tar",
		strings.Repeat("é", 300):                "",
		"x." + strings.Repeat("long", 100):      "",
		"nul." + strings.Repeat("x", 300):       "",
		"-" + strings.Repeat(". ", 200) + ".gz": ".gz",
	} {
		got := SafeName(name)
		if len(got) > 240 || len(got) < 3 || !utf8.ValidString(got) || filepath.Ext(got) != ext && ext != "" {
			t.Errorf("%.20q…: %q", name, got)
		}
	}
}

// Whatever is put in, what comes out is a name, on every system, for good.
func FuzzFileName(f *testing.F) {
	for _, s := range []string{
		"acme.zip", "../../x", `C:\x`, "CON", "a:ads", ". .", "-rf", "\xff", "e\u0301", strings.Repeat("👍", 70) + ".zip", "\u200d.zip",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, in string) {
		got := SafeName(in)
		if got == "" || len(got) > 240 || !utf8.ValidString(got) || strings.ContainsAny(got, "/\\<>:\"|?*\x00") {
			t.Fatalf("%q", got)
		}
		if strings.HasPrefix(got, "-") || strings.HasPrefix(got, ".") || strings.HasSuffix(got, ".") ||
			strings.TrimSpace(got) != got || !filepath.IsLocal(got) || reserved(got) {
			t.Fatalf("%q", got)
		}
		for _, r := range got {
			if unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r) {
				t.Fatalf("%q", got)
			}
		}
		if again := SafeName(got); again != got {
			t.Fatalf("%q becomes %q", got, again)
		}
		if utf8.ValidString(in) && norm.NFC.String(got) != norm.NFC.String(SafeName(norm.NFC.String(in))) && len(in) < 100 {
			t.Fatalf("composed first: %q, else %q", SafeName(norm.NFC.String(in)), got)
		}
	})
}

func TestNumbered(t *testing.T) {
	for _, c := range []struct {
		in   string
		n    int
		want string
	}{
		{"/d/a.zip", 1, "/d/a.zip"},
		{"/d/a.zip", 2, "/d/a (2).zip"},
		{"/d/a.tar.gz", 3, "/d/a (3).tar.gz"},
		{"/d/a", 2, "/d/a (2)"},
		{"/d/.zip", 2, "/d/.zip (2)"},
		{"/d/v1.2 backup of a long day, in the year of it.", 2, "/d/v1.2 backup of a long day, in the year of it (2)."},
	} {
		if got := Numbered(c.in, c.n); got != c.want {
			t.Errorf("%q: got %q, want %q", c.in, got, c.want)
		}
	}
	long := filepath.Base(Numbered("/d/"+strings.Repeat("ü", 125)+".zip", 10))
	if len(long) > 255 || !utf8.ValidString(long) || !strings.HasSuffix(long, " (10).zip") {
		t.Errorf("got %q of %d bytes", long, len(long))
	}
}
