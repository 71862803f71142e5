package main

import (
	"go/types"
	"log"
	"strconv"
	"strings"
)

// printer writes types as Go source.
type printer struct {
	strings.Builder
	qualify func(*types.Package) string // with the dot; empty for the package itself
}

func (p *printer) add(parts ...string) {
	for _, part := range parts {
		p.WriteString(part)
	}
}

func (p *printer) typ(t types.Type) {
	switch t := t.(type) {
	case *types.Basic:
		if t.Kind() == types.UnsafePointer {
			p.add(p.qualify(types.Unsafe))
		}
		p.add(t.Name())
	case *types.Alias:
		p.name(t.Obj())
		p.args(t.TypeArgs())
	case *types.Named:
		p.name(t.Obj())
		p.args(t.TypeArgs())
	case *types.Pointer:
		p.add("*")
		p.typ(t.Elem())
	case *types.Slice:
		p.add("[]")
		p.typ(t.Elem())
	case *types.Array:
		p.add("[", strconv.FormatInt(t.Len(), 10), "]")
		p.typ(t.Elem())
	case *types.Map:
		p.add("map[")
		p.typ(t.Key())
		p.add("]")
		p.typ(t.Elem())
	case *types.Chan:
		p.channel(t)
	case *types.Signature:
		p.add("func")
		p.signature(t)
	case *types.Struct:
		p.fields(t)
	case *types.Interface:
		p.iface(t)
	case *types.Union:
		for i := range t.Len() {
			if i > 0 {
				p.add("|")
			}
			if t.Term(i).Tilde() {
				p.add("~")
			}
			p.typ(t.Term(i).Type())
		}
	case *types.TypeParam:
		p.add(t.Obj().Name())
	default:
		log.Fatalf("no way to write %T", t)
	}
}

func (p *printer) name(obj *types.TypeName) {
	if obj.Pkg() != nil {
		p.add(p.qualify(obj.Pkg()))
	}
	p.add(obj.Name())
}

func (p *printer) args(list *types.TypeList) {
	for i := range list.Len() {
		p.add([]string{"[", ","}[min(i, 1)])
		p.typ(list.At(i))
	}
	if list.Len() > 0 {
		p.add("]")
	}
}

func (p *printer) channel(t *types.Chan) {
	switch t.Dir() {
	case types.SendOnly:
		p.add("chan<- ")
	case types.RecvOnly:
		p.add("<-chan ")
	default:
		p.add("chan ")
		if elem, ok := t.Elem().(*types.Chan); ok && elem.Dir() == types.RecvOnly {
			p.add("(")
			p.typ(elem)
			p.add(")")
			return
		}
	}
	p.typ(t.Elem())
}

// signature writes parameters and results; their names are nobody's business outside.
func (p *printer) signature(t *types.Signature) {
	p.tuple(t.Params(), t.Variadic())
	switch t.Results().Len() {
	case 0:
	case 1:
		p.add(" ")
		p.typ(t.Results().At(0).Type())
	default:
		p.tuple(t.Results(), false)
	}
}

func (p *printer) tuple(t *types.Tuple, variadic bool) {
	p.add("(")
	for i := range t.Len() {
		if i > 0 {
			p.add(",")
		}
		last := t.At(i).Type()
		if slice, ok := last.(*types.Slice); ok && variadic && i == t.Len()-1 {
			p.add("...")
			last = slice.Elem()
		}
		p.typ(last)
	}
	p.add(")")
}

func (p *printer) fields(t *types.Struct) {
	p.add("struct{")
	for i := range t.NumFields() {
		if i > 0 {
			p.add(";")
		}
		if field := t.Field(i); !field.Embedded() {
			p.add(field.Name(), " ")
		}
		p.typ(t.Field(i).Type())
	}
	p.add("}")
}

func (p *printer) iface(t *types.Interface) {
	if t.IsImplicit() && t.NumExplicitMethods() == 0 && t.NumEmbeddeds() == 1 {
		p.typ(t.EmbeddedType(0))
		return
	}
	p.add("interface{")
	for i := range t.NumExplicitMethods() {
		if i > 0 {
			p.add(";")
		}
		method := t.ExplicitMethod(i)
		p.add(method.Name())
		p.signature(method.Signature())
	}
	for i := range t.NumEmbeddeds() {
		if i > 0 || t.NumExplicitMethods() > 0 {
			p.add(";")
		}
		p.typ(t.EmbeddedType(i))
	}
	p.add("}")
}

// params writes a list of type parameters with their constraints.
func (p *printer) params(list *types.TypeParamList) {
	for i := range list.Len() {
		p.add([]string{"[", ","}[min(i, 1)], list.At(i).Obj().Name(), " ")
		p.typ(list.At(i).Constraint())
	}
	if list.Len() > 0 {
		p.add("]")
	}
}
