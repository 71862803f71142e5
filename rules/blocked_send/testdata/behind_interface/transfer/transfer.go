package transfer

import "errors"

var ErrNot = errors.New("not mine")

type Giver interface {
	Records(zone string) (<-chan string, error)
}

type Taster interface {
	Samples(zone string) (<-chan string, error)
}

// Out reads what it gets to the end, if need be behind its own back.
func Out(all []Giver, zone string, write func(string) error) error {
	var records <-chan string
	var err error
	for _, g := range all {
		records, err = g.Records(zone)
		if err == ErrNot {
			continue
		}
		if err != nil {
			return err
		}
		break
	}
	for r := range records {
		if err := write(r); err != nil {
			go func() {
				for range records {
				}
			}()
			return err
		}
	}
	return nil
}

// First leaves the others behind.
func First(t Taster, zone string) string {
	samples, err := t.Samples(zone)
	if err != nil {
		return ""
	}
	for s := range samples {
		return s
	}
	return ""
}
