package timers

import "time"

func Wait(d time.Duration) {
	t := time.NewTicker(d) // want `unstopped-ticker: .*t`
	<-t.C
}
