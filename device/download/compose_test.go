package download

import (
	"testing"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// Every letter that Unicode has joined and apart is joined.
func TestComposeEveryLetter(t *testing.T) {
	n := 0
	for r := rune(0x80); r <= unicode.MaxRune; r++ {
		joined := norm.NFC.String(string(r))
		apart := norm.NFD.String(joined)
		if joined != string(r) || apart == joined {
			continue
		}
		n++
		if got := compose(apart); got != joined {
			t.Errorf("%+q: %+q, want %+q", apart, got, joined)
		}
		if got := compose(joined); got != joined {
			t.Errorf("%+q became %+q", joined, got)
		}
	}
	if n < 12000 {
		t.Errorf("only %d letters tried", n)
	}
}

func TestComposeLeavesTheRest(t *testing.T) {
	for _, s := range []string{"", "plain", "\u0301", "x\u0301\u0308", "a\u0327\u0308b", "\u1161\u11ab", "가\u11a7"} {
		if got := compose(s); norm.NFC.String(got) != norm.NFC.String(s) {
			t.Errorf("%+q became %+q", s, got)
		}
	}
}
