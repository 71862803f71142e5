package reader

type saver struct{ err error }

func (s *saver) keep(in <-chan int) {
	s.start(in)
}

func (s *saver) start(in <-chan int) {
	go func() {
		for v := range in {
			println(v)
		}
	}()
}

func list(src []int, s *saver) {
	ch := make(chan int, 5)
	go func() {
		s.keep(ch)
	}()
	go func() {
		for _, v := range src {
			ch <- v
		}
		close(ch)
	}()
}
