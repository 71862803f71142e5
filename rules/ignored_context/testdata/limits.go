package p

import (
	"context"
	"time"
)

type runner interface {
	Run(ctx context.Context, query string) error
}

func notGiven(ctx context.Context, r runner) error {
	limited, cancel := context.WithTimeout(ctx, time.Second)
	defer cancel()
	if err := r.Run(context.Background(), "q"); err != nil { // want warning "the time limit of `limited` does not reach `r.Run`"
		return err
	}
	return limited.Err()
}

func given(ctx context.Context, r runner) error {
	limited, cancel := context.WithTimeout(ctx, time.Second)
	defer cancel()
	if err := r.Run(limited, "q"); err != nil {
		return err
	}
	return limited.Err()
}

// The parent has an end of its own.
func parentGiven(ctx context.Context, r runner) error {
	limited, cancel := context.WithTimeout(ctx, time.Second)
	defer cancel()
	if err := r.Run(ctx, "q"); err != nil {
		return err
	}
	return limited.Err()
}

func inGoroutine(r runner) error {
	limited, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	result := make(chan error, 1)
	go func() {
		result <- r.Run(context.Background(), "q") // want warning "not the time limit of `limited`"
	}()
	select {
	case err := <-result:
		return err
	case <-limited.Done():
		return limited.Err()
	}
}
