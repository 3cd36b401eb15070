package screens

import (
	"context"
	"testing"
)

// Whichever write comes last, it keeps the newest choice.
func TestLastWins(t *testing.T) {
	var l lastWins[string]
	kept := ""
	keep := func(value string) error {
		kept = value
		return nil
	}
	first, second := l.write("first", keep), l.write("second", keep)
	for _, write := range []func(context.Context) error{second, first} {
		if err := write(t.Context()); err != nil || kept != "second" {
			t.Errorf("kept %q, %v", kept, err)
		}
	}
}
