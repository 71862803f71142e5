// Package rates keeps a table that one goroutine alone touches.
package rates

import "log"

type question struct {
	currency string
	rate     chan int
}

// Desk answers questions one after the other.
type Desk struct {
	questions chan question
	rates     map[string]int
}

// Open starts a desk.
func Open(rates map[string]int) *Desk {
	d := &Desk{questions: make(chan question), rates: rates}
	go d.serve()
	return d
}

func (d *Desk) serve() {
	for q := range d.questions {
		rate, ok := d.rates[q.currency]
		if !ok {
			log.Print("no such currency")
			continue
		}
		q.rate <- rate
	}
}

// Rate asks for a rate.
func (d *Desk) Rate(currency string) int {
	q := question{currency: currency, rate: make(chan int, 1)}
	d.questions <- q
	return <-q.rate
}

// Close ends the desk.
func (d *Desk) Close() { close(d.questions) }
