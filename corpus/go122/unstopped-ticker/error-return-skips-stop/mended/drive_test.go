package upload

import (
	"errors"
	"testing"

	"goleash.test/judge"
)

type flaky int

func (f flaky) Part(n int, _ []byte) error {
	if n == int(f) {
		return errors.New("reset by peer")
	}
	return nil
}

func TestScenario(t *testing.T) {
	judge.Timers(t, func() {
		parts := [][]byte{{1}, {2}, {3}}
		File(flaky(9), parts, func(int) {})
		File(flaky(1), parts, func(int) {})
		File(flaky(2), parts, func(int) {})
	})
}
