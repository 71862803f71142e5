// Package geoip keeps the table of address ranges up to date.
package geoip

import (
	"bufio"
	"log"
	"net/http"
	"sync"
)

type Table struct {
	url string

	mu     sync.RWMutex
	ranges []string
}

func NewTable(url string) *Table {
	return &Table{url: url}
}

// Refresh loads the table in the background.
func (t *Table) Refresh() {
	go func() {
		resp, err := http.Get(t.url)
		if err != nil {
			log.Printf("geoip: %v", err)
			return
		}
		defer resp.Body.Close()

		var ranges []string
		sc := bufio.NewScanner(resp.Body)
		for sc.Scan() {
			ranges = append(ranges, sc.Text())
		}
		t.mu.Lock()
		t.ranges = ranges
		t.mu.Unlock()
	}()
}

func (t *Table) Len() int {
	t.mu.RLock()
	defer t.mu.RUnlock()
	return len(t.ranges)
}
