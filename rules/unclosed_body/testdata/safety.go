// What lives on after the function that a fix makes close the body.
package safety

import (
	"bufio"
	"database/sql"
	"encoding/json"
	"errors"
	"net/http"
)

var errStatus = errors.New("status")

// Only numbers and texts come back.
func size(url string) (int, string, error) {
	resp, err := http.Get(url) // want error "resp.Body" fix safe
	if err != nil {
		return 0, "", err
	}
	return resp.StatusCode, resp.Header.Get("Etag"), nil
}

// What is decoded holds nothing of the body.
func decoded(url string) (n int, err error) {
	resp, err := http.Get(url) // want error "resp.Body" fix safe
	if err != nil {
		return 0, err
	}
	err = json.NewDecoder(resp.Body).Decode(&n)
	return n, err
}

// A method of what stands around the body.
func steps(url string) (func() bool, error) {
	resp, err := http.Get(url) // want error "resp.Body" fix unsafe
	if err != nil {
		return nil, err
	}
	if resp.StatusCode != http.StatusOK {
		return nil, errStatus
	}
	s := bufio.NewScanner(resp.Body)
	return s.Scan, nil
}

func columns(db *sql.DB) (func() bool, error) {
	rows, err := db.Query("select 1") // want error "rows" fix unsafe
	if err != nil {
		return nil, err
	}
	next := rows.Next
	return next, nil
}

// The driver's own memory.
func raw(db *sql.DB) (sql.RawBytes, error) {
	rows, err := db.Query("select 1") // want error "rows" fix unsafe
	if err != nil {
		return nil, err
	}
	var b sql.RawBytes
	if rows.Next() {
		err = rows.Scan(&b)
	}
	return b, err
}
