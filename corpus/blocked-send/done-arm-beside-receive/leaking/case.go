// Package accounts reads balances from a driver that knows no context.
package accounts

import "context"

type Driver interface {
	Query(account string) (cents int64, err error)
}

type Store struct{ driver Driver }

func NewStore(d Driver) *Store { return &Store{driver: d} }

func (s *Store) Balance(ctx context.Context, account string) (int64, error) {
	var (
		row  = make(chan int64)
		fail = make(chan error)
	)
	go s.query(account, row, fail)
	select {
	case cents := <-row:
		return cents, nil
	case err := <-fail:
		return 0, err
	case <-ctx.Done():
		return 0, ctx.Err()
	}
}

func (s *Store) query(account string, row chan<- int64, fail chan<- error) {
	cents, err := s.driver.Query(account)
	if err != nil {
		fail <- err
		return
	}
	row <- cents
}
