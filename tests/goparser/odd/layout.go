// Code templates, no indentation, keywords in odd places.
package odd

const template = `
func inTemplate() {
	go f()
}

type InTemplate struct{}
<<<<<<< not a marker
` + "`" + `
var inTemplate2 = 1
`

/*
func inComment() {
}

func (t *T) inComment2() {
=======
*/

  func indented() {
  }

	type Indented struct {
	}

func flat() {
var x int
const y = 1
type T struct{
a int
}
type U interface {
M()
}
if x > y {
x = func() int {
return 1
}()
}
f(
func() {
},
func(x int) T {
return T{}
},
func(x int) (y int) {
return
},
func(x int) Pair[K, V] {
return Pair[K, V]{}
},
)
defer
func() {
}()
switch x {
case 1:
var z int
_ = z
default:
}
}

var v =
func(x int) T {
return T{}
}

var (
w = `
)
func inRaw() {}
`
x = 'x'; y = '`'
z = "`" // `
) ; var after = 1

func a() { _ = "/*" } /* } */ ; func b() { _ = '"' } // {
func c() { _ = `
}
func inRaw2() {
` }
func d() { /*
}
func inComment3() {
*/ }
func e() { _ = "\\" ; _ = '\\' ; _ = "\"}" ; _ = '\'' }
func g() { x := a /* ` */ / b // ` "
}
type h struct { a int `json:"a"`; b map[string]struct{} }; type i interface{}
