// go 1.24

// Loops with and without a way out.
package p

import (
	"context"
	"log"
	"net"
	"os"
	"runtime"
	"sync"
	"time"
)

func work() {}

func sleeps() {
	go func() {
		for {
			work()
			time.Sleep(time.Second) // want warning "loops for ever: nothing can make it leave"
		}
	}()
}

func selects(ch chan int) {
	go func() {
		for {
			select { // want warning "loops for ever"
			case n := <-ch:
				log.Print(n)
			}
		}
	}()
}

func ticks(d time.Duration) {
	t := time.NewTicker(d)
	defer t.Stop()
	go func() {
		for range t.C { // want warning "loops for ever"
			work()
		}
	}()
}

func tickTick() {
	go func() {
		for range time.Tick(time.Minute) { // want warning "loops for ever"
			work()
		}
	}()
}

func receivesTicks(t *time.Ticker) {
	go func() {
		for {
			<-t.C // want warning "loops for ever"
			work()
		}
	}()
}

type poller struct {
	wg   sync.WaitGroup
	done chan struct{}
}

func (p *poller) run() {
	for {
		p.once()
		time.Sleep(time.Second) // want warning "loops for ever"
	}
}

func (p *poller) once() {}

func (p *poller) Start() { go p.run() }

func (p *poller) StartValue() {
	f := p.spin
	go f()
}

func (p *poller) spin() {
	for {
		time.Sleep(time.Millisecond) // want warning "loops for ever"
	}
}

func (p *poller) Group() {
	p.wg.Go(func() {
		p.inner()
	})
}

func (p *poller) inner() {
	for {
		time.Sleep(time.Hour) // want warning "loops for ever"
	}
}

// A wrapper that starts its argument.
func background(f func()) {
	go func() {
		defer func() { recover() }()
		f()
	}()
}

func wrapped() {
	background(func() {
		for {
			time.Sleep(time.Second) // want warning "loops for ever"
		}
	})
}

// From here on every loop can be left.

func returns(ctx context.Context, ch chan int) {
	go func() {
		for {
			select {
			case <-ctx.Done():
				return
			case n := <-ch:
				log.Print(n)
			}
		}
	}()
}

func labelled(done <-chan struct{}, ch chan int) {
	go func() {
	loop:
		for {
			select {
			case <-done:
				break loop
			case <-ch:
			}
		}
	}()
}

func jumps(done <-chan struct{}) {
	go func() {
		for {
			select {
			case <-done:
				goto out
			case <-time.After(time.Second):
			}
		}
	out:
		work()
	}()
}

func panics(ch chan int) {
	go func() {
		for {
			if <-ch == 0 {
				panic("zero")
			}
		}
	}()
}

func fatal(ch chan error) {
	go func() {
		for {
			if err := <-ch; err != nil {
				log.Fatal(err)
			}
		}
	}()
}

func exits(ch chan os.Signal) {
	stop := func(code int) {
		work()
		os.Exit(code)
	}
	go func() {
		for {
			select {
			case <-ch:
				stop(1)
			case <-time.After(time.Second):
			}
		}
	}()
}

func goexit(ch chan bool) {
	go func() {
		for {
			if <-ch {
				runtime.Goexit()
			}
		}
	}()
}

func condition(more func() bool) {
	go func() {
		for more() {
			time.Sleep(time.Second)
		}
	}()
}

func closedByPeer(ch <-chan int) {
	go func() {
		for {
			n, ok := <-ch
			if !ok {
				return
			}
			log.Print(n)
		}
	}()
}

func accepts(l net.Listener) {
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			c.Close()
		}
	}()
}

func counted(n int) {
	go func() {
		for i := 0; i < n; i++ {
			time.Sleep(time.Second)
		}
		// A loop that ends before one that does not is no trap itself.
		for {
			select { // want warning "loops for ever"
			case <-time.After(time.Second):
			}
		}
	}()
}
