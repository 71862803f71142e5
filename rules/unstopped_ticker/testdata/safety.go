// go 1.22
package p

import (
	"fmt"
	"time"
)

func waits(d time.Duration) time.Time {
	t := time.NewTicker(d) // want "ticker t" fix safe
	return <-t.C
}

func gives(d time.Duration) <-chan time.Time {
	t := time.NewTicker(d) // want "ticker t" fix unsafe
	return t.C
}

func giveRenamed(d time.Duration) (c <-chan time.Time) {
	t := time.NewTicker(d) // want "ticker t" fix unsafe
	c = t.C
	return
}

func hands(d time.Duration, to chan<- (<-chan time.Time)) {
	t := time.NewTicker(d) // want "ticker t" fix unsafe
	to <- t.C
}

func runsOn(d time.Duration) {
	t := time.NewTicker(d) // want "ticker t" fix none
	c := t.C
	go func() { fmt.Println(<-c) }()
}

func prints(c <-chan time.Time) { fmt.Println(<-c) }

func handsDown(d time.Duration) {
	t := time.NewTicker(d) // want "ticker t" fix safe
	prints(t.C)
}

func later(d time.Duration, work func() error) error {
	t := time.AfterFunc(time.Hour, func() { println("late") }) // want "timer t" fix unsafe
	if err := work(); err != nil {
		return err
	}
	t.Stop()
	return nil
}
