package p

import "time"

func fixed(in <-chan int, flush func()) {
	t := time.NewTimer(time.Second)
	for {
		select {
		case <-in:
			if !t.Stop() {
				<-t.C // want error "fired and been read"
			}
			t.Reset(time.Second)
		case <-t.C:
			flush()
		}
	}
}
