// Package export writes reports in batches.
package export

import (
	"errors"
	"fmt"
)

type Sink interface {
	Write(batch []string) error
}

type writer struct {
	rows chan string
	errs chan error
}

func newWriter(sink Sink, size int) *writer {
	w := &writer{rows: make(chan string), errs: make(chan error, 1)}
	go func() {
		var batch []string
		for row := range w.rows {
			batch = append(batch, row)
			if len(batch) == size {
				_ = sink.Write(batch)
				batch = batch[:0]
			}
		}
		w.errs <- sink.Write(batch)
	}()
	return w
}

func (w *writer) Close() error {
	close(w.rows)
	return <-w.errs
}

type Row struct {
	Name  string
	Cents int
}

// Report writes one line for each row.
func Report(sink Sink, rows []Row) (err error) {
	w := newWriter(sink, 4)
	defer func() { err = errors.Join(err, w.Close()) }()
	for i, r := range rows {
		if r.Cents < 0 {
			return fmt.Errorf("export: row %d: negative amount", i)
		}
		w.rows <- fmt.Sprintf("%s;%d", r.Name, r.Cents)
	}
	return nil
}
