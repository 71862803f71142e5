// Package boot brings the parts of a service up.
package boot

import "fmt"

type Part interface {
	Up() error
}

// All brings three parts up side by side and reports the first failure.
func All(db, cache, queue Part) error {
	errs := make(chan error, 3)
	go func() { errs <- named("db", db.Up()) }()
	go func() { errs <- named("cache", cache.Up()) }()
	go func() { errs <- named("queue", queue.Up()) }()

	for range 3 {
		if err := <-errs; err != nil {
			return err
		}
	}
	return nil
}

func named(part string, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("boot: %s: %w", part, err)
}
