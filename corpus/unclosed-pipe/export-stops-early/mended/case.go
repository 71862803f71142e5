// Package export packs rows into an archive while it is being stored.
package export

import (
	"encoding/json"
	"io"
)

// Row is one line of a table.
type Row struct {
	ID   int
	Name string
}

// Rows calls yield for each row.
type Rows func(yield func(Row) error) error

// Archive streams the rows into a store.
func Archive(rows Rows, store func(io.Reader) error) error {
	pr, pw := io.Pipe()
	go func() {
		enc := json.NewEncoder(pw)
		err := rows(func(r Row) error { return enc.Encode(r) })
		if err != nil {
			pw.CloseWithError(err)
			return
		}
		pw.Close()
	}()
	data, err := io.ReadAll(pr)
	if err != nil {
		return err
	}
	return store(bytesOf(data))
}

type memory struct{ rest []byte }

func bytesOf(data []byte) io.Reader { return &memory{data} }

func (m *memory) Read(p []byte) (int, error) {
	if len(m.rest) == 0 {
		return 0, io.EOF
	}
	n := copy(p, m.rest)
	m.rest = m.rest[n:]
	return n, nil
}
