package geoip

import (
	"testing"

	"goleash.test/judge"
	"goleash.test/judge/mute"
)

func TestScenario(t *testing.T) {
	judge.Goroutines(t, func() {
		NewTable(mute.HTTP()).Refresh()
	})
}
