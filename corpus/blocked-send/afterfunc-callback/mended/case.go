// Package auction sells one item at a time.
package auction

import "time"

type Bid struct {
	Bidder string
	Cents  int
}

type Auction struct {
	reserve int
	open    time.Duration
}

func New(reserve int, open time.Duration) *Auction {
	return &Auction{reserve: reserve, open: open}
}

// Run takes bids until the time is up, or until somebody bids twice the
// reserve price.
func (a *Auction) Run(bids <-chan Bid) (best Bid) {
	over := make(chan struct{})
	clock := time.AfterFunc(a.open, func() {
		close(over)
	})
	defer clock.Stop()
	for {
		select {
		case b := <-bids:
			if b.Cents > best.Cents {
				best = b
			}
			if best.Cents >= 2*a.reserve {
				return best
			}
		case <-over:
			return best
		}
	}
}
