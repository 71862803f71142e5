// Without a go.mod the version is unknown and counts as old.
package p

import "time"

func tick(n int) {
	for range time.Tick(time.Second) { // want error "the ticker of time.Tick runs on for ever: nothing can stop it"
		if n--; n == 0 {
			return
		}
	}
}

func tickForEver() {
	for range time.Tick(time.Second) {
		println("still here")
	}
}

func tickInSelect(done chan bool) {
	c := time.Tick(time.Second) // want error "ticker c runs on for ever"
	for {
		select {
		case <-c:
		case <-done:
			return
		}
	}
}

// Tick is for other packages.
func Tick() <-chan time.Time { return time.Tick(time.Second) }

var global = time.Tick(time.Second)
