package main

import (
	"fmt"
	"go/ast"
	"go/constant"
	"go/types"
	"io"
	"log"
	"maps"
	"math/big"
	"slices"
	"strconv"
	"strings"
	"unicode"
)

// exporter collects the declarations that the exported ones of the standard library are made of.
type exporter struct {
	load *loader
	need map[*types.Package]map[types.Object]bool
	todo []types.Object
	rhs  map[types.Object]types.Type // the right-hand sides of type declarations
	// Names of unexported methods that some interface of the package asks for: others have no bearing on what others can tell.
	asked map[*types.Package]map[string]bool
}

// export writes a line with the version, then for each package a line `package PATH BYTES` and its text.
func export(out io.Writer) {
	var roots []string
	for _, path := range stdPackages("") {
		parts := strings.Split(path, "/")
		if parts[0] != "cmd" && parts[0] != "vendor" && !slices.Contains(parts, "internal") {
			roots = append(roots, path)
		}
	}
	load := stdLoader()
	load.full = func(*unit) bool { return false }
	table := texts(load, roots)
	// What comes out is read in again and has to give itself. The first time it gives less: methods go that only interfaces out of reach
	// ask for.
	for range 4 {
		again := texts(tableLoader(table), slices.Sorted(maps.Keys(table)))
		if maps.Equal(table, again) {
			fmt.Fprintln(out, release())
			for _, path := range slices.Sorted(maps.Keys(table)) {
				fmt.Fprintf(out, "package %s %d\n%s", path, len(table[path]), table[path])
			}
			return
		}
		table = again
	}
	log.Fatal("the table does not say what it was made of")
}

// tableLoader finds packages in a table.
func tableLoader(table map[string]string) *loader {
	load := newLoader()
	load.full = func(*unit) bool { return false }
	load.find = func(path string) *unit {
		if table[path] == "" {
			return nil
		}
		return &unit{path: path, text: table[path], version: language()}
	}
	return load
}

// texts gives the stripped source of packages and of what their exported declarations are made of.
func texts(load *loader, roots []string) map[string]string {
	e := &exporter{
		load:  load,
		need:  map[*types.Package]map[types.Object]bool{},
		rhs:   map[types.Object]types.Type{},
		asked: map[*types.Package]map[string]bool{},
	}
	for _, path := range roots {
		u := load.get(path)
		if u == nil || u.pkg == nil || u.pkg.Name() == "main" {
			continue
		}
		for _, err := range u.errs {
			if !strings.HasSuffix(err.Error(), "missing function body") {
				log.Printf("%s: %v", path, err)
			}
		}
		// A package that exports nothing can be imported all the same.
		e.enter(u.pkg)
		for _, name := range u.pkg.Scope().Names() {
			if ast.IsExported(name) {
				e.want(u.pkg.Scope().Lookup(name))
			}
		}
	}
	for len(e.todo) > 0 {
		obj := e.todo[len(e.todo)-1]
		e.todo = e.todo[:len(e.todo)-1]
		e.follow(obj)
	}
	out := map[string]string{}
	for pkg := range e.need {
		out[pkg.Path()] = e.text(pkg)
	}
	return out
}

// enter makes a package known, with what its syntax tells and its types do not.
func (e *exporter) enter(pkg *types.Package) {
	if e.need[pkg] != nil {
		return
	}
	e.need[pkg] = map[types.Object]bool{}
	u := e.load.get(pkg.Path())
	for _, spec := range specs(u.syntax) {
		e.rhs[u.info.Defs[spec.Name]] = u.info.TypeOf(spec.Type)
	}
	asked := map[string]bool{}
	for _, file := range u.syntax {
		ast.Inspect(file, func(n ast.Node) bool {
			if iface, ok := n.(*ast.InterfaceType); ok {
				for _, field := range iface.Methods.List {
					for _, name := range field.Names {
						asked[name.Name] = true
					}
				}
			}
			return true
		})
	}
	e.asked[pkg] = asked
}

func (e *exporter) want(obj types.Object) {
	pkg := obj.Pkg()
	if pkg == nil || pkg == types.Unsafe {
		return
	}
	e.enter(pkg)
	if obj.Parent() != pkg.Scope() {
		log.Fatalf("%v is local to a function and exported through something", obj)
	}
	if !e.need[pkg][obj] {
		e.need[pkg][obj] = true
		e.todo = append(e.todo, obj)
	}
}

// follow wants what a declaration is made of: what printing it names.
func (e *exporter) follow(obj types.Object) {
	walker := printer{qualify: func(*types.Package) string { return "" }}
	e.declare(&namer{printer: &walker, want: e.want}, obj)
}

// methods gives those of a type that others can call or that make it implement an interface.
func (e *exporter) methods(t *types.Named) []*types.Func {
	var out []*types.Func
	for i := range t.NumMethods() {
		if m := t.Method(i); m.Exported() || e.asked[m.Pkg()][m.Name()] {
			out = append(out, m)
		}
	}
	slices.SortFunc(out, func(a, b *types.Func) int { return strings.Compare(a.Name(), b.Name()) })
	return out
}

// text is the source of a package: one file, sorted, gofmt's spaces left out.
func (e *exporter) text(pkg *types.Package) string {
	names := map[string]bool{}
	objects := slices.SortedFunc(maps.Keys(e.need[pkg]), func(a, b types.Object) int { return strings.Compare(a.Name(), b.Name()) })
	for _, name := range pkg.Scope().Names() {
		names[name] = true
	}
	for _, name := range types.Universe.Names() {
		names[name] = true
	}
	imports := map[*types.Package]string{}
	var body printer
	body.qualify = func(other *types.Package) string {
		if other == pkg {
			return ""
		}
		if imports[other] == "" {
			imports[other] = unused(names, other.Name())
		}
		return imports[other] + "."
	}
	for _, obj := range objects {
		e.declare(&namer{printer: &body}, obj)
	}
	var head strings.Builder
	fmt.Fprintf(&head, "package %s\n", pkg.Name())
	paths := slices.SortedFunc(maps.Keys(imports), func(a, b *types.Package) int { return strings.Compare(a.Path(), b.Path()) })
	for _, other := range paths {
		head.WriteString("import ")
		if name := imports[other]; name != other.Path()[strings.LastIndex(other.Path(), "/")+1:] {
			head.WriteString(name + " ")
		}
		fmt.Fprintf(&head, "%q\n", other.Path())
	}
	return head.String() + body.String()
}

// unused gives a name that nothing else in the package has; type parameters are capital letters, which packages are not named by.
func unused(taken map[string]bool, name string) string {
	for taken[name] {
		name += "_"
	}
	taken[name] = true
	return name
}

// namer is a printer that tells which declarations it names.
type namer struct {
	*printer
	want func(types.Object)
}

func (n *namer) see(t types.Type) {
	if n.want != nil {
		named(t, n.want)
	}
}

func (e *exporter) declare(n *namer, obj types.Object) {
	switch obj := obj.(type) {
	case *types.Const:
		n.add("const ", obj.Name())
		if basic, ok := obj.Type().(*types.Basic); !ok || basic.Info()&types.IsUntyped == 0 {
			n.see(obj.Type())
			n.add(" ")
			n.typ(obj.Type())
		}
		n.add("=", literal(obj), "\n")
	case *types.Var:
		n.see(obj.Type())
		n.add("var ", obj.Name(), " ")
		n.typ(obj.Type())
		n.add("\n")
	case *types.Func:
		n.see(obj.Type())
		n.add("func ", obj.Name())
		n.params(obj.Signature().TypeParams())
		n.signature(obj.Signature())
		n.add("\n")
	case *types.TypeName:
		e.declareType(n, obj)
	}
}

func (e *exporter) declareType(n *namer, obj *types.TypeName) {
	n.add("type ", obj.Name())
	if alias, ok := obj.Type().(*types.Alias); ok {
		n.see(alias.Rhs())
		n.params(alias.TypeParams())
		n.add("=")
		n.typ(alias.Rhs())
		n.add("\n")
		return
	}
	t, ok := obj.Type().(*types.Named)
	if !ok {
		log.Fatalf("%v is no named type", obj)
	}
	rhs := e.rhs[obj]
	if rhs == nil {
		log.Fatalf("%v has no declaration", obj)
	}
	for i := range t.TypeParams().Len() {
		n.see(t.TypeParams().At(i).Constraint())
	}
	n.see(rhs)
	n.params(t.TypeParams())
	n.add(" ")
	n.typ(rhs)
	n.add("\n")
	for _, m := range e.methods(t) {
		n.see(m.Type())
		e.method(n, obj, m)
	}
}

func (e *exporter) method(n *namer, obj *types.TypeName, m *types.Func) {
	n.add("func(")
	if _, ok := m.Signature().Recv().Type().(*types.Pointer); ok {
		n.add("*")
	}
	n.add(obj.Name())
	list := m.Signature().RecvTypeParams()
	for i := range list.Len() {
		n.add([]string{"[", ","}[min(i, 1)], list.At(i).Obj().Name())
	}
	if list.Len() > 0 {
		n.add("]")
	}
	n.add(")", m.Name())
	n.params(m.Signature().TypeParams())
	n.signature(m.Signature())
	n.add("\n")
}

// literal writes a constant's value so that it has the same kind again.
func literal(obj *types.Const) string {
	basic := obj.Type().Underlying().(*types.Basic)
	value := obj.Val()
	switch {
	case basic.Info()&types.IsString != 0:
		return strconv.Quote(constant.StringVal(value))
	case basic.Info()&types.IsBoolean != 0:
		return strconv.FormatBool(constant.BoolVal(value))
	case basic.Kind() == types.UntypedRune:
		return char(obj)
	case basic.Info()&types.IsInteger != 0:
		return value.ExactString()
	case basic.Info()&types.IsFloat != 0:
		return float(value)
	}
	return "(" + float(constant.Real(value)) + "+" + float(constant.Imag(value)) + "i)"
}

// char writes an untyped rune, which may be one that no literal can hold.
func char(obj *types.Const) string {
	n, exact := constant.Int64Val(obj.Val())
	switch {
	case exact && n > unicode.MaxRune:
		return fmt.Sprintf(`'\U0010ffff'+%d`, n-unicode.MaxRune)
	case exact && n < 0:
		return fmt.Sprintf(`'\x00'-%d`, -n)
	case exact:
		return strconv.QuoteRuneToASCII(rune(n))
	}
	log.Fatalf("no way to write the rune %v", obj)
	return ""
}

// float writes 40 digits: more than any type keeps.
func float(value constant.Value) string {
	f := new(big.Float).SetPrec(200)
	switch v := constant.Val(constant.ToFloat(value)).(type) {
	case *big.Float:
		f.Set(v)
	case *big.Rat:
		f.SetRat(v)
	default:
		log.Fatalf("no way to write the float %v", value)
	}
	text := f.Text('g', 40)
	if !strings.ContainsAny(text, ".e") {
		text += ".0"
	}
	return text
}

// named tells of all declared types that a type names.
func named(t types.Type, tell func(types.Object)) {
	var visit func(t types.Type)
	tuple := func(t *types.Tuple) {
		for i := range t.Len() {
			visit(t.At(i).Type())
		}
	}
	list := func(l *types.TypeList) {
		for i := range l.Len() {
			visit(l.At(i))
		}
	}
	visit = func(t types.Type) {
		switch t := t.(type) {
		case *types.Alias:
			tell(t.Obj())
			list(t.TypeArgs())
		case *types.Named:
			tell(t.Obj())
			list(t.TypeArgs())
		case *types.Map:
			visit(t.Key())
			visit(t.Elem())
		case interface{ Elem() types.Type }:
			visit(t.Elem())
		case *types.Signature:
			for i := range t.TypeParams().Len() {
				visit(t.TypeParams().At(i).Constraint())
			}
			tuple(t.Params())
			tuple(t.Results())
		case *types.Struct:
			for i := range t.NumFields() {
				visit(t.Field(i).Type())
			}
		case *types.Interface:
			for i := range t.NumExplicitMethods() {
				visit(t.ExplicitMethod(i).Type())
			}
			for i := range t.NumEmbeddeds() {
				visit(t.EmbeddedType(i))
			}
		case *types.Union:
			for i := range t.Len() {
				visit(t.Term(i).Type())
			}
		}
	}
	visit(t)
}
