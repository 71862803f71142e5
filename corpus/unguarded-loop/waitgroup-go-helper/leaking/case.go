// Package ingest copies readings from sensors into a store.
package ingest

import (
	"sync"
	"time"
)

type Reading struct {
	Sensor string
	Value  float64
}

type Ingest struct {
	wg    sync.WaitGroup
	read  func(sensor string) (Reading, error)
	store func(Reading)
}

func New(read func(string) (Reading, error), store func(Reading)) *Ingest {
	return &Ingest{read: read, store: store}
}

// Follow samples the sensors until the process ends.
func (in *Ingest) Follow(sensors ...string) {
	for _, s := range sensors {
		in.wg.Go(func() {
			in.sample(s)
		})
	}
}

func (in *Ingest) sample(sensor string) {
	failures := 0
	for {
		r, err := in.read(sensor)
		if err != nil {
			failures++
			time.Sleep(time.Duration(failures) * time.Millisecond)
			continue
		}
		failures = 0
		in.store(r)
		time.Sleep(15 * time.Millisecond)
	}
}
