package main

import (
	"cmp"
	"fmt"
	"go/constant"
	"go/token"
	"go/types"
	"slices"
	"strconv"
	"strings"
)

// canon writes a type so that identical types have one text: aliases are gone, packages are named by their paths, type parameters by their
// names (those of a receiver by the names in the type's declaration), interfaces by all their methods. examples/types_judge writes goleash's types in the same way.
type canon struct {
	strings.Builder
	fset *token.FileSet
	own  map[*types.TypeParam]string // the names that a type gives the parameters of its methods' receivers
}

func (c *canon) add(parts ...string) {
	for _, part := range parts {
		c.WriteString(part)
	}
}

func (c *canon) typ(t types.Type) {
	switch t := types.Unalias(t).(type) {
	case *types.Basic:
		c.add(basic(t))
	case *types.Named:
		c.add(objectName(c.fset, t.Obj()))
		for i := range t.TypeArgs().Len() {
			c.add([]string{"[", ","}[min(i, 1)])
			c.typ(t.TypeArgs().At(i))
		}
		if t.TypeArgs().Len() > 0 {
			c.add("]")
		}
	case *types.Pointer:
		c.add("*")
		c.typ(t.Elem())
	case *types.Slice:
		c.add("[]")
		c.typ(t.Elem())
	case *types.Array:
		c.add("[", strconv.FormatInt(t.Len(), 10), "]")
		c.typ(t.Elem())
	case *types.Map:
		c.add("map[")
		c.typ(t.Key())
		c.add("]")
		c.typ(t.Elem())
	case *types.Chan:
		c.add([]string{"chan(", "chan<-(", "<-chan("}[t.Dir()])
		c.typ(t.Elem())
		c.add(")")
	case *types.Signature:
		c.add("func")
		c.signature(t)
	case *types.Struct:
		c.fields(t)
	case *types.Interface:
		c.iface(t)
	case *types.TypeParam:
		c.add("$", cmp.Or(c.own[t], t.Obj().Name()))
	case *types.Tuple:
		c.tuple(t, false)
	default:
		c.add(fmt.Sprintf("<%T>", t))
	}
}

func basic(t *types.Basic) string {
	switch t.Kind() {
	case types.Uint8:
		return "uint8"
	case types.Int32:
		return "int32"
	case types.UnsafePointer:
		return "unsafe.Pointer"
	}
	return t.Name()
}

// objectName is the path and name of a declared type; where it is local, the place of its declaration too.
func objectName(fset *token.FileSet, obj *types.TypeName) string {
	if obj.Pkg() == nil {
		return obj.Name()
	}
	name := obj.Pkg().Path() + "." + obj.Name()
	if obj.Parent() != obj.Pkg().Scope() {
		name += "@" + strconv.Itoa(fset.PositionFor(obj.Pos(), false).Offset)
	}
	return name
}

func (c *canon) fields(t *types.Struct) {
	c.add("struct{")
	for i := range t.NumFields() {
		if t.Field(i).Embedded() {
			c.add("!")
		}
		c.add(t.Field(i).Name(), " ")
		c.typ(t.Field(i).Type())
		c.add(";")
	}
	c.add("}")
}

func (c *canon) iface(t *types.Interface) {
	var methods []*types.Func
	for i := range t.NumMethods() {
		methods = append(methods, t.Method(i))
	}
	slices.SortFunc(methods, func(a, b *types.Func) int {
		return cmp.Or(strings.Compare(a.Name(), b.Name()), strings.Compare(a.Pkg().Path(), b.Pkg().Path()))
	})
	c.add("interface{")
	for _, m := range methods {
		c.add(m.Name())
		c.signature(m.Signature())
		c.add(";")
	}
	if !t.IsMethodSet() {
		c.add("~")
	}
	c.add("}")
}

func (c *canon) signature(t *types.Signature) {
	for i := range t.TypeParams().Len() {
		c.add([]string{"[$", ",$"}[min(i, 1)], t.TypeParams().At(i).Obj().Name())
	}
	if t.TypeParams().Len() > 0 {
		c.add("]")
	}
	c.tuple(t.Params(), t.Variadic())
	c.tuple(t.Results(), false)
}

func (c *canon) tuple(t *types.Tuple, variadic bool) {
	c.add("(")
	for i := range t.Len() {
		if i > 0 {
			c.add(",")
		}
		typ := t.At(i).Type()
		if variadic && i == t.Len()-1 {
			c.add("...")
		}
		c.typ(typ)
	}
	c.add(")")
}

// value writes a constant as its type takes it; what goleash does not work out is `?`.
func value(v constant.Value, t types.Type) string {
	if v == nil {
		return "-"
	}
	b, ok := t.Underlying().(*types.Basic)
	if !ok {
		return "?"
	}
	switch {
	case b.Info()&types.IsBoolean != 0:
		return strconv.FormatBool(constant.BoolVal(v))
	case b.Info()&types.IsString != 0:
		return quoted(constant.StringVal(v))
	case b.Info()&types.IsInteger != 0:
		if text := constant.ToInt(v).ExactString(); len(text) < 39 {
			return text
		}
	case b.Info()&types.IsFloat != 0:
		f, _ := constant.Float64Val(constant.ToFloat(v))
		return strconv.FormatFloat(f, 'e', 12, 64)
	}
	return "?"
}

// quoted writes a string in printable ASCII without spaces, a long one cut.
func quoted(s string) string {
	var out strings.Builder
	fmt.Fprintf(&out, "%d:", len(s))
	for i := range min(len(s), 40) {
		if b := s[i]; b > ' ' && b < 0x7f && b != '%' {
			out.WriteByte(b)
		} else {
			fmt.Fprintf(&out, "%%%02x", b)
		}
	}
	return out.String()
}
