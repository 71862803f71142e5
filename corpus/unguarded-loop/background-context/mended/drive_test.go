package rates

import (
	"context"
	"testing"
	"time"

	"goleash.test/judge"
)

func TestScenario(t *testing.T) {
	judge.Goroutines(t, func() {
		c := NewCache(func(context.Context) (map[string]float64, error) {
			return map[string]float64{"NPR": 1.6}, nil
		}, 5*time.Millisecond)
		defer c.Close()
		for _, ok := c.Rate("NPR"); !ok; _, ok = c.Rate("NPR") {
			time.Sleep(time.Millisecond)
		}
	})
}
