// Package ledger books payments.
package ledger

import "sync"

type Payment struct {
	From   string
	Amount int
}

type Ledger struct {
	mu    sync.Mutex
	funds map[string]int
}

func New(funds map[string]int) *Ledger { return &Ledger{funds: funds} }

// Book takes what is covered and says how many payments were.
func (l *Ledger) Book(payments []Payment) int {
	booked := 0
	for _, p := range payments {
		l.mu.Lock()
		if l.funds[p.From] < p.Amount {
			l.mu.Unlock()
			continue
		}
		l.funds[p.From] -= p.Amount
		booked++
		l.mu.Unlock()
	}
	return booked
}
