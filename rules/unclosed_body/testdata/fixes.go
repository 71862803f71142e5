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

// The check of the error has an `else` that asks more: the defer goes between the two.
func chained(url string) error {
	resp, err := http.Get(url) // want error "resp.Body"
	if err != nil {
		return err
	} else if resp.StatusCode != http.StatusOK {
		return errors.New(resp.Status)
	}
	return resp.Body.Close()
}

func otherwise(url string) error {
	resp, err := http.Get(url) // want error "resp.Body"
	if err != nil {
		return err
	} else {
		if resp.StatusCode != http.StatusOK {
			return errors.New(resp.Status)
		}
		return resp.Body.Close()
	}
}

// Where the call failed there is nothing to close, and the function goes on: no fix.
func goesOn(url string, log func(error)) int {
	resp, err := http.Get(url) // want error "resp.Body"
	if err != nil {
		log(err)
	} else if resp.StatusCode != http.StatusOK {
		return resp.StatusCode
	}
	if err == nil {
		resp.Body.Close()
	}
	return 0
}
