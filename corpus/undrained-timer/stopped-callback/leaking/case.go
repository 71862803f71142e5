// Package guard runs work and calls for help when it takes too long.
package guard

import "time"

type Guard struct {
	limit time.Duration
	alarm func()
}

func New(limit time.Duration, alarm func()) *Guard { return &Guard{limit: limit, alarm: alarm} }

// Run says whether the work was done in time.
func (g *Guard) Run(work func()) bool {
	t := time.AfterFunc(g.limit, g.alarm)
	work()
	if !t.Stop() {
		<-t.C
		return false
	}
	return true
}
