// Package backup copies a store in the background.
package backup

import "errors"

type Store struct{ Broken bool }

func (s *Store) copy() error {
	if s.Broken {
		return errors.New("backup: broken")
	}
	return nil
}

func (s *Store) verify() error { return nil }

// Run copies the store while it is verified.
func (s *Store) Run() error {
	failed := make(chan error, 1)
	go func() {
		failed <- s.copy()
	}()
	if err := s.verify(); err != nil {
		return err
	}
	if err := <-failed; err != nil {
		return err
	}
	return <-failed
}
