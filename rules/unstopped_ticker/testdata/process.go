// What main makes once lives as long as the process.
package main

import "time"

var clock = time.NewTicker(time.Second)

func main() {
	t := time.NewTicker(time.Minute)
	for range 3 {
		<-t.C
	}
	setup()
	for range 3 {
		perRound()
	}
}

func setup() {
	t := time.NewTicker(time.Minute)
	<-t.C
}

func perRound() {
	t := time.NewTicker(time.Minute) // want error "ticker t is never stopped"
	<-t.C
}
