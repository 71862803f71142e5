package p

func late() int {
	c := make(chan int)
	go func() { c <- 1 }() //goleash:ignore blocked-send the process ends here
	select {
	case v := <-c:
		return v
	default:
		return 0
	}
}

func above() int {
	c := make(chan int)
	// A comment between is no matter.
	//goleash:ignore blocked-send the process ends here
	// Nor is one below.
	go func() { c <- 1 }()
	select {
	case v := <-c:
		return v
	default:
		return 0
	}
}

// whole is excused as a whole.
//
//goleash:ignore blocked-send, blocked-receive the process ends here // want "suppression of `blocked-receive` suppresses nothing"
func whole() int {
	c := make(chan int)
	go func() {
		c <- 1
	}()
	select {
	case v := <-c:
		return v
	default:
		return 0
	}
}

func idle(c chan int) string {
	//goleash:ignore blocked-send nothing here // want "suppresses nothing"
	c <- 1
	c <- 2 //goleash:ignore bloked-send nothing here // want "no rule has the id `bloked-send`"
	//nolint:goleash,errcheck // want "this suppression suppresses nothing"
	c <- 3 //goleash:ignroe blocked-send no such word // want "goleash knows no comment `//goleash:ignroe`"
	// goleash:ignore is spoken of here.
	c <- 4 // goleash:ignore blocked-send a blank too many // want "a blank stands between `//` and `goleash:ignore`"
	return "//goleash:ignore blocked-send in a string" + `
//goleash:ignore blocked-send in a string`
}
