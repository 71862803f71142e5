// Package autosave saves a document a while after the last change.
package autosave

import (
	"sync"
	"time"
)

type Saver struct {
	save  func(text string)
	delay time.Duration

	mu      sync.Mutex
	pending *time.Timer
	text    string
}

func New(save func(string), delay time.Duration) *Saver {
	return &Saver{save: save, delay: delay}
}

// Changed is called after each key stroke.
func (s *Saver) Changed(text string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.text = text
	if s.pending != nil {
		s.pending.Reset(s.delay)
		return
	}
	s.pending = time.AfterFunc(s.delay, s.flush)
}

// Close saves what is unsaved.
func (s *Saver) Close() {
	s.mu.Lock()
	if s.pending != nil {
		s.pending.Stop()
	}
	s.mu.Unlock()
	s.flush()
}

func (s *Saver) flush() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.text != "" {
		s.save(s.text)
		s.text = ""
	}
}
