package auction

import (
	"testing"
	"time"

	"goleash.test/judge"
)

func TestScenario(t *testing.T) {
	judge.Goroutines(t, func() {
		bids := make(chan Bid, 2)
		bids <- Bid{"p", 110}
		bids <- Bid{"q", 900}
		a := New(200, 15*time.Millisecond)
		if best := a.Run(bids); best.Bidder != "q" {
			t.Error(best)
		}
		time.Sleep(20 * time.Millisecond)
	})
}
