package odd

type (
	A = int; B string
	C struct { *D; e.F "tag"; G[int] `x`; *H[int, string]; *i.J[K]; L; m, n int; _ int; f func(); o struct{ p int; q string } }
	R interface { S; t.U; ~int; M(); N(x int) (int, error); ~[]byte | ~string; *V | W[int]; comparable }
	X func(int, ...string) (a, b int)
	Y [N * 2]map[string][]*chan<- func(x, y int, _ ...[]int) (<-chan int, error)
)

type Alias = struct{}
type GenericAlias[P any] = []P
type GenericAlias2[K comparable, V any] = map[K]V
type Paren (int)
type Parens (((*(T))))
type P1[P *T,] struct{}
type P2[P interface{ *T }] int
type P3 [N]int
type P4[T any, PT interface{ *T; M() }] struct { *P4[T, PT]; next *P4[T, PT] }
type P5[K ~int | ~string, V []K | map[K]int] struct{}
type P6[_ any] struct{}
type P7[P []int] struct{}
type P8[P *Q | R] struct{}
type P9[P chan int, Q func(P) P, R [2]P] interface{ ~func(P, Q) R }
type Rec[T Rec[T]] interface{ Less(T) bool }
type Empty interface{}
type OneLine interface { m(); n(); }
type Fn func(func(func()) func()) func() func()
type Chans struct { a chan (<-chan int); b chan<- chan int; c <-chan <-chan int; d chan<- (chan int); e chan func() <-chan int }
type Anon struct { struct1 struct { a int }; iface interface { M() } }
type Stars **************int
type Slices [][][][]int
type Len [len("abc")]int
type Len2 [unsafe.Sizeof(x)]byte
type Len3 [1 << 3]struct{}

var a1, b1 int = 1, 2
var c1, d1 = f()
var e1 func() = func() {}
var f1 = []struct{ a int }{{1}, {2}}
var g1 = map[string]struct{ a, b int }{"x": {1, 2}, "y": {}}
var h1 = map[K]V{{1}: {2}}
var i1 = [][]int{{1}, {2}, nil}
var j1 = []*T{{1}, &T{}}
var k1 = [5]int{1: 2, 3: 4, N: 5}
var l1 = [...]string{"a", `b`,
	"c",
}
var m1 = T[int]{}
var n1 = pkg.T[int, []string]{x: 1}
var o1 = &T[int]{}
var p1 = F[int]
var q1, r1 = F[int], G[string]
var s1 = F[map[string]int](nil)
var t1 = F[func(int) string](x)
var u1 = F[chan int]()
var v1 = F[*T]()
var w1 = F[[]T](nil)
var x1 = F[struct{}]()
var y1 = F[interface{ M() }](x)
var z1 = w(a < b, c > (d))

var a2 = T[int].M
var b2 = (*T[int]).M
var e2 = (*T).M
var f2 = T{}.M()
var g2 = []int{1}[0]
var h2 = map[string]int{}["a"]
var i2 = func() int { return 1 }()
var j2 = struct{ x int }{1}.x
var k2 = interface{}(nil).(T)
var l2 = []byte("x")
var m2 = (*T)(nil)
var n2 = (func())(x)
var p2 = interface{}(x)
var q2 = map[string]int(nil)
var r2 = struct{}(x)
var s2 = [3]int(x)
var t2 = (func(int) int)(f)
var u2 = a.b.c[d].e(f)(g)[1:2:3][:][i:][:j].k
var v2 = x.(interface{ M() }).M()
var w2 = x.(func(int) string)(1)
var x2 = *x.y
var y2 = &[]int{1}[0]
var z2 = -^!+*&x

var a3 = 0x1p-2 + 0b1_0 + 0o7 + 1_000 + .5 + 1. + 1e3i + 0x.8p1 + 017 + 0X_FF + 1.e+3 + 0i + 0x1.8p+2i
var b3 = 1.
var c3 = '\'' + '\\' + '\x41' + '\u00e9' + '\000' + '\U0001F600' + 'é' + '世' + '"' + '`' + '{' + '\n'
var d3 = "\"" + "\\" + `\` + "{" + `"` + "'" + "//" + "/*" + `/*` + "\x00\377\u1234\U00012345\a"
var e3 = a /b/ c
var f3 = a/ *p
var π, 世界, _x1 = 1, 2, 3
var g3 struct { a int; b string } = struct { a int; b string }{1, ""}
var h3 interface { M(); N() } = nil
var i3 = a +
	b
var j3 = f(
	1,
)
var k3 = T {
	x: 1, y: func() {
		f()
	},
}
var l3 chan int
var m3 <-chan int = make(<-chan int)
var n3 = []func(){func() {}, func() { f() }, nil}
var o3 = [2][2]T{{{1}, {2}}, {{3}, {x: 4}}}
var p3 = T{{1, 2}, {3, 4}}
var q3 = []any{T{}, &T{}, []int{1}, map[string]int{"a": 1}, struct{}{}, func() {}, 1, "a", nil, x.y, f()}
var r3 = map[string]func(int) error{
	"a": func(int) error { return nil },
	"b": nil,
}

const a4, b4 = 1, 2
const c4 int = 1
const (
	d4 = iota
	e4
	f4, g4 = iota, 1 << iota
	h4, i4
	_, _
	j4 pkg.T = "x"
)

func noBody()
func noBody2(a int, b ...string) (c, d int)
func noBody3() func() int
func results() interface{} { return nil }
func results2() struct{ a int } { return struct{ a int }{} }
func results3() map[string]struct{} { return nil }
func results4() func() interface{ M() } { return nil }
func results5() [2]struct{} { return [2]struct{}{} }
func results6() <-chan struct{} { return nil }
func results7() (int) { return 1 }
func results8(a int,) (b int,) { return 1 }
func results9() *struct{ x interface{ y() } } { return nil }
func results10() (f func() (int, error), err error) { return }
func params(int, string)
func params2(a.B, ...c.D)
func params3(func(int) int, chan<- int, <-chan int, []int, map[string]int, *int, struct{}, interface{})
func params4(a, b int, _ string, xs ...interface{})
func params5(
	a int,
	b string,
) {
}
func generic[T any](x T) T { return x }
func generic2[K comparable, V ~int | ~string, M ~map[K]V](m M) {}
func generic3[T interface{ *U; M() }, U any](x T)
func generic4[T any,](T)
func generic5[_ any]()
func generic6[P *T](p P) {}
func _() {}
func init() {}
func init() {}

func (T) m1()                            {}
func (t T) m2()                          {}
func (t *T) m3()                         {}
func (*T) m4()                           {}
func (t *T[K, V]) m5()                   {}
func (*T[_]) m6()                        {}
func (t T[K]) m7()                       {}
func (_ *T) m8()                         {}
func (t (T)) m9()                        {}
func (t *(T)) m10()                      {}
func ((*T)) m11()                        {}
func (t T,) m12()                        {}
func (/* c */ t /* d */ *T) /* e */ m13 /* f */ () {}
func (t *T) m14[U any](x U) U            { return x }
func (t *T[K]) m15[U, W any, X ~[]U](x U, y X) (W, error) { var z W; return z, nil }
func (t *T) m16[U interface{ M() }](x U) {}
func (
	t *T,
) m17() {
}
func (t T) π() {}

func inst() {
	F[int](x)
	F[int, string](x)
	pkg.F[int](x)
	x.F[int](y)
	f[T[int]](x)
	f[pkg.T[int]](x)
	F[pkg.T](x)
	F[*pkg.T](x)
	a[i](x)
	a[i][j](x)
	a[f(x)](y)
	a[0](x)
	a["x"](y)
	_ = a[i] * b
	_ = a[i].b[j].c
	_ = T[int](x)
	_ = T[int, string](x)
	_ = []T[int]{{}, {}}
	_ = map[T[int]]U[string]{}
	_ = func(x T[int]) U[int] { return nil }
	var _ T[int]
	var _ *T[int, pkg.U[string]]
	var _ func(T[int]) = f[int]
	for _, x := range F[int]() {
	}
	if F[int](x) {
	}
	switch x := y.(type) {
	case T[int]:
	case *T[int], []T[string]:
	}
	x := y.(T[int])
	type L[X any] struct{ x X }
	type M = L[int]
	_ = L[int]{x: 1}
	_ = &L[int]{1}
	_ = G[int]{}.x
	return
}
