// A test that runs through a table says nothing of how often the code runs.
package tests

import (
	"os"
	"os/signal"
)

func ask(question string) os.Signal {
	ch := make(chan os.Signal, 1)
	signal.Notify(ch, os.Interrupt) // want note "ch stays registered"
	println(question)
	return <-ch
}
