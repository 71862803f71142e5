// Package alarm rings when it is armed and something moves.
package alarm

type Alarm struct {
	rung int
}

// Arm begins to watch.
func (a *Alarm) Arm(watch func() bool) bool {
	moved := make(chan bool, 1)
	go func() {
		if <-moved {
			a.rung++
		}
	}()
	saw := watch()
	moved <- saw
	return saw
}
