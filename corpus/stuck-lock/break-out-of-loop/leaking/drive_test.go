package door

import (
	"testing"

	"goleash.test/judge"
)

func TestScenario(t *testing.T) {
	judge.Goroutines(t, func() {
		d := &Door{}
		d.Enter()
		d.UntilEmpty(d.Leave)
		go d.UntilEmpty(d.Leave)
	})
}
