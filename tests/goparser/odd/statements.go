package odd; import ( "fmt"; . "os"; _ "time"; str "strings" )

import ()
var ()
const ()
type ()

func oneLine() { a := 1; b := 2; _, _ = a, b; return }; func second() {}

func empty() { ; }
func empties() {;;}
func trailing() { f(); }

func emptyInits() {
	if ; true {
	}
	if f(); true {
	}
	switch ; x {
	}
	switch ; {
	}
	switch f(); {
	case true:
	}
	switch x := 5; {
	case x > 1:
	}
	switch ; y := x.(type) {
	case int:
		_ = y
	}
	switch x := f(); y := x.(type) {
	}
	switch x.(type) {
	}
	for ;; {
	}
	for ; ; {
	}
	for ; x < 10; {
	}
	for ; ; x++ {
	}
	for i := 0; i < 10; {
	}
	for x < 10 {
	}
	for {
		;
	}
}

func groups() {
	var (a int)
	var (b = 1; c = 2)
	var (
		d, e int = 1, 2
		f = func() int { return 1 }()
	)
	const (A = iota; B)
	const (
		C = 1 << iota
		D
		_
		E
	)
	type (F int; G string)
	type (
		H = int
		I struct{}
	)
	var ()
	type ()
	const ()
}

func labels() {
L: for {
		break L
	}
M:
	for range 10 {
		continue M
	}
N: {}
O: P:
	f()
	goto O
Q: ;
R: S:
}

func lastLabels() {
	if x {
		goto A
	A:
	}
	switch {
	case true:
	B: ;
	case false:
		goto B
	default: C:
	}
	select {
	case <-c:
	D:
	}
	{
	E: F: }
	{
	G: /* why */
	H: // because
	}
}

func selects() {
	select {}
	select { case <-c: ; }
	select { case x, ok := <-c: default: }
	select {
	case c <- 1:
	case a[f()] = <-c:
	case (x), *p = <-c:
	case x = <-f(func() { <-c }):
	case y := (<-c):
	case <-(c):
	case (<-c):
	case <-(func() chan int { return nil }()):
	case c <- <-d:
	case c <- func() int { return 1 }():
	case c <- (T{}):
	}
	for { select { case <-a: return; case b <- 1: } }
}

func channels() {
	c <- <-d
	c <- func() {}
	c <- T{}
	c <- -1
	c <- &T{1}
	<-c
	<-<-c
	<-(<-c)
	x = <-c
	x, ok = <-c
	a, b := <-c, <-d
	(<-c).x()
	<-c.d
	<-f()
	_ = !<-c
	_ = -<-c
	_ = *<-c + <-d
	if c <- 1; x {
	}
	for ; ; c <- 1 {
	}
	for range c {
	}
	for x := range <-c {
	}
	if x := <-c; x == <-d {
	}
	if v, ok := <-c; ok {
	}
	switch <-c {
	}
	switch x := <-c; x {
	}
	switch x := (<-c).(type) {
	}
	(<-chan int)(c)
	_ = (chan<- int)(c)
	_ = chan int(c)
	_ = chan<- int(nil)
	_ = make(chan<- func())
	_ = make(chan (chan int), 3)
	_ = make(chan (<-chan int), 3)
	_ = make(chan<- chan int)
	_ = make(chan<- (chan int))
	_ = make(<-chan <-chan int)
	_ = make((chan int))
	_ = make(chan struct{}, len(xs)+1)
	_ = make(chan map[string]chan<- []*int)
	var _ <-chan chan<- int
	var _ chan<- <-chan int
}

func starts() {
	go func() {}()
	go (f)()
	go(f)()
	go f[int](x)
	go func(c chan int) { c <- 1 }(make(chan int))
	go wg.Done()
	go x.(func())()
	go m["k"]()
	go T{}.run()
	go (&T{}).run()
	go (*T).run(t)
	go
	f()
	defer (f)()
	defer func() { recover() }()
	defer mu.Unlock()
	defer f(g())(h)
	func() {}()
	(func() {})()
	if err := func() error { return nil }(); err != nil {
	}
	for range func(yield func(int) bool) {} {
	}
	for i, v := range func(yield func(int, string) bool) { yield(1, "") } {
	}
}

func ranges() {
	for range 10 {
	}
	for i := range 10 {
	}
	for i = range n {
	}
	for k, v = range m {
	}
	for a[0], b.c = range m {
	}
	for _, x := range []T{{1}, {2}} {
	}
	for range [...]int{1, 2} {
	}
	for k := range map[K]V{{1}: {2}} {
	}
	for _, _ = range x {
	}
	for range f {
	}
	for i := range len(x) { for j := range i { _ = j } }
}

func conditions() {
	if x == (T{}) {
	}
	if f(T{}) {
	}
	if a[T{}.x] {
	}
	if v, ok := m[K{1}]; ok {
	}
	if x := (T{}); x == y {
	}
	if (x) {
	} else if (y) {
	} else {
	}
	if x { y() } else { z() }
	if x := []int{1}; len(x) > 0 {
	}
	if len([]int{1}) > 0 {
	}
	if x == [2]int{1, 2} {
	}
	if _, ok := x.(interface{ M() }); ok {
	}
	if struct{ x int }{1}.x > 0 {
	}
	if f(func() bool { if x { return true }; return false }) {
	}
	for (x) {
	}
	switch (x) {
	}
	switch x := (T{}); x {
	case T{}, (T{1}):
	}
	switch T := x.(type) { case nil, int, *T, []int, func(), map[string]int, chan int, interface{}, pkg.T, G[int], struct{}, [2]int, (int), func(int) string: }
	switch x { case 1: f(); case 2: g(); fallthrough; default: h() }
	switch {
	case x > 1, y:
		fallthrough
	case a < b:
	default:
	}
	switch { default: ; case x: }
	for i := 0; i < (T{}).n; i++ {
	}
}

func assignments() {
	*p++
	p.x--
	(x) = y
	*p = 1
	**p, q[1].z = 1, 2
	x &^= 1
	x <<= 2; x >>= 1; x |= 1; x ^= 1; x %= 2
	a, b = b, a
	var x, y = 1, 2
	var z int
	const k int = 1
	_, _ = a, b
	(*p).x, (q) = 1, 2
	_ = a &^ b | ^c
	_ = a - -b
}

func comments() { /* a */ x /* b */ := /* c */ 1 /* d
*/ y := 2 /*
*/ f(x, y); return /*
*/ }

func returns() (a, b int) {
	if x { return /* nothing
	*/ }
	return 1,
		2
}

func builtins() {
	_ = min(1, 2)
	_ = max(1, 2.0, c)
	clear(m)
	print(); println()
	_ = append([]byte{}, s...)
	f(xs...)
	f(a, xs...,)
	f(
		a,
		b,
	)
	_ = new(int)
	_ = new(1)
	_ = new(x + 1)
	_ = new(f())
	_ = new(f(1).g[2])
	_ = new(a[0])
	_ = new(a[i+1])
	_ = new(m[K{}])
	_ = new(T{})
	_ = new(pkg.T{1})
	_ = new([]int{1})
	_ = new(&T{})
	_ = new(*p)
	_ = new(<-c)
	_ = new(-1)
	_ = new("x")
	_ = new('x')
	_ = new(`x`)
	_ = new(nil)
	_ = new(true)
	_ = new(func() {})
	_ = new(func() int { return 1 })
	_ = new(func() (int, error) { return 1, nil }())
	_ = new(func())
	_ = new(func(int) string)
	_ = new(func(int) (a, b string))
	_ = new(struct{})
	_ = new(struct{ a int })
	_ = new(struct{ a int }{1})
	_ = new(interface{ M() })
	_ = new(chan int)
	_ = new(<-chan int)
	_ = new(map[string]int)
	_ = new(map[string]int{})
	_ = new([]int)
	_ = new([3]int)
	_ = new([...]int{1})
	_ = new(G[int])
	_ = new(G[int, string])
	_ = new(G[int]{})
	_ = new(pkg.G[[]int])
	_ = new((int))
	_ = new((x + 1))
	_ = new(x.(T))
	_ = new(x.y.z)
	_ = new(int64(1))
	_ = new([]byte("x"))
	_ = new(new(1))
	_ = new(a, )
	_ = new(1 << 3, )
	_ = new(!ok)
	_ = new(a == b)
	_ = new(a * b)
	_ = new(s[1:2])
	make := func(n int) int { return n }
	_ = make(1)
	_ = make(n - 1)
	_ = make(f(x), y...)
}
