// Package checkout turns a basket into an order.
package checkout

import (
	"errors"
	"fmt"
)

type Basket struct {
	Customer string
	Items    map[string]int
}

type Stock interface {
	Reserve(items map[string]int) (reservation string, err error)
}

type reserved struct {
	id  string
	err error
}

var errEmpty = errors.New("checkout: empty basket")

// Place reserves the stock while the basket is being checked.
func Place(stock Stock, b Basket) (string, error) {
	ch := make(chan reserved)
	go func() {
		id, err := stock.Reserve(b.Items)
		ch <- reserved{id, err}
	}()

	if b.Customer == "" {
		return "", errors.New("checkout: no customer")
	}
	if len(b.Items) == 0 {
		return "", errEmpty
	}

	r := <-ch
	if r.err != nil {
		return "", fmt.Errorf("checkout: %w", r.err)
	}
	return b.Customer + "/" + r.id, nil
}
