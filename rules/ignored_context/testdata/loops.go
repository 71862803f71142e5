package p

import (
	"context"
	"log"
	"time"
)

type cluster interface {
	Ready() bool
	Put(body []byte) error
	Renew(ctx context.Context) bool
}

func polls(ctx context.Context, c cluster) {
	go func() {
		for !c.Ready() {
			time.Sleep(time.Second) // want warning "neither `ctx` nor a time limit bounds a loop that sleeps in each round"
		}
	}()
}

func pollsWithAfter(ctx context.Context, c cluster) {
	go func() {
		for !c.Ready() {
			<-time.After(time.Second) // want warning "a loop that sleeps"
		}
	}()
}

func pollsAndAsks(ctx context.Context, c cluster) {
	go func() {
		for !c.Ready() && ctx.Err() == nil {
			time.Sleep(time.Second)
		}
	}()
	go func() {
		for !c.Ready() {
			select {
			case <-ctx.Done():
				return
			case <-time.After(time.Second):
			}
		}
	}()
}

// The call that is given the context tells the loop when to end.
func pollsThrough(ctx context.Context, c cluster) {
	go func() {
		for {
			if !c.Renew(ctx) {
				return
			}
			time.Sleep(time.Second)
		}
	}()
}

func pollsUntil(ctx context.Context, c cluster) {
	go func() {
		deadline := time.Now().Add(time.Minute)
		for !c.Ready() && time.Now().Before(deadline) {
			time.Sleep(time.Second)
		}
	}()
}

// It sleeps before it returns, and not in each round.
func pausesAtTheEnd(ctx context.Context, c cluster) {
	go func() {
		for {
			if c.Ready() {
				time.Sleep(time.Second)
				return
			}
		}
	}()
}

func retriesAFewTimes(ctx context.Context, c cluster) {
	go func() {
		for i := 0; i < 3; i++ {
			if c.Put(nil) == nil { // want note "c.Put"
				return
			}
			time.Sleep(time.Second)
		}
	}()
	go func() {
		tries := 0
		for tries < 5 {
			if c.Put(nil) == nil { // want note "c.Put"
				return
			}
			tries++
			time.Sleep(time.Duration(tries) * time.Second)
		}
	}()
}

func retriesSlowerAndSlower(ctx context.Context, c cluster, pause time.Duration) {
	go func() {
		for i := 0; i < 10; i++ {
			if err := c.Put(nil); err == nil {
				return
			}
			time.Sleep(pause) // want warning "a loop that sleeps"
			pause *= 2
		}
		log.Print("gave up")
	}()
}

func sleepsOnce(ctx context.Context) {
	go func() {
		time.Sleep(time.Minute)
		log.Print("a minute later")
	}()
}

// It works until it is told to stop: slow work is what it is for.
func worker(ctx context.Context, c cluster, jobs chan []byte, conn saver) {
	go func() {
		for range jobs {
			_ = conn.Save(context.Background()) // want note "works until it is told to stop"
		}
	}()
	close(jobs)
}

type saver interface {
	Save(ctx context.Context) error
}

// A loop that nothing ends is another rule's business.
func trapped(ctx context.Context, conn saver) {
	go func() {
		for {
			_ = conn.Save(context.Background())
			time.Sleep(time.Second)
		}
	}()
}
