// go 1.22

// Ways out of the function that makes the ticker.
package p

import (
	"errors"
	"fmt"
	"log"
	"os"
	"time"

	"example.com/kafka"
)

var errLate = errors.New("late")

func neverStopped(n int) {
	t := time.NewTicker(time.Second) // want error "ticker t is never stopped"
	for range n {
		<-t.C
	}
}

func earlyReturn(send func() error) error {
	t := time.NewTicker(time.Second) // want error "ticker t is not stopped on every way out of earlyReturn"
	for range 3 {
		<-t.C
		if err := send(); err != nil {
			return err
		}
	}
	t.Stop()
	return nil
}

func stoppedOnAll(send func() error) error {
	t := time.NewTicker(time.Second)
	for range 3 {
		<-t.C
		if err := send(); err != nil {
			t.Stop()
			return err
		}
	}
	t.Stop()
	return nil
}

func deferred() {
	t := time.NewTicker(time.Second)
	defer t.Stop()
	<-t.C
}

func deferredClosure() {
	t := time.NewTicker(time.Second)
	defer func() {
		fmt.Println("done")
		t.Stop()
	}()
	<-t.C
}

func deferredNilCheck(on bool) {
	var t *time.Ticker
	defer func() {
		if t != nil {
			t.Stop()
		}
	}()
	if on {
		t = time.NewTicker(time.Second)
		<-t.C
	}
}

func nilCheck(on bool) {
	var t *time.Ticker
	if on {
		t = time.NewTicker(time.Second)
	}
	work()
	if t != nil {
		t.Stop()
	}
}

func sameQuestionTwice(on bool) {
	var t *time.Ticker
	if on {
		t = time.NewTicker(time.Second)
	}
	work()
	if on {
		t.Stop()
	}
}

func otherQuestion(on, off bool) {
	var t *time.Ticker
	if on {
		t = time.NewTicker(time.Second) // want error "ticker t is not stopped on every way out"
	}
	work()
	if off {
		t.Stop()
	}
}

func exits() {
	t := time.NewTicker(time.Second)
	<-t.C
	if len(os.Args) > 2 {
		log.Fatal("too many")
	}
	if len(os.Args) > 1 {
		os.Exit(1)
	}
	t.Stop()
}

func endless() {
	t := time.NewTicker(time.Second)
	for {
		<-t.C
		work()
	}
}

func endlessRange() {
	for range time.NewTicker(time.Second).C {
		work()
	}
}

func endlessWithBreak() {
	t := time.NewTicker(time.Second) // want error "ticker t is never stopped"
	for range t.C {
		if done() {
			break
		}
	}
}

func onlyChannelKept() error {
	c := time.NewTicker(time.Second).C // want error "the ticker of time.NewTicker is never stopped"
	for {
		<-c
		if done() {
			return errLate
		}
	}
}

func again(n int) {
	for range n {
		t := time.NewTicker(time.Second) // want error "ticker t is not stopped before another one takes its place"
		<-t.C
	}
}

func againStopped(n int) {
	for range n {
		t := time.NewTicker(time.Second)
		<-t.C
		t.Stop()
	}
}

func overwritten() {
	t := time.NewTicker(time.Second) // want error "ticker t is not stopped before another one takes its place"
	<-t.C
	t = time.NewTicker(time.Minute)
	defer t.Stop()
	<-t.C
}

func overwrittenAfterStop() {
	t := time.NewTicker(time.Second)
	defer func() { t.Stop() }()
	<-t.C
	t.Stop()
	t = time.NewTicker(time.Minute)
	<-t.C
}

func dropped() {
	time.NewTicker(time.Second) // want error "the ticker of time.NewTicker is never stopped: nothing keeps it"
}

func methodValue() {
	t := time.NewTicker(time.Second)
	stop := t.Stop
	defer stop()
	<-t.C
}

func labelled(n int) {
	t := time.NewTicker(time.Second) // want error "not stopped on every way out"
loop:
	for {
		select {
		case <-t.C:
			if done() {
				break loop
			}
		case <-time.After(time.Second): // want note "each round"
			t.Stop()
			return
		}
	}
}

func panics() {
	t := time.NewTicker(time.Second)
	<-t.C
	if !done() {
		panic("not done")
	}
	t.Stop()
}

func work()      {}
func done() bool { return true }

// The way out waits for what is told to end only after the ticker was stopped.
func toldAfterStop(c *kafka.Consumer, term, reload chan os.Signal) {
	t := time.NewTicker(time.Second)
	for {
		select {
		case <-c.StopChan:
			return
		case <-term:
			t.Stop()
			c.Stop()
		case <-t.C:
		}
	}
}

func toldBeside(c *kafka.Consumer, term chan os.Signal) {
	t := time.NewTicker(time.Second) // want error "not stopped on every way out"
	for {
		select {
		case <-c.StopChan:
			return
		case <-term:
			c.Stop()
		case <-t.C:
			if c.Done() {
				t.Stop()
				return
			}
		}
	}
}

// The flag is set where the ticker is stopped, and nowhere else.
func flagged(n int, term chan os.Signal) {
	t := time.NewTicker(time.Second)
	over := false
	for {
		select {
		case <-term:
			t.Stop()
			over = true
		case <-t.C:
			n--
		}
		if over {
			break
		}
	}
}

func flaggedBoth(n int, term, quit chan os.Signal) {
	t := time.NewTicker(time.Second) // want error "not stopped on every way out"
	over := false
	for !over {
		select {
		case <-term:
			t.Stop()
			over = true
		case <-quit:
			over = true
		case <-t.C:
			n--
		}
	}
}
