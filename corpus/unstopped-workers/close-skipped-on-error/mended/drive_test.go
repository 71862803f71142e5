package checksum

import (
	"testing"

	"goleash.test/judge"
)

func TestScenario(t *testing.T) {
	judge.Goroutines(t, func() {
		if _, err := All([][]byte{{1}, make([]byte, 2*limit), {2}}); err != ErrTooLarge {
			t.Error(err)
		}
	})
}
