// Package checksum computes checksums of many records.
package checksum

import (
	"errors"
	"hash/crc32"
	"sync/atomic"
)

var ErrTooLarge = errors.New("checksum: record too large")

const limit = 1 << 10

// All sums the checksums of all records up.
func All(records [][]byte) (uint64, error) {
	var sum atomic.Uint64
	work := make(chan []byte)
	finished := make(chan struct{}, 2)
	for range 2 {
		go func() {
			for rec := range work {
				sum.Add(uint64(crc32.ChecksumIEEE(rec)))
			}
			finished <- struct{}{}
		}()
	}

	for _, rec := range records {
		if len(rec) > limit {
			return 0, ErrTooLarge
		}
		work <- rec
	}
	close(work)
	for range 2 {
		<-finished
	}
	return sum.Load(), nil
}
