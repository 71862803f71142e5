package main

import (
	"fmt"
	"go/ast"
	"go/build"
	"go/parser"
	"go/token"
	"go/types"
	"io/fs"
	"log"
	"os"
	"path"
	"path/filepath"
	"runtime"
	"sort"
	"strings"
)

// unit is a package with its syntax and what the checker says of it.
type unit struct {
	path  string
	dir   string
	files []string // names in dir
	text  string   // of a package out of the table, which has no files
	// imports maps what the files import to the paths of packages, where the two differ.
	imports map[string]string
	version string // of the language, "go1.27"

	syntax []*ast.File
	pkg    *types.Package
	info   *types.Info
	errs   []error
	busy   bool
}

// loader checks packages from source, each after what it imports.
type loader struct {
	fset  *token.FileSet
	units map[string]*unit
	find  func(path string) *unit // for what is not in units yet
	full  func(u *unit) bool      // whether bodies are checked as well
}

func newLoader() *loader {
	return &loader{fset: token.NewFileSet(), units: map[string]*unit{}, full: func(*unit) bool { return true }}
}

// get gives a package after it was checked, or nil if there is none.
func (l *loader) get(path string) *unit {
	u, ok := l.units[path]
	if !ok && l.find != nil {
		u = l.find(path)
		l.units[path] = u
	}
	if u == nil || u.pkg != nil {
		return u
	}
	if u.busy {
		return nil // An import cycle: the checker reports it.
	}
	u.busy = true
	l.check(u)
	u.busy = false
	return u
}

type lookup func(path string) (*types.Package, error)

func (f lookup) Import(path string) (*types.Package, error) { return f(path) }

func (l *loader) parse(u *unit, name string, text any) {
	file, err := parser.ParseFile(l.fset, name, text, parser.SkipObjectResolution)
	if err != nil {
		u.errs = append(u.errs, err)
	}
	if file != nil {
		u.syntax = append(u.syntax, file)
	}
}

func (l *loader) check(u *unit) {
	for _, name := range u.files {
		l.parse(u, filepath.Join(u.dir, name), nil)
	}
	if u.text != "" {
		l.parse(u, u.path, u.text)
	}
	u.info = &types.Info{
		Types:      map[ast.Expr]types.TypeAndValue{},
		Defs:       map[*ast.Ident]types.Object{},
		Uses:       map[*ast.Ident]types.Object{},
		Implicits:  map[ast.Node]types.Object{},
		Selections: map[*ast.SelectorExpr]*types.Selection{},
		Instances:  map[*ast.Ident]types.Instance{},
	}
	config := types.Config{
		GoVersion:        u.version,
		IgnoreFuncBodies: !l.full(u),
		FakeImportC:      true,
		Sizes:            types.SizesFor("gc", "amd64"),
		Error:            func(err error) { u.errs = append(u.errs, err) },
		Importer: lookup(func(path string) (*types.Package, error) {
			if path == "unsafe" {
				return types.Unsafe, nil
			}
			if to, ok := u.imports[path]; ok {
				path = to
			}
			if dep := l.get(path); dep != nil && dep.pkg != nil {
				return dep.pkg, nil
			}
			return nil, fmt.Errorf("no package %s", path)
		}),
	}
	u.pkg, _ = config.Check(u.path, l.fset, u.syntax, u.info)
}

// specs gives the type declarations of a package.
func specs(files []*ast.File) []*ast.TypeSpec {
	var out []*ast.TypeSpec
	for _, file := range files {
		for _, decl := range file.Decls {
			if decl, ok := decl.(*ast.GenDecl); ok && decl.Tok == token.TYPE {
				for _, spec := range decl.Specs {
					out = append(out, spec.(*ast.TypeSpec))
				}
			}
		}
	}
	return out
}

func context() build.Context {
	c := build.Default
	c.GOOS, c.GOARCH, c.CgoEnabled, c.Compiler = "linux", "amd64", false, "gc"
	return c
}

// stdLoader finds packages in Go's own src.
func stdLoader() *loader {
	l := newLoader()
	src := filepath.Join(goroot(), "src")
	c := context()
	l.find = func(name string) *unit {
		dir := filepath.Join(src, filepath.FromSlash(name))
		found, err := c.ImportDir(dir, 0)
		files := found.GoFiles
		if len(files) == 0 && err != nil {
			// Some packages are there with cgo alone; what they declare without it can be told all the same.
			withCgo := c
			withCgo.CgoEnabled = true
			if found, err = withCgo.ImportDir(dir, 0); err != nil {
				return nil
			}
			files = append(append([]string{}, found.GoFiles...), found.CgoFiles...)
		}
		u := &unit{path: name, dir: dir, files: files, version: language(), imports: map[string]string{}}
		for _, imported := range found.Imports {
			if first, _, _ := strings.Cut(imported, "/"); strings.Contains(first, ".") {
				vendor := "vendor"
				if strings.HasPrefix(name, "cmd/") {
					vendor = "cmd/vendor"
				}
				u.imports[imported] = path.Join(vendor, imported)
			}
		}
		return u
	}
	return l
}

func goroot() string {
	if root := os.Getenv("GOROOT"); root != "" {
		return root
	}
	return build.Default.GOROOT
}

// language is the Go version of the standard library: "go1.27".
func language() string {
	parts := strings.SplitN(strings.TrimPrefix(release(), "go"), ".", 3)
	return "go" + strings.Join(parts[:2], ".")
}

// release is the whole version: "go1.27.3".
func release() string {
	text, err := os.ReadFile(filepath.Join(goroot(), "VERSION"))
	if err != nil {
		log.Fatal(err)
	}
	first, _, _ := strings.Cut(string(text), "\n")
	if first != runtime.Version() {
		log.Fatalf("this runs under %s and would read the source of %s: experiments may differ", runtime.Version(), first)
	}
	return first
}

// stdPackages lists the folders of Go's src that may hold a package, as import paths.
func stdPackages(below string) []string {
	src := filepath.Join(goroot(), "src")
	var out []string
	err := filepath.WalkDir(filepath.Join(src, filepath.FromSlash(below)), func(name string, entry fs.DirEntry, err error) error {
		if err != nil || !entry.IsDir() {
			return err
		}
		if base := entry.Name(); base == "testdata" || strings.HasPrefix(base, "_") || strings.HasPrefix(base, ".") {
			return filepath.SkipDir
		}
		rel, err := filepath.Rel(src, name)
		if rel != "." && rel != "builtin" && rel != "unsafe" {
			out = append(out, filepath.ToSlash(rel))
		}
		return err
	})
	if err != nil {
		log.Fatal(err)
	}
	sort.Strings(out)
	return out
}
