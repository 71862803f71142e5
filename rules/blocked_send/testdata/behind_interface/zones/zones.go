package zones

import "example.com/behind/transfer"

type Zone struct{ all []string }

func (z *Zone) Records(zone string) (<-chan string, error) {
	if zone == "" {
		return nil, transfer.ErrNot
	}
	ch := make(chan string)
	go func() {
		defer close(ch)
		for _, r := range z.all {
			ch <- r
		}
	}()
	return ch, nil
}

func (z *Zone) Samples(zone string) (<-chan string, error) {
	ch := make(chan string)
	go func() {
		defer close(ch)
		for _, r := range z.all {
			ch <- r // want warning "stops receiving"
		}
	}()
	return ch, nil
}
