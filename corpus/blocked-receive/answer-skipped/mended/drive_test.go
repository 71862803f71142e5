package rates

import (
	"testing"

	"goleash.test/judge"
)

func TestScenario(t *testing.T) {
	judge.Goroutines(t, func() {
		d := Open(map[string]int{"eur": 108})
		if d.Rate("eur") != 108 {
			t.Error("rate")
		}
		asked := make(chan bool, 1)
		go func() {
			asked <- true
			d.Rate("xyz")
		}()
		<-asked
		if d.Rate("eur") != 108 {
			t.Error("rate")
		}
		d.Close()
	})
}
