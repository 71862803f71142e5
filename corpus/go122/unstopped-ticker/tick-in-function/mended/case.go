// Package warmup waits until a database accepts connections.
package warmup

import (
	"errors"
	"time"
)

type DB interface {
	Ping() error
}

var ErrAway = errors.New("warmup: database is away")

// Wait tries a few times and gives up then.
func Wait(db DB, tries int, pause time.Duration) error {
	ticker := time.NewTicker(pause)
	defer ticker.Stop()
	attempt := 0
	for range ticker.C {
		if db.Ping() == nil {
			return nil
		}
		if attempt++; attempt == tries {
			break
		}
	}
	return ErrAway
}
