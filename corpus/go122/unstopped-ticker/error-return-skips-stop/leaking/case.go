// Package upload sends a large file in parts and reports the progress.
package upload

import (
	"fmt"
	"time"
)

type Target interface {
	Part(n int, data []byte) error
}

type Progress func(parts int)

// File sends all parts; progress is called now and then.
func File(t Target, parts [][]byte, progress Progress) error {
	tick := time.NewTicker(2 * time.Millisecond)
	sent := 0
	for i, part := range parts {
		select {
		case <-tick.C:
			progress(sent)
		default:
		}
		if err := t.Part(i, part); err != nil {
			return fmt.Errorf("upload: part %d: %w", i, err)
		}
		sent++
	}
	progress(sent)
	tick.Stop()
	return nil
}
