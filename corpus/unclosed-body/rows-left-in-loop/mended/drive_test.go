package users

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"io"
	"testing"

	"goleash.test/judge"
)

// table is a database with three users.
type table struct{}

func (table) Connect(context.Context) (driver.Conn, error) { return table{}, nil }
func (table) Driver() driver.Driver                        { return nil }
func (table) Prepare(string) (driver.Stmt, error)          { return table{}, nil }
func (table) Begin() (driver.Tx, error)                    { return nil, io.EOF }
func (table) Close() error                                 { return nil }
func (table) NumInput() int                                { return 0 }
func (table) Exec([]driver.Value) (driver.Result, error)   { return nil, io.EOF }
func (table) Query([]driver.Value) (driver.Rows, error)    { return &rows{}, nil }

type rows struct{ n int }

func (*rows) Columns() []string { return []string{"id", "mail"} }
func (*rows) Close() error      { return nil }
func (r *rows) Next(dest []driver.Value) error {
	mails := []string{"a@x", "b@x", "c@x"}
	if r.n == len(mails) {
		return io.EOF
	}
	dest[0], dest[1] = int64(r.n), mails[r.n]
	r.n++
	return nil
}

func TestScenario(t *testing.T) {
	judge.Goroutines(t, func() {
		db := sql.OpenDB(table{})
		judge.Keep(db)
		if id := <-NewStore(db).Find([]string{"b@x", "c@x"}); id != 1 {
			t.Error(id)
		}
	})
}
