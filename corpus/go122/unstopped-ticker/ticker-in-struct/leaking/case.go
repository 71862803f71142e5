// Package throttle spaces calls to a service evenly.
package throttle

import "time"

type Throttle struct {
	ticker *time.Ticker
	calls  int
}

// New allows perSecond calls each second.
func New(perSecond int) *Throttle {
	return &Throttle{ticker: time.NewTicker(time.Second / time.Duration(perSecond))}
}

// Wait returns when the next call may be made.
func (t *Throttle) Wait() {
	<-t.ticker.C
	t.calls++
}

// Calls tells how many calls were made.
func (t *Throttle) Calls() int { return t.calls }

// Fetch gets all pages through a throttle of its own.
func Fetch(pages []string, get func(string)) int {
	th := New(1000)
	for _, p := range pages {
		th.Wait()
		get(p)
	}
	return th.Calls()
}
