package app

import "example.com/far/internal/pipe"

func open[T any](make func() T) T { return make() }

func Use() {
	line := open(pipe.Open)
	line.Requests <- 1
	close(line.Requests)
}

func Forget() {
	idle := pipe.Wait()
	idle.Jobs <- 1
}
