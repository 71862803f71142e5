// Goroutines of functions that have a context.
package p

import (
	"context"
	"net"
	"net/http"
	"os/exec"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"
)

type store interface {
	Put(key string) error
	Fetch(ctx context.Context, key string) error
}

type remote interface {
	FetchAll(key string) error
}

func dial(addr string) {
	conn, err := net.Dial("tcp", addr)
	if err != nil {
		return
	}
	conn.Close()
}

func dialFor(ctx context.Context, addr string) {
	var d net.Dialer
	conn, err := d.DialContext(ctx, "tcp", addr)
	if err != nil {
		return
	}
	conn.Close()
}

func forgets(ctx context.Context, addr string) {
	go func() {
		dial(addr) // want warning "net.Dial can take long, and ctx does not reach it: this goroutine outlives forgets without a bound"
	}()
}

func named(ctx context.Context, addr string) {
	go connect(addr)
}

func connect(addr string) {
	net.Dial("tcp", addr) // want warning "net.Dial can take long, and ctx does not reach it: this goroutine outlives named"
}

func handler(w http.ResponseWriter, r *http.Request) {
	name := r.FormValue("name")
	go func() {
		exec.Command("convert", name).Run() // want warning "Run can take long, and r.Context\(\) does not reach it: this goroutine outlives handler"
	}()
}

// What main runs at its own pace has no context to ignore.
func noContext(addr string) {
	go dial(addr)
}

func handsDown(ctx context.Context, addr string) {
	go dialFor(ctx, addr)
}

func withoutCancelAndTimeout(ctx context.Context, addr string) {
	ctx = context.WithoutCancel(ctx)
	go func() {
		ctx, cancel := context.WithTimeout(ctx, time.Second)
		defer cancel()
		dialFor(ctx, addr)
	}()
}

func background(ctx context.Context, s store) {
	go func() {
		s.Fetch(context.Background(), "a") // want warning "s.Fetch is given a context that never ends, though ctx is at hand"
	}()
}

func ownTimeout(ctx context.Context, s store) {
	go func() {
		own, cancel := context.WithTimeout(context.Background(), time.Second)
		defer cancel()
		s.Fetch(own, "a")
	}()
}

func passes(ctx context.Context, s store) {
	go s.Fetch(ctx, "a")
}

func unreadable(ctx context.Context, s store) {
	go func() {
		s.Put("a") // want note "s.Put may take long, and ctx does not reach it"
	}()
}

func remoteByName(ctx context.Context, r remote) {
	go func() {
		r.FetchAll("a") // want warning "r.FetchAll can take long, and ctx does not reach it"
	}()
}

func memory(ctx context.Context, m map[string]int, mu *sync.Mutex) {
	go func() {
		mu.Lock()
		defer mu.Unlock()
		m["a"]++
	}()
}

func cancels(ctx context.Context) {
	ctx, cancel := context.WithCancel(ctx)
	go func() { cancel() }()
	<-ctx.Done()
}

func dialTimeout(ctx context.Context, addr string) {
	go func() {
		net.DialTimeout("tcp", addr, time.Second)
	}()
}

func polls(ctx context.Context, ready func() bool) {
	go func() {
		for !ready() {
			time.Sleep(time.Second) // want warning "time.Sleep can take long"
		}
	}()
}

func sleepsOnce(ctx context.Context, m map[string]int) {
	go func() {
		time.Sleep(time.Second)
		delete(m, "a")
	}()
}

func waitGroup(ctx context.Context, addrs []string) {
	var wg sync.WaitGroup
	for _, a := range addrs {
		wg.Add(1)
		go func() {
			defer wg.Done()
			dial(a)
		}()
	}
	wg.Wait()
}

func waitGroupGo(ctx context.Context, addrs []string) {
	var wg sync.WaitGroup
	defer wg.Wait()
	for _, a := range addrs {
		wg.Go(func() { dial(a) })
	}
}

func group(ctx context.Context, addrs []string) error {
	var g errgroup.Group
	for _, a := range addrs {
		g.Go(func() error {
			dial(a)
			return nil
		})
	}
	return g.Wait()
}

func groupForgotten(ctx context.Context, addrs []string) error {
	var g errgroup.Group
	for _, a := range addrs {
		if a == "" {
			return context.Canceled
		}
		g.Go(func() error {
			dial(a) // want warning "net.Dial can take long, and ctx does not reach it: this goroutine outlives groupForgotten"
			return nil
		})
	}
	return g.Wait()
}

type service struct {
	wg sync.WaitGroup
}

// Whoever waits for the service's group waits for it.
func (s *service) counted(ctx context.Context, addr string) {
	s.wg.Add(1)
	go func() {
		defer s.wg.Done()
		dial(addr)
	}()
}

func channel(ctx context.Context, addr string) {
	done := make(chan struct{})
	go func() {
		defer close(done)
		dial(addr)
	}()
	<-done
}

func channels(ctx context.Context, addrs []string) {
	done := make(chan bool)
	for _, a := range addrs {
		go func() {
			dial(a)
			done <- true
		}()
	}
	for range addrs {
		<-done
	}
}

func channelOrContext(ctx context.Context, addr string) {
	done := make(chan struct{})
	go func() {
		defer close(done)
		dial(addr) // want warning "net.Dial can take long, and ctx does not reach it: this goroutine outlives channelOrContext"
	}()
	select {
	case <-done:
	case <-ctx.Done():
	}
}

func returned(ctx context.Context, addr string) <-chan bool {
	done := make(chan bool, 1)
	go func() {
		dial(addr)
		done <- true
	}()
	return done
}

// The loop never ends; that is what rule unguarded-loop says.
func endless(ctx context.Context, s store) {
	go func() {
		for {
			s.Put("a")
			time.Sleep(time.Second)
		}
	}()
}

func derived(addr string) error {
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	done := make(chan struct{})
	go func() {
		defer close(done)
		dial(addr) // want warning "net.Dial can take long, and ctx does not reach it: this goroutine outlives derived"
	}()
	select {
	case <-done:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

type pool struct{ slots chan struct{} }

func newPool() *pool { return &pool{slots: make(chan struct{}, 4)} }

func (p *pool) acquire() { p.slots <- struct{}{} }
func (p *pool) release() { <-p.slots }

func (p *pool) do(ctx context.Context, f func(context.Context)) {
	go func() {
		p.acquire() // want warning "the send on p.slots can take long, and ctx does not reach it"
		defer p.release()
		f(ctx)
	}()
}

// A signal that nobody takes back is no semaphore.
type opener struct{ wake chan struct{} }

func newOpener() *opener { return &opener{wake: make(chan struct{}, 100)} }

func (o *opener) poke(ctx context.Context) {
	go func() { o.wake <- struct{}{} }()
}

// A connection that it is handed is ended by whoever closes it.
func reads(ctx context.Context, conn net.Conn) {
	go func() {
		b := make([]byte, 1)
		conn.Read(b)
	}()
}

// A wrapper of contexts waits for nothing.
type callers struct{}

func (callers) SetCallerInfo(ctx context.Context) context.Context { return ctx }

func wraps(ctx context.Context, c interface {
	SetCallerInfo(context.Context) context.Context
}, s store) {
	go func() {
		own := c.SetCallerInfo(context.Background())
		s.Fetch(own, "a")
	}()
}

// A request carries its context.
func serves(w http.ResponseWriter, r *http.Request, h http.Handler) {
	go func() {
		h.ServeHTTP(w, r.WithContext(r.Context()))
	}()
}
