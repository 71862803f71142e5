// Package indexer keeps the full-text index of a workspace up to date.
package indexer

import (
	"strings"
	"sync"
)

type Doc struct {
	ID   int
	Text string
}

type Indexer struct {
	queue chan Doc

	mu    sync.RWMutex
	words map[string][]int
}

func New() *Indexer {
	return &Indexer{queue: make(chan Doc, 128), words: make(map[string][]int)}
}

// Start runs the workers.
func (ix *Indexer) Start(workers int) {
	for range workers {
		go ix.worker()
	}
}

func (ix *Indexer) Add(d Doc) { ix.queue <- d }

func (ix *Indexer) Lookup(word string) []int {
	ix.mu.RLock()
	defer ix.mu.RUnlock()
	return ix.words[word]
}

func (ix *Indexer) worker() {
	for d := range ix.queue {
		ix.mu.Lock()
		for _, w := range strings.Fields(d.Text) {
			ix.words[w] = append(ix.words[w], d.ID)
		}
		ix.mu.Unlock()
	}
}
