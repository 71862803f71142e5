// Package choir lets singers begin together.
package choir

import "sync"

// Sing starts the singers and gives the sign.
func Sing(singers int, sing func(int)) {
	sign := make(chan struct{})
	var all sync.WaitGroup
	for i := range singers {
		all.Add(1)
		go func() {
			defer all.Done()
			<-sign
			sing(i)
		}()
	}
	all.Wait()
	close(sign)
}
