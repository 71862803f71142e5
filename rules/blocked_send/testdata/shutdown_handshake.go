package handshake

import "time"

type zone struct {
	stop   chan bool
	leaves chan bool
}

func newZone() *zone {
	return &zone{stop: make(chan bool), leaves: make(chan bool)}
}

func (z *zone) reload() {
	t := time.NewTicker(time.Minute)
	defer t.Stop()
	for {
		select {
		case <-t.C:
			println("reload")
		case <-z.stop:
			return
		}
	}
}

func (z *zone) watch(failed func() bool) {
	t := time.NewTicker(time.Minute)
	defer t.Stop()
	for {
		select {
		case <-t.C:
			if failed() {
				return
			}
		case <-z.leaves:
			return
		}
	}
}

func serve(failed func() bool) {
	z := newZone()
	go z.reload()
	go z.watch(failed)
	go func() { z.stop <- true }()
	go func() { time.Sleep(time.Hour); z.leaves <- true }() // want warning "once the reader"
}
