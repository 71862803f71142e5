// Package poll asks a source until it answers or a time has passed.
package poll

import "time"

type Source interface {
	Ready() bool
}

// Wait asks again after each pause, a few times. It says whether the source was ready.
func Wait(s Source, pause time.Duration, tries int) bool {
	t := time.NewTimer(pause)
	for range tries {
		<-t.C
		if s.Ready() {
			return true
		}
		t.Reset(pause)
	}
	t.Stop()
	return false
}
