// go 1.22

// Tickers in fields.
package p

import "time"

type forgetful struct {
	tick *time.Ticker
}

func newForgetful() *forgetful {
	return &forgetful{
		tick: time.NewTicker(time.Second), // want error "never stopped: nothing in the package stops forgetful.tick"
	}
}

func (f *forgetful) wait() { <-f.tick.C }

type careful struct {
	tick *time.Ticker
}

func newCareful() *careful {
	t := time.NewTicker(time.Second)
	c := &careful{tick: t}
	return c
}

func (c *careful) Close() { c.tick.Stop() }

type uncalled struct {
	tick *time.Ticker
}

func newUncalled() *uncalled {
	u := &uncalled{}
	u.tick = time.NewTicker(time.Second) // want error "ticker u.tick is never stopped"
	return u
}

func (u *uncalled) halt() { u.tick.Stop() }

// Users of the package see the field.
type Open struct {
	Tick *time.Ticker
}

func NewOpen() *Open { return &Open{Tick: time.NewTicker(time.Second)} }

type embedded struct {
	*time.Ticker
}

func newEmbedded() embedded { return embedded{time.NewTicker(time.Second)} }

type throughLocal struct {
	tick *time.Ticker
}

func newThroughLocal() *throughLocal { return &throughLocal{tick: time.NewTicker(time.Second)} }

func (l *throughLocal) Run(quit chan struct{}) {
	t := l.tick
	defer t.Stop()
	for {
		select {
		case <-quit:
			return
		case <-t.C:
		}
	}
}

type replaced struct {
	tick *time.Ticker
}

func newReplaced() *replaced { return &replaced{tick: time.NewTicker(time.Second)} }

func (r *replaced) Stop() { r.tick.Stop() }

func (r *replaced) set(d time.Duration) {
	r.tick = time.NewTicker(d) // want error "ticker r.tick is not stopped before another one takes its place"
}

func (r *replaced) setCarefully(d time.Duration) {
	r.tick.Stop()
	r.tick = time.NewTicker(d)
}

func (r *replaced) setOnce(d time.Duration) {
	if r.tick == nil {
		r.tick = time.NewTicker(d)
	}
}

type startedLater struct {
	tick *time.Ticker
}

func (s *startedLater) Start() { s.tick = time.NewTicker(time.Second) }
func (s *startedLater) Stop()  { s.tick.Stop() }

var shared *time.Ticker

func Share() { shared = time.NewTicker(time.Second) }
