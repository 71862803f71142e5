package mirror

import (
	"errors"
	"testing"

	"goleash.test/judge"
)

func TestScenario(t *testing.T) {
	judge.Goroutines(t, func() {
		go Copy([]string{"a"}, func(string) (string, error) { return "", errors.New("gone") }, nil)
	})
}
