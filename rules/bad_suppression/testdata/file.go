// Package p is excused as a whole.

//goleash:ignore blocked-send these processes end soon

package p

func one() int {
	c := make(chan int)
	go func() { c <- 1 }()
	select {
	case v := <-c:
		return v
	default:
		return 0
	}
}

func two() (c chan int) {
	c = make(chan int)
	go func() { c <- 1 }()
	return nil
}
