package ship

import (
	"strings"
	"testing"

	"goleash.test/judge"
)

func TestScenario(t *testing.T) {
	judge.Goroutines(t, func() {
		begun := make(chan struct{})
		go func() {
			close(begun)
			Packed(strings.NewReader("a long log"))
		}()
		<-begun
	})
}
