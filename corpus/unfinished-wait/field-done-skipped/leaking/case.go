// Package intake takes parcels in.
package intake

import "sync"

type Desk struct {
	open   sync.WaitGroup
	Weighs func(string) int
}

// Accept takes one parcel in.
func (d *Desk) Accept(label string) {
	d.open.Add(1)
	go func() {
		if d.Weighs(label) == 0 {
			return
		}
		d.open.Done()
	}()
}

// Close waits until all parcels are through.
func (d *Desk) Close() {
	d.open.Wait()
}
