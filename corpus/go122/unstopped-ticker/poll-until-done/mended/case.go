// Package jobs follows jobs on a remote queue.
package jobs

import (
	"errors"
	"time"
)

var ErrFailed = errors.New("jobs: job failed")

type Queue interface {
	State(id string) string
}

// Await polls until the job has come to an end.
func Await(q Queue, id string, every time.Duration) error {
	tick := time.NewTicker(every)
	defer tick.Stop()
	for {
		<-tick.C
		switch q.State(id) {
		case "done":
			return nil
		case "failed":
			return ErrFailed
		}
	}
}
