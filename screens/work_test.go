package screens

import (
	"context"
	"testing"
)

func TestLateAnswersAreDropped(t *testing.T) {
	u := newUI(t)
	w := work{hops: u.hops()}
	var l line
	var got []string
	hold := make(chan struct{})
	question := func(name string, wait <-chan struct{}) {
		ask(&w, &l, func(context.Context) (string, error) {
			if wait != nil {
				<-wait
			}
			return name, nil
		}, func(answer string, _ error) { got = append(got, answer) })
	}

	question("before it was shown", nil)
	w.begin()
	question("slow", hold)
	question("quick", nil)
	u.Until("the quick answer", func() bool { return len(got) == 1 })
	close(hold)
	u.Settle()
	if len(got) != 1 || got[0] != "quick" {
		t.Errorf("answers: %v", got)
	}
	if l.busy() {
		t.Error("it still waits for an answer")
	}
}

func TestNothingComesAfterHidden(t *testing.T) {
	u := newUI(t)
	w := work{hops: u.hops()}
	var l line
	got, ended := 0, 0
	w.begin()
	news := later(&w, func(int) { got++ })
	w.until(func() { ended++ })
	var cancelled error
	asked := make(chan struct{})
	ask(&w, &l, func(ctx context.Context) (int, error) {
		close(asked)
		<-ctx.Done()
		cancelled = ctx.Err()
		return 0, cancelled
	}, func(int, error) { got++ })
	<-asked
	news(1)
	w.end()
	w.begin() // shown again: what is older still does not count
	news(2)
	u.Settle()
	if got != 0 || ended != 1 || cancelled == nil {
		t.Errorf("%d answers, %d ends, cancelled %v", got, ended, cancelled)
	}
}

func TestHaltedWorkStillAnswers(t *testing.T) {
	u := newUI(t)
	w := work{hops: u.hops()}
	var l line
	var got error
	w.begin()
	run(&w, &l, func(ctx context.Context) error {
		<-ctx.Done()
		return ctx.Err()
	}, func(err error) { got = err })
	l.halt()
	u.Until("the answer", func() bool { return got != nil })
}
