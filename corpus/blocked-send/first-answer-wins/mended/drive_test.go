package mirror

import (
	"testing"

	"goleash.test/judge"
)

type disk string

func (d disk) Name() string           { return string(d) }
func (d disk) Load(key string) []byte { return []byte(key) }

func TestScenario(t *testing.T) {
	judge.Goroutines(t, func() {
		m := New(disk("a"), disk("b"), disk("c"), disk("d"))
		m.Load("logo.png")
	})
}
