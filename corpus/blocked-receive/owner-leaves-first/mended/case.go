// Package parcel prints labels while the parcel is packed.
package parcel

import "errors"

type Label struct{ To string }

type Printer interface{ Print(Label) }

// Ship warms the printer up and hands it the label.
func Ship(p Printer, find func() (string, error)) error {
	labels := make(chan Label)
	defer close(labels)
	go func() {
		if label, ok := <-labels; ok {
			p.Print(label)
		}
	}()
	to, err := find()
	if err != nil {
		return err
	}
	if to == "" {
		return errors.New("parcel: no address")
	}
	labels <- Label{To: to}
	return nil
}
