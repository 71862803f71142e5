package safego

import "log"

// Run starts f and survives its panic.
func Run(f func()) {
	go func() {
		defer func() {
			if r := recover(); r != nil {
				log.Print(r)
			}
		}()
		f()
	}()
}

// Group starts functions.
type Group struct{}

// Start starts f.
func (g *Group) Start(name string, f func()) { go f() }

// Call only calls f.
func Call(f func()) { f() }
