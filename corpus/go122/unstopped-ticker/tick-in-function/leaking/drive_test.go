package warmup

import (
	"errors"
	"testing"
	"time"

	"goleash.test/judge"
)

type db struct{ err error }

func (d db) Ping() error { return d.err }

func TestScenario(t *testing.T) {
	judge.Timers(t, func() {
		Wait(db{}, 3, time.Millisecond)
		Wait(db{errors.New("starting up")}, 3, time.Millisecond)
	})
}
