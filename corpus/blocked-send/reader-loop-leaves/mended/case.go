// Package metrics gathers samples and hands them on in one place.
package metrics

import "context"

type Sample struct {
	Name  string
	Value float64
}

type Gatherer struct {
	samples chan Sample
	stopped chan struct{}
	sum     map[string]float64
}

func NewGatherer() *Gatherer {
	return &Gatherer{
		samples: make(chan Sample),
		stopped: make(chan struct{}),
		sum:     make(map[string]float64),
	}
}

// Run adds samples up until ctx ends.
func (g *Gatherer) Run(ctx context.Context) {
	defer close(g.stopped)
	for {
		select {
		case <-ctx.Done():
			return
		case s := <-g.samples:
			g.sum[s.Name] += s.Value
		}
	}
}

func (g *Gatherer) add(name string, value float64) {
	select {
	case g.samples <- Sample{name, value}:
	case <-g.stopped:
	}
}

// Timed runs fn and records how often it was called; the record does not
// slow the caller down.
func (g *Gatherer) Timed(name string, fn func()) {
	fn()
	go g.add(name, 1)
}
