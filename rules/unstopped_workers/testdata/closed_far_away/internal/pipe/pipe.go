package pipe

// Line carries requests.
type Line struct {
	Requests chan int
}

// Open gives a line that works until its Requests are closed.
func Open() *Line {
	var requests chan int
	requests = make(chan int)
	go func() {
		for r := range requests {
			println(r)
		}
	}()
	return &Line{Requests: requests}
}

// Idle is never closed by anybody.
type Idle struct {
	Jobs chan int
}

// Wait gives one.
func Wait() *Idle {
	jobs := make(chan int)
	go func() {
		for j := range jobs { // want error "waits for ever"
			println(j)
		}
	}()
	return &Idle{Jobs: jobs}
}
