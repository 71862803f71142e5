package rows

import (
	"context"
	"database/sql"
	"errors"
)

func names(db *sql.DB) (out []string, err error) {
	rows, err := db.Query("select name from t")
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var name string
		if err := rows.Scan(&name); err != nil {
			return nil, err
		}
		out = append(out, name)
	}
	return out, rows.Err()
}

func toTheEnd(db *sql.DB) (n int, err error) {
	rows, err := db.Query("select name from t")
	if err != nil {
		return 0, err
	}
	for rows.Next() {
		n++
	}
	return n, rows.Err()
}

func leavesLoop(db *sql.DB) (out []string, err error) {
	rows, err := db.Query("select name from t") // want error "the result in rows is not closed on every way out"
	if err != nil {
		return nil, err
	}
	for rows.Next() {
		var name string
		if err := rows.Scan(&name); err != nil {
			return nil, err
		}
		out = append(out, name)
	}
	return out, rows.Err()
}

func breaksLoop(db *sql.DB) (out string, err error) {
	rows, err := db.Query("select name from t") // want error "rows"
	if err != nil {
		return "", err
	}
	for rows.Next() {
		if err := rows.Scan(&out); err != nil || out != "" {
			break
		}
	}
	return out, err
}

func breaksAndCloses(db *sql.DB) (out string, err error) {
	rows, err := db.Query("select name from t")
	if err != nil {
		return "", err
	}
	for rows.Next() {
		if err = rows.Scan(&out); err != nil {
			break
		}
	}
	return out, errors.Join(err, rows.Close())
}

func first(ctx context.Context, db *sql.DB) (out string, err error) {
	rows, err := db.QueryContext(ctx, "select name from t") // want warning "until its context"
	if err != nil {
		return "", err
	}
	if !rows.Next() {
		return "", sql.ErrNoRows
	}
	return out, rows.Scan(&out)
}

func one(db *sql.DB) (out string, err error) {
	return out, db.QueryRow("select name from t").Scan(&out)
}

func inTransaction(tx *sql.Tx) (out string, err error) {
	rows, err := tx.Query("select name from t")
	if err != nil {
		return "", err
	}
	if !rows.Next() {
		return "", sql.ErrNoRows
	}
	return out, rows.Scan(&out)
}

func helper(db *sql.DB) ([]string, error) {
	rows, err := db.Query("select name from t")
	if err != nil {
		return nil, err
	}
	return collect(rows)
}

func collect(rows *sql.Rows) (out []string, err error) {
	defer rows.Close()
	for rows.Next() {
		var name string
		if err := rows.Scan(&name); err != nil {
			return nil, err
		}
		out = append(out, name)
	}
	return out, rows.Err()
}

func helperToTheEnd(db *sql.DB) (int, error) {
	rows, err := db.Query("select name from t")
	if err != nil {
		return 0, err
	}
	return count(rows), rows.Err()
}

func count(rows *sql.Rows) (n int) {
	for rows.Next() {
		n++
	}
	return n
}

func forgotten(db *sql.DB) error {
	rows, err := db.Query("delete from t") // want error "the result in rows is never closed"
	if err != nil {
		return err
	}
	_ = rows
	return nil
}

func dropped(db *sql.DB) error {
	_, err := db.Query("delete from t") // want error "dropped without being closed"
	return err
}

func given(db *sql.DB) (*sql.Rows, error) {
	return db.Query("select name from t")
}
