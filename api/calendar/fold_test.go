package calendar

import (
	"strings"
	"sync"
	"testing"
	"unicode/utf8"
)

func TestFoldFindsTheSameWord(t *testing.T) {
	for _, c := range []struct{ a, b string }{
		{"Müller & Söhne", "muller & sohne"},
		{"Mu\u0308ller", "MÜLLER"}, // decomposed
		{"Straße", "STRASSE"},
		{"GROẞ", "gross"},
		{"İzmir", "izmir"},
		{"ISPARTA", "ısparta"}, // Turkish lower case of I
		{"Łódź", "lodz"},
		{"Ærø", "aero"},
		{"Đà Nẵng", "da nang"},
		{"Ὀδυσσεύς", "οδυσσευσ"},
		{"Ёлка", "елка"},
		{"أحمد", "احمد"},
		{"مُحَمَّد", "محمد"}, // with and without vowels
		{"محمـــد", "محمد"},  // stretched
		{"שָׁלוֹם", "שלום"},  // points
		{"ＡＢＣ１２３", "abc123"}, // full width
		{"ﬁnance", "finance"},
		{"Ⅳ", "iv"},
		{"  a \t b\u00A0\n c ", "a b c"},
		{"co\u00ADop", "coop"},
		{"می\u200Cخواهم", "میخواهم"},
		{"\uFEFFtitle", "title"},
		{"한글", "\u1112\u1161\u11AB\u1100\u1173\u11AF"},
	} {
		if Fold(c.a) != Fold(c.b) {
			t.Errorf("%q folds to %q, %q to %q", c.a, Fold(c.a), c.b, Fold(c.b))
		}
	}
}

func TestFoldKeepsUnlikeWordsApart(t *testing.T) {
	for _, c := range []struct{ a, b string }{
		{"कि", "का"},   // Hindi vowel signs
		{"กิน", "กัน"}, // Thai vowel signs
		{"カキ", "ガギ"},   // Japanese voiced marks
		{"क्या", "कया"},
		{"a b", "ab"},
	} {
		if Fold(c.a) == Fold(c.b) {
			t.Errorf("%q and %q both fold to %q", c.a, c.b, Fold(c.a))
		}
	}
}

func FuzzFold(f *testing.F) {
	for _, s := range []string{"", "a", " A  b ", "Müller", "ŉ", "İ", "\xff\xfe", "कि", "ｶﾞ", "\u0345\u03B1", "ᏸ", "a\u0300\u0316", strings.Repeat("\u093C", 70), "ﬗ"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		once := Fold(s)
		if !utf8.ValidString(once) {
			t.Errorf("%q folds to %q, which is not UTF-8", s, once)
		}
		if twice := Fold(once); twice != once {
			t.Errorf("%q folds to %q, and that to %q", s, once, twice)
		}
		if got := Fold(" " + s + "\n"); got != once {
			t.Errorf("%q folds to %q, with space around it to %q", s, once, got)
		}
	})
}

func TestFoldFromManyGoroutines(t *testing.T) {
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for range 200 {
				if got := Fold("Ärger in ÖSTERREICH " + strings.Repeat("ß", 30)); got != "arger in osterreich "+strings.Repeat("ss", 30) {
					t.Errorf("got %q", got)
					return
				}
			}
		})
	}
	wg.Wait()
}

func TestFoldOfPlainTextMakesNoGarbage(t *testing.T) {
	const s = "yearly backup 2024"
	if n := testing.AllocsPerRun(100, func() { Fold(s) }); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

func BenchmarkFold(b *testing.B) {
	for name, s := range map[string]string{"ascii": "Yearly Backup 2024", "german": "Jährliche Sicherung für Müller & Söhne"} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				Fold(s)
			}
		})
	}
}
