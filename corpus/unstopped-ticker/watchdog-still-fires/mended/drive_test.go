package lease

import (
	"testing"
	"time"

	"goleash.test/judge"
)

type registry struct{}

func (registry) Acquire(string) error { return nil }
func (registry) Release(string)       {}
func (registry) Expired(string)       {}

func TestScenario(t *testing.T) {
	judge.Timers(t, func() {
		h := NewHolder(registry{}, time.Hour)
		for range 8 {
			h.Do("reindex", func() error { return nil })
		}
	})
}
