package iphone

import (
	"errors"
	"os"
	"regexp"
	"strconv"
	"testing"
)

func TestWhatIsChosenLeadsSomewhere(t *testing.T) {
	var taps tapper
	led := make(chan string, 3)
	taps.tapped("first")
	taps.tapped("started the app")
	taps.listen(func(id string) { led <- id })
	if id := <-led; id != "started the app" {
		t.Errorf("led to %q", id)
	}
	taps.tapped("later")
	if id := <-led; id != "later" {
		t.Errorf("led to %q", id)
	}
	taps.listen(func(id string) { led <- "again " + id }) // what was led to is not led to again
	taps.tapped("last")
	if id := <-led; id != "again last" {
		t.Errorf("led to %q", id)
	}
}

func TestNumbersOfTheKeychain(t *testing.T) {
	if err := keychain(0); err != nil {
		t.Error(err)
	}
	if err := keychain(-25300); !errors.Is(err, ErrNoSecret) {
		t.Error(err)
	}
	var other *KeychainError
	if err := keychain(-25308); !errors.As(err, &other) || other.Status != -25308 || errors.Is(err, ErrNoSecret) {
		t.Error(err)
	}
}

// TestAnswersAreThoseOfTheHeader holds the errors against the numbers that
// Objective-C returns.
func TestAnswersAreThoseOfTheHeader(t *testing.T) {
	text, err := os.ReadFile("iphone.h")
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]error{
		"Done": nil, "NoApp": ErrNoApp, "NoWindow": ErrNoWindow, "Refused": ErrRefused, "Slow": ErrSlow, "Failed": ErrFailed,
	}
	found := regexp.MustCompile(`(?m)^\tcb(\w+) = (\d+),`).FindAllSubmatch(text, -1)
	if len(found) != len(want) || len(answers) != len(want) {
		t.Fatalf("the header has %d answers, Go %d", len(found), len(answers))
	}
	for _, f := range found {
		number, err := strconv.Atoi(string(f[2]))
		if err != nil {
			t.Fatal(err)
		}
		if got := answer(number); got != want[string(f[1])] { //nolint:errorlint // the very value
			t.Errorf("%s is %d, which is %v", f[1], number, got)
		}
	}
	for _, number := range []int{-1, len(answers)} {
		if err := answer(number); !errors.Is(err, ErrFailed) {
			t.Errorf("%d is %v", number, err)
		}
	}
}
