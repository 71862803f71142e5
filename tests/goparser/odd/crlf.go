package odd

import (
	"fmt"
)

var raw = `a
func notHere() {
}
`

type T struct {
	a int // c
}

// f does.
func f() {
	go func() {
		fmt.Println("x")
	}()
	x := 1 /* a
*/ y := 2
	return
}

func (t *T) g() (
	int,
	error,
) {
	return 1, nil
}
const (
	a = iota
	b
)