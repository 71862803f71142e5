package oneforall

type crew struct {
	work chan func()
	stop chan struct{}
}

// One signal ends one of them.
func newCrew(size int) *crew {
	work := make(chan func())
	stop := make(chan struct{})
	for i := 0; i < size; i++ {
		go func() {
			for {
				select { // want error "its way out does not work"
				case job := <-work:
					job()
				case <-stop:
					return
				}
			}
		}()
	}
	return &crew{work: work, stop: stop}
}

func (c *crew) end() { c.stop <- struct{}{} }

type closing struct {
	work chan func()
	stop chan struct{}
}

func newClosing(size int) *closing {
	work := make(chan func())
	stop := make(chan struct{})
	for i := 0; i < size; i++ {
		go func() {
			for {
				select {
				case job := <-work:
					job()
				case <-stop:
					return
				}
			}
		}()
	}
	return &closing{work: work, stop: stop}
}

func (c *closing) end() { close(c.stop) }

type counting struct {
	size int
	stop chan struct{}
}

func newCounting(size int, work chan func()) *counting {
	stop := make(chan struct{})
	for i := 0; i < size; i++ {
		go func() {
			for {
				select {
				case job := <-work:
					job()
				case <-stop:
					return
				}
			}
		}()
	}
	return &counting{size: size, stop: stop}
}

func (c *counting) end() {
	for range c.size {
		c.stop <- struct{}{}
	}
}

type stepwise struct{ stop chan struct{} }

func newStepwise(size int, work chan func()) *stepwise {
	stop := make(chan struct{})
	for i := 0; i < size; i++ {
		go func() {
			for {
				select {
				case job := <-work:
					job()
				case <-stop:
					return
				}
			}
		}()
	}
	return &stepwise{stop: stop}
}

func (s *stepwise) endOne() { s.stop <- struct{}{} }

func (s *stepwise) end(size int) {
	for range size {
		s.endOne()
	}
}

// Each has a signal of its own.
func each(work chan func(), size int) []chan struct{} {
	var stops []chan struct{}
	for range size {
		stop := make(chan struct{})
		stops = append(stops, stop)
		go func() {
			for {
				select {
				case job := <-work:
					job()
				case <-stop:
					return
				}
			}
		}()
	}
	return stops
}
