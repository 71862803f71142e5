package p

import "time"

func simple(n int) {
	t := time.NewTicker(time.Second) // want "ticker t is never stopped"
	for range n {
		<-t.C
	}
}

func nested(on bool) {
	if on {
		var t = time.NewTicker( // want "ticker t is never stopped"
			time.Second)
		<-t.C
	}
}

func inLoop(n int) {
	for range n {
		t := time.NewTicker(time.Second) // want "another one takes its place"
		<-t.C
	}
}

func inHeader() {
	if t := time.NewTicker(time.Second); true { // want "ticker t is never stopped"
		<-t.C
	}
}

func shared() {
	t := time.NewTicker(time.Second) // want "ticker t is never stopped"
	go func() { <-t.C }()
}
