package fixes

import (
	"database/sql"
	"errors"
	"net/http"
)

func early(url string) error {
	resp, err := http.Get(url) // want error "resp.Body"
	if err != nil {
		return err
	}
	if resp.StatusCode != http.StatusOK {
		return errors.New(resp.Status)
	}
	return resp.Body.Close()
}

func rows(db *sql.DB) (name string, err error) {
	found, err := db.Query("select name from t") // want error "found"
	if err != nil {
		return "", err
	}
	if found.Next() {
		err = found.Scan(&name)
	}
	return name, err
}
