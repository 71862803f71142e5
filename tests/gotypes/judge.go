package main

import (
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"io"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// judge writes the facts about each file, tab-separated:
//
//	=N TYPE                          the type that is called N from here on
//	file PATH PACKAGE                the file of the facts that follow
//	var OFFSET NAME TYPE             a variable, local or of the package, by its identifier
//	implicit OFFSET TYPE             the variable of a clause of a type switch, by the clause
//	const OFFSET NAME TYPE VALUE     a declared constant
//	func OFFSET NAME TYPE            a declared function
//	expr START END KIND TYPE VALUE   an operand: call, index, selector, chan, lock, bound
//	callee START END WHAT            whom a call calls: conversion, builtin, func, method, interface, value
//	inst START END TYPES             the type arguments of a generic function
//	impl START END TYPES             which types of the package implement the interface whose method is called
func judge(out io.Writer, root string, rest []string) {
	if root == "std" {
		judgeStd(out, strings.Join(rest, ""))
	} else {
		judgeModule(out, root)
	}
}

func judgeStd(out io.Writer, below string) {
	load := stdLoader()
	wanted := func(path string) bool { return path == below || below == "" || strings.HasPrefix(path, below+"/") }
	load.full = func(u *unit) bool { return wanted(u.path) }
	w := newWriter(out, load.fset, filepath.Join(goroot(), "src"))
	for _, path := range stdPackages(below) {
		if u := load.get(path); u != nil {
			w.unit(u)
			// What others ask of it is in its types.
			u.info, u.syntax = nil, nil
		}
	}
}

// writer writes the facts about packages.
type writer struct {
	out   io.Writer
	fset  *token.FileSet
	root  string
	types map[string]int
	texts map[types.Type]int
	u     *unit
	impls map[types.Type]string
	own   map[*types.TypeParam]string
}

func newWriter(out io.Writer, fset *token.FileSet, root string) *writer {
	return &writer{out: out, fset: fset, root: root, types: map[string]int{}, own: map[*types.TypeParam]string{}}
}

func (w *writer) unit(u *unit) {
	if u.pkg == nil || u.info == nil {
		return
	}
	w.u, w.impls, w.texts = u, map[types.Type]string{}, map[types.Type]int{}
	for _, name := range u.pkg.Scope().Names() {
		w.receivers(u.pkg.Scope().Lookup(name).Type())
	}
	for _, file := range u.syntax {
		name := w.fset.PositionFor(file.Package, false).Filename
		if rel, err := filepath.Rel(w.root, name); err == nil {
			name = filepath.ToSlash(rel)
		}
		fmt.Fprintf(w.out, "file\t%s\t%s\n", name, u.path)
		w.file(file)
	}
}

// receivers notes what the type parameters of receivers are called in the type's declaration.
func (w *writer) receivers(t types.Type) {
	named, ok := t.(*types.Named)
	if !ok || named.TypeParams().Len() == 0 {
		return
	}
	for i := range named.NumMethods() {
		list := named.Method(i).Signature().RecvTypeParams()
		for j := range list.Len() {
			w.own[list.At(j)] = named.TypeParams().At(j).Obj().Name()
		}
	}
}

func (w *writer) offset(pos token.Pos) int { return w.fset.PositionFor(pos, false).Offset }

// typ gives the number of a type.
func (w *writer) typ(t types.Type) int {
	if n, ok := w.texts[t]; ok {
		return n
	}
	c := canon{fset: w.fset, own: w.own}
	c.typ(t)
	text := c.String()
	n, ok := w.types[text]
	if !ok {
		n = len(w.types)
		w.types[text] = n
		fmt.Fprintf(w.out, "=%d\t%s\n", n, text)
	}
	w.texts[t] = n
	return n
}

func (w *writer) expr(kind string, e ast.Expr) {
	e = ast.Unparen(e)
	if tv, ok := w.u.info.Types[e]; ok && tv.Type != nil && tv.Type != types.Typ[types.Invalid] {
		t := tv.Type
		if tv.IsVoid() {
			t = types.NewTuple()
		} else if pair, ok := t.(*types.Tuple); ok && kind != "call" {
			t = pair.At(0).Type() // `v, ok := m[k]`
		}
		n := w.typ(t)
		fmt.Fprintf(w.out, "expr\t%d\t%d\t%s\t%d\t%s\n", w.offset(e.Pos()), w.offset(e.End()), kind, n, value(tv.Value, tv.Type))
	}
}

func (w *writer) file(file *ast.File) {
	// Parameters of a function that is none yet, such as an interface's method, are no variables of anybody.
	own := map[*ast.FuncType]bool{}
	ast.Inspect(file, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.ImportSpec:
			return false
		case *ast.FuncDecl:
			own[n.Type] = true
		case *ast.FuncLit:
			own[n.Type] = true
		case *ast.FuncType:
			return own[n]
		case *ast.GenDecl:
			if n.Tok == token.CONST {
				w.constants(n)
				return false
			}
		case *ast.Ident:
			w.declared(n)
		case *ast.CaseClause:
			if obj := w.u.info.Implicits[n]; obj != nil {
				t := w.typ(obj.Type())
				fmt.Fprintf(w.out, "implicit\t%d\t%d\n", w.offset(n.Pos()), t)
			}
		case *ast.CallExpr:
			w.call(n)
		case *ast.IndexExpr:
			if tv := w.u.info.Types[n]; tv.IsValue() {
				w.expr("index", n)
			}
		case *ast.SelectorExpr:
			if tv := w.u.info.Types[n]; tv.IsValue() {
				w.expr("selector", n)
			}
		case *ast.SendStmt:
			w.expr("chan", n.Chan)
		case *ast.UnaryExpr:
			if n.Op == token.ARROW {
				w.expr("chan", n.X)
				w.expr("recv", n)
			}
		case *ast.RangeStmt:
			w.expr("range", n.X)
		case *ast.ForStmt:
			if cond, ok := n.Cond.(*ast.BinaryExpr); ok {
				w.expr("bound", cond.X)
				w.expr("bound", cond.Y)
			}
		}
		return true
	})
}

// constants writes what a group declares. What stands in it is checked once for each line that repeats it, and the last value is left.
func (w *writer) constants(decl *ast.GenDecl) {
	for _, spec := range decl.Specs {
		for _, name := range spec.(*ast.ValueSpec).Names {
			w.declared(name)
		}
	}
}

// declared writes what an identifier declares.
func (w *writer) declared(id *ast.Ident) {
	if id.Name == "_" {
		return
	}
	switch obj := w.u.info.Defs[id].(type) {
	case *types.Var:
		if !obj.IsField() && obj.Type() != types.Typ[types.Invalid] {
			t := w.typ(obj.Type())
			fmt.Fprintf(w.out, "var\t%d\t%s\t%d\n", w.offset(id.Pos()), id.Name, t)
		}
	case *types.Const:
		t := w.typ(obj.Type())
		fmt.Fprintf(w.out, "const\t%d\t%s\t%d\t%s\n", w.offset(id.Pos()), id.Name, t, value(obj.Val(), obj.Type()))
	case *types.Func:
		// The methods of an interface are told with its type, and nobody can name an init.
		if recv := obj.Signature().Recv(); recv == nil && id.Name != "init" || recv != nil && !types.IsInterface(recv.Type()) {
			t := w.typ(obj.Type())
			fmt.Fprintf(w.out, "func\t%d\t%s\t%d\n", w.offset(id.Pos()), id.Name, t)
		}
	}
}

func (w *writer) call(call *ast.CallExpr) {
	w.expr("call", call)
	fun := ast.Unparen(call.Fun)
	what := w.callee(call, fun)
	if what == "" {
		return
	}
	start, end := w.offset(call.Pos()), w.offset(call.End())
	fmt.Fprintf(w.out, "callee\t%d\t%d\t%s\n", start, end, what)
	if what == "builtin make" && len(call.Args) > 1 {
		for _, size := range call.Args[1:] {
			w.expr("bound", size)
		}
	}
	if what == "builtin close" && len(call.Args) == 1 {
		w.expr("chan", call.Args[0])
	}
	if strings.HasPrefix(what, "method sync.") {
		if sel, ok := fun.(*ast.SelectorExpr); ok {
			w.expr("lock", sel.X)
		}
	}
	if id := calledName(fun); id != nil {
		if inst, ok := w.u.info.Instances[id]; ok {
			var list []string
			for i := range inst.TypeArgs.Len() {
				list = append(list, strconv.Itoa(w.typ(inst.TypeArgs.At(i))))
			}
			fmt.Fprintf(w.out, "inst\t%d\t%d\t%s\n", start, end, strings.Join(list, ","))
		}
	}
}

// callee says whom a call calls; nothing where the checker does not know.
func (w *writer) callee(call *ast.CallExpr, fun ast.Expr) string {
	tv := w.u.info.Types[fun]
	switch {
	case tv.IsType():
		return "conversion"
	case tv.IsBuiltin():
		return "builtin " + calledName(fun).Name
	case tv.Type == nil || tv.Type == types.Typ[types.Invalid]:
		return ""
	}
	id := calledName(fun)
	if id == nil {
		return "value"
	}
	f, ok := w.u.info.Uses[id].(*types.Func)
	if !ok {
		return "value"
	}
	f = f.Origin()
	recv := f.Signature().Recv()
	if recv == nil {
		return "func " + f.Pkg().Path() + "." + f.Name()
	}
	if sel, ok := stripIndex(fun).(*ast.SelectorExpr); ok && types.IsInterface(recv.Type()) {
		selection := w.u.info.Selections[sel]
		owner := w.typ(reached(selection))
		w.implementers(call, reached(selection))
		return fmt.Sprintf("interface %d %s", owner, f.Name())
	}
	t := types.Unalias(recv.Type())
	if p, ok := t.(*types.Pointer); ok {
		t = types.Unalias(p.Elem())
	}
	return "method " + objectName(w.fset, t.(*types.Named).Obj()) + "." + f.Name()
}

// reached is the type whose method a selection selects, after the embedded fields on the way.
func reached(s *types.Selection) types.Type {
	t := s.Recv()
	for _, i := range s.Index()[:len(s.Index())-1] {
		t = deref(t).Underlying().(*types.Struct).Field(i).Type()
	}
	return deref(t)
}

func deref(t types.Type) types.Type {
	if p, ok := types.Unalias(t).(*types.Pointer); ok {
		return p.Elem()
	}
	return t
}

func (w *writer) implementers(call *ast.CallExpr, t types.Type) {
	iface, ok := t.Underlying().(*types.Interface)
	if _, param := types.Unalias(t).(*types.TypeParam); !ok || param {
		return
	}
	list, ok := w.impls[t]
	if !ok {
		var names []string
		scope := w.u.pkg.Scope()
		for _, name := range scope.Names() {
			obj, ok := scope.Lookup(name).(*types.TypeName)
			if !ok || obj.IsAlias() || types.IsInterface(obj.Type()) || obj.Type().(*types.Named).TypeParams().Len() > 0 {
				continue
			}
			if types.Implements(obj.Type(), iface) {
				names = append(names, name)
			} else if types.Implements(types.NewPointer(obj.Type()), iface) {
				names = append(names, "*"+name)
			}
		}
		slices.Sort(names)
		list = strings.Join(names, ",")
		w.impls[t] = list
	}
	fmt.Fprintf(w.out, "impl\t%d\t%d\t%d\t%s\n", w.offset(call.Pos()), w.offset(call.End()), w.typ(t), list)
}

// stripIndex takes explicit type arguments away.
func stripIndex(fun ast.Expr) ast.Expr {
	fun = ast.Unparen(fun)
	switch f := fun.(type) {
	case *ast.IndexExpr:
		return ast.Unparen(f.X)
	case *ast.IndexListExpr:
		return ast.Unparen(f.X)
	}
	return fun
}

// calledName is the identifier of a function that is called by a name.
func calledName(fun ast.Expr) *ast.Ident {
	switch f := stripIndex(fun).(type) {
	case *ast.Ident:
		return f
	case *ast.SelectorExpr:
		return f.Sel
	}
	return nil
}
