// Package alarm rings when it is armed and something moves.
package alarm

type Alarm struct {
	rung int
}

// Arm begins to watch.
func (a *Alarm) Arm(watch func() bool) bool {
	moved := make(chan struct{})
	go func() {
		<-moved
		a.rung++
	}()
	return watch()
}
