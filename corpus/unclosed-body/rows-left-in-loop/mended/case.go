// Package users finds users by their mail address.
package users

import (
	"database/sql"
	"errors"
)

var ErrNone = errors.New("users: none")

// Store reads from a database with one connection.
type Store struct{ db *sql.DB }

// NewStore takes the database.
func NewStore(db *sql.DB) *Store {
	db.SetMaxOpenConns(1)
	return &Store{db: db}
}

func (s *Store) byMail(mail string) (int, error) {
	rows, err := s.db.Query("select id, mail from users")
	if err != nil {
		return 0, err
	}
	defer rows.Close()
	for rows.Next() {
		var id int
		var found string
		if err := rows.Scan(&id, &found); err != nil {
			return 0, err
		}
		if found == mail {
			return id, nil
		}
	}
	return 0, ErrNone
}

// Find looks all of them up, one after the other.
func (s *Store) Find(mails []string) <-chan int {
	out := make(chan int, len(mails))
	go func() {
		defer close(out)
		for _, mail := range mails {
			if id, err := s.byMail(mail); err == nil {
				out <- id
			}
		}
	}()
	return out
}
