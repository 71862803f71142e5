package app

import (
	"time"

	"example.com/safe/safego"
)

func work() {
	for { // the loop of start
		time.Sleep(time.Second) // want warning "loops for ever"
	}
}

func start(g *safego.Group) {
	safego.Run(func() {
		for {
			time.Sleep(time.Second) // want warning "loops for ever"
		}
	})
	g.Start("work", work)
	safego.Call(func() {
		for {
			time.Sleep(time.Second)
		}
	})
}
