// go 1.24

// Ways out: the end of a context, or a label for a break.
package p

import (
	"context"
	"log"
	"net/http"
	"time"
)

func onEachTick(ctx context.Context, d time.Duration) {
	t := time.NewTicker(d)
	defer t.Stop()
	go func() {
		for range t.C { // want "loops for ever"
			log.Print("tick")
		}
	}()
	<-ctx.Done()
}

func withTheTime(ctx context.Context, t *time.Ticker) {
	go func() {
		for now := range t.C { // want "loops for ever"
			// Only now and then.
			if now.Second() == 0 {
				log.Print(now)
			}

			log.Print("tick")
		}
	}()
}

func everySecond(ctx context.Context) {
	go func() {
		for range time.Tick(time.Second) { // want "loops for ever"
			log.Print("tick")
		}
	}()
}

func receives(ctx context.Context, t *time.Ticker) {
	go func() {
		for {
			<-t.C // want "loops for ever"
			log.Print("tick")
		}
	}()
}

func sleeps(ctx context.Context) {
	go func() {
		for {
			log.Print("still here")
			time.Sleep(time.Second) // want "loops for ever"
		}
	}()
}

func failing(ctx context.Context, t *time.Ticker, start func(func() error)) {
	go func() {
		_ = poll(ctx, t)
	}()
}

func poll(ctx context.Context, t *time.Ticker) error {
	for {
		select { // want "loops for ever"
		case <-t.C:
			log.Print("tick")
		}
	}
}

// The request is what is in scope.
func serve(w http.ResponseWriter, r *http.Request) {
	in := make(chan int)
	go func() {
		for {
			select { // want "loops for ever"
			case n := <-in:
				log.Print(n)
			case <-time.After(time.Minute):
			}
		}
	}()
	in <- 1
}

// The context inside hides the one outside, and never ends.
func hidden(ctx context.Context, t *time.Ticker) {
	go func() {
		ctx := context.Background()
		for range t.C { // want "loops for ever"
			log.Print(ctx)
		}
	}()
}

// Another one is out of scope already.
func gone(t *time.Ticker, parent func() context.Context) {
	{
		ctx := parent()
		log.Print(ctx)
	}
	go func() {
		for range t.C { // want "loops for ever"
			log.Print("tick")
		}
	}()
}

// Leaving would skip what somebody waits for.
func owes(ctx context.Context, t *time.Ticker, done chan struct{}) {
	go func() {
		if ctx.Err() == nil {
			for range t.C { // want "loops for ever"
				log.Print("tick")
			}
		}
		close(done)
	}()
}

func leavesTheSelect(ctx context.Context, in chan int) {
	go func() {
		for {
			select { // want error "its way out does not work"
			case <-ctx.Done():
				log.Print("leaving")
				break
			case n := <-in:
				log.Print(n)
			}
		}
	}()
}

func hasALabel(ctx context.Context, in chan int) {
	go func() {
	again:
		for {
			select { // want error "its way out does not work"
			case <-ctx.Done():
				break
			case n := <-in:
				if n < 0 {
					continue again
				}
				log.Print(n)
			}
		}
	}()
}

// A switch is left alike.
func leavesTheSwitch(in chan int) {
	go func() {
		for {
			select { // want error "its way out does not work"
			case n := <-in:
				switch n {
				case 0:
					break
				default:
					log.Print(n)
				}
			}
		}
	}()
}

func hearsAndGoesOn(ctx context.Context, in chan int) {
	go func() {
		for {
			select { // want error "its way out does not work"
			case <-ctx.Done():
				log.Print("done")
			case n := <-in:
				log.Print(n)
			}
		}
	}()
}
