package main

import (
	"context"
	"fmt"
	"log"
	"net"
	"net/http"
	"os/exec"
	"sync"
	"time"
)

type store interface {
	Save(ctx context.Context, key string) error
	Load(key string) (string, error)
	Touch(ctx context.Context)
}

type service struct {
	store store
	mu    sync.Mutex
	cache map[string]string
	wg    sync.WaitGroup
}

func (s *service) background(ctx context.Context, key string) {
	go func() {
		if err := s.store.Save(context.Background(), key); err != nil { // want warning "outlives `\(\*service\).background`: `s.store.Save` is given a context that never ends, not `ctx`"
			log.Print(err)
		}
	}()
}

func (s *service) todo(ctx context.Context, key string) {
	go s.save(context.TODO(), key)
}

func (s *service) save(ctx context.Context, key string) {
	_ = s.store.Save(ctx, key) // want warning "is given a context that never ends"
}

func (s *service) passed(ctx context.Context, key string) {
	go s.store.Save(ctx, key)
	go s.save2(ctx, key)
}

func (s *service) save2(ctx context.Context, key string) {
	_ = s.store.Save(ctx, key)
}

// The goroutine takes the context; that a function further on drops it is another matter.
func (s *service) dropped(ctx context.Context, key string) {
	go func() {
		s.further(ctx, key)
	}()
}

func (s *service) further(ctx context.Context, key string) {
	log.Print(ctx.Err())
	_ = s.store.Save(context.Background(), key)
}

func (s *service) detached(ctx context.Context, key string) {
	go func() {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Second)
		defer cancel()
		_ = s.store.Save(ctx, key)
	}()
}

func (s *service) detachedForEver(ctx context.Context, key string) {
	go func() {
		_ = s.store.Save(context.WithoutCancel(ctx), key) // want warning "never ends"
	}()
}

// What gives no error is taken for memory work that wants the values of a context.
func (s *service) counts(ctx context.Context) {
	go func() {
		s.store.Touch(context.Background()) // want note "may take long"
	}()
}

func handler(w http.ResponseWriter, r *http.Request) {
	go callSlowDownstreamAPI()  // want warning "outlives `handler`, and neither `r.Context\(\)` nor a time limit bounds `callSlowDownstreamAPI`"
	go callSlowDownstreamAPI2() // want warning "callSlowDownstreamAPI2"
}

func command(ctx context.Context) {
	go func() {
		out, _ := exec.Command("du", "-s", "/").Output() // want warning "neither `ctx` nor a time limit bounds"
		fmt.Println(string(out))
	}()
	go func() {
		out, _ := exec.CommandContext(ctx, "du", "-s", "/").Output()
		fmt.Println(string(out))
	}()
}

func memoryOnly(ctx context.Context, s *service) {
	go func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.cache["a"] = fmt.Sprint(len(s.cache))
		log.Printf("stored %d", len(s.cache))
	}()
}

func unread(ctx context.Context, s *service) {
	go func() {
		v, err := s.store.Load("k") // want note "takes neither `ctx` nor a time limit: `s.store.Load` may take long"
		log.Print(v, err)
	}()
}

func withoutContext(addr string) {
	go func() {
		conn, err := net.Dial("tcp", addr)
		if err == nil {
			conn.Close()
		}
	}()
}

func dials(ctx context.Context, addr string) {
	go func() {
		conn, err := net.Dial("tcp", addr) // want warning "bounds `net.Dial`"
		if err == nil {
			conn.Close()
		}
	}()
	go func() {
		conn, err := net.DialTimeout("tcp", addr, time.Second)
		if err == nil {
			conn.Close()
		}
	}()
}

func reads(ctx context.Context, addr string) {
	go func() {
		conn, err := net.DialTimeout("tcp", addr, time.Second)
		if err != nil {
			return
		}
		defer conn.Close()
		var b [8]byte
		_, _ = conn.Read(b[:]) // want warning "bounds `conn.Read`"
	}()
	go func() {
		conn, err := net.DialTimeout("tcp", addr, time.Second)
		if err != nil {
			return
		}
		defer conn.Close()
		stop := context.AfterFunc(ctx, func() { conn.Close() })
		defer stop()
		var b [8]byte
		_, _ = conn.Read(b[:])
	}()
	go func() {
		conn, err := net.DialTimeout("tcp", addr, time.Second)
		if err != nil {
			return
		}
		defer conn.Close()
		_ = conn.SetDeadline(time.Now().Add(time.Second))
		var b [8]byte
		_, _ = conn.Read(b[:])
	}()
}

// Read loops are the business of stuck-connection.
func readsOn(ctx context.Context, addr string) {
	go func() {
		conn, err := net.DialTimeout("tcp", addr, time.Second)
		if err != nil {
			return
		}
		defer conn.Close()
		var b [8]byte
		for {
			if _, err := conn.Read(b[:]); err != nil {
				return
			}
		}
	}()
}

// The plain calls of net/http are the business of http-without-context.
func gets(ctx context.Context) {
	go func() {
		resp, err := http.Get("http://example.org")
		if err == nil {
			resp.Body.Close()
		}
	}()
}

func main() {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	run(ctx, &service{})
}

func run(ctx context.Context, s *service) {
	go func() {
		_ = s.store.Save(context.Background(), "k") // want note "`main` starts it"
	}()
	<-ctx.Done()
}
