// Package quote asks an exchange for prices.
package quote

import "errors"

type Exchange map[string]int

func (e Exchange) lookup(symbol string) (int, error) {
	cents, ok := e[symbol]
	if !ok {
		return 0, errors.New("quote: no such symbol")
	}
	return cents, nil
}

// Price gives the price of one share in cents.
func (e Exchange) Price(symbol string) int {
	answer := make(chan int)
	go func() {
		defer close(answer)
		cents, err := e.lookup(symbol)
		if err != nil {
			return
		}
		answer <- cents
	}()
	return <-answer
}
