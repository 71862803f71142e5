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

// Place checks the basket and reserves the stock for it.
func Place(stock Stock, b Basket) (string, error) {
	if b.Customer == "" {
		return "", errors.New("checkout: no customer")
	}
	if len(b.Items) == 0 {
		return "", errEmpty
	}

	ch := make(chan reserved)
	go func() {
		id, err := stock.Reserve(b.Items)
		ch <- reserved{id, err}
	}()

	r := <-ch
	if r.err != nil {
		return "", fmt.Errorf("checkout: %w", r.err)
	}
	return b.Customer + "/" + r.id, nil
}
