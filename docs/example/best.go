package quotes

import "context"

// A Supplier names a price, sooner or later.
type Supplier interface {
	Quote() int
}

// Best returns the first price that any supplier names.
func Best(ctx context.Context, suppliers []Supplier) (int, error) {
	prices := make(chan int)
	for _, supplier := range suppliers {
		go func() {
			prices <- supplier.Quote()
		}()
	}
	select {
	case price := <-prices:
		return price, nil
	case <-ctx.Done():
		return 0, ctx.Err()
	}
}
