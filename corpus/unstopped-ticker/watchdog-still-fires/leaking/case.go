// Package lease holds a lease while a task runs.
package lease

import (
	"fmt"
	"time"
)

type Registry interface {
	Acquire(name string) error
	Release(name string)
	Expired(name string)
}

type Holder struct {
	registry Registry
	limit    time.Duration
}

func NewHolder(r Registry, limit time.Duration) *Holder {
	return &Holder{registry: r, limit: limit}
}

// Do runs the task under the lease; a task that takes too long is reported.
func (h *Holder) Do(name string, task func() error) error {
	if err := h.registry.Acquire(name); err != nil {
		return fmt.Errorf("lease %s: %w", name, err)
	}
	defer h.registry.Release(name)

	time.AfterFunc(h.limit, func() {
		h.registry.Expired(name)
	})
	return task()
}
