package boot

import (
	"errors"
	"testing"
	"time"

	"goleash.test/judge"
)

type down chan bool

func (d down) Up() error {
	<-d
	return errors.New("refused")
}

func TestScenario(t *testing.T) {
	judge.Goroutines(t, func() {
		db, cache, queue := make(down), make(down), make(down)
		close(db)
		if All(db, cache, queue) == nil {
			t.Error("no error")
		}
		close(cache)
		time.Sleep(30 * time.Millisecond)
		close(queue)
	})
}
