package quiet

import (
	"fmt"
	"net"
	"sync/atomic"
	"time"
)

func load(id int) (string, error) { return fmt.Sprint(id), nil }

func lookFirst(ids []int) error {
	failed := make(chan error, len(ids))
	for _, id := range ids {
		go func() {
			if _, err := load(id); err != nil {
				failed <- err
			}
		}()
	}
	if len(failed) > 0 {
		return <-failed
	}
	return nil
}

func closedFurtherDown(l net.Listener) {
	failed := make(chan error, 1)
	go func() {
		conn, err := l.Accept()
		if err != nil {
			failed <- err
			close(failed)
			return
		}
		go func() {
			defer close(failed)
			defer conn.Close()
			if _, err := conn.Write(nil); err != nil {
				failed <- err
			}
		}()
	}()
	for err := range failed {
		fmt.Println(err)
	}
}

type handler func(id int)

func register(h handler)

func fromHandler() {
	served := make(chan bool, 1)
	register(func(id int) {
		go func() {
			fmt.Println(id)
			served <- true
		}()
	})
	go fmt.Println("other")
	<-served
}

func staysAfter(c chan<- int) {
	c <- 1
	for {
		time.Sleep(time.Second)
	}
}

func started() {
	up := make(chan int, 2)
	go staysAfter(up)
	go staysAfter(up)
	<-up
	<-up
}

func lastOne(n int) {
	const workers = 4
	done := make(chan bool)
	var count int32
	for range workers {
		go func() {
			if atomic.AddInt32(&count, 1) == workers {
				done <- true
			}
		}()
	}
	<-done
}

func chain(n int) {
	done := make(chan bool)
	var next func(n int)
	next = func(n int) {
		if n == 0 {
			done <- true
			return
		}
		go next(n - 1)
	}
	go next(n)
	<-done
}

func turns(items []string) {
	start := make(chan struct{})
	out := make(chan string)
	go func() {
		for _, item := range items {
			<-start
			out <- item
		}
		<-start
		close(out)
	}()
	start <- struct{}{}
	for item := range out {
		fmt.Println(item)
		start <- struct{}{}
	}
}

func eitherSend() {
	a := make(chan bool)
	b := make(chan bool)
	go func() {
		<-a
	}()
	select {
	case a <- true:
	case b <- true:
	}
}

type tooLate struct{}

func (tooLate) Error() string { return "too late" }

func withTimer(limit time.Duration, id int) error {
	failed := make(chan error, 2)
	var timer *time.Timer
	if limit != 0 {
		timer = time.AfterFunc(limit, func() {
			failed <- tooLate{}
		})
	}
	go func() {
		_, err := load(id)
		if timer != nil {
			timer.Stop()
		}
		failed <- err
	}()
	if err := <-failed; err != nil {
		if err == (tooLate{}) {
			<-failed
		}
		return err
	}
	return nil
}

func fields(list []struct{ read, close bool }) {
	for _, one := range list {
		func() {
			got := make(chan error, 1)
			if one.read {
				go func() {
					_, err := load(1)
					got <- err
				}()
			}
			if one.close {
				fmt.Println("close")
			}
			if one.read {
				fmt.Println(<-got)
			}
		}()
	}
}

func modes(mode string, id int) {
	got := make(chan string, 1)
	switch mode {
	case "fast":
		got <- "cached"
	case "slow":
		go func() {
			v, _ := load(id)
			got <- v
		}()
	}
	if mode == "slow" {
		fmt.Println(<-got)
	}
}
