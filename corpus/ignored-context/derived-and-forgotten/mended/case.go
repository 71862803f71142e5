// Package basket shows a basket and how much of it is in stock.
package basket

import (
	"bufio"
	"context"
	"fmt"
	"net"
	"net/http"
	"time"
)

type Handler struct {
	stock   string
	patient time.Duration
}

func (h *Handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	ctx, cancel := context.WithTimeout(r.Context(), h.patient)
	defer cancel()

	sku := r.FormValue("sku")
	amount := make(chan string, 1)
	go func() {
		amount <- askStock(ctx, h.stock, sku)
	}()

	select {
	case a := <-amount:
		fmt.Fprintf(w, "in stock: %s\n", a)
	case <-ctx.Done():
		fmt.Fprintln(w, "in stock: perhaps")
	}
}

func askStock(ctx context.Context, addr, sku string) string {
	var d net.Dialer
	conn, err := d.DialContext(ctx, "tcp", addr)
	if err != nil {
		return "0"
	}
	defer conn.Close()
	stop := context.AfterFunc(ctx, func() { conn.Close() })
	defer stop()
	fmt.Fprintln(conn, sku)
	sc := bufio.NewScanner(conn)
	if !sc.Scan() {
		return "0"
	}
	return sc.Text()
}
