// Package jobs runs jobs one after the other and counts interrupts.
package jobs

import (
	"os"
	"os/signal"
	"sync/atomic"
)

var interrupts atomic.Int64

// All runs the jobs.
func All(names []string, run func(string)) {
	for _, name := range names {
		one(name, run)
	}
}

func one(name string, run func(string)) {
	ch := make(chan os.Signal, 1)
	signal.Notify(ch, os.Interrupt)
	defer close(ch)
	defer signal.Stop(ch)
	go count(ch)
	run(name)
}

func count(ch chan os.Signal) {
	for range ch {
		interrupts.Add(1)
	}
}
