// Goparser prints what Go's own parser sees in a tree of files, one line for each top-level declaration, for goleash to be compared with.
//
// Usage: go run -C tests/goparser . DIR | cargo run --release --example judge -- DIR
//
// A file that go/parser does not accept is left out. Lines are tab-separated:
//
//	file package NAME
//	file KIND START END RECEIVER NAMES GROUPED COUNTS ITEMS
//
// ITEMS are the statements and calls of the declaration in source order, see items.
package main

import (
	"bufio"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"log"
	"os"
	"path/filepath"
	"sort"
	"strings"
)

func main() {
	log.SetFlags(0)
	if len(os.Args) != 2 {
		log.Fatal("usage: goparser DIR")
	}
	root := os.Args[1]
	out := bufio.NewWriter(os.Stdout)
	err := filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if !entry.Type().IsRegular() || !strings.HasSuffix(path, ".go") {
			return nil
		}
		rel, err := filepath.Rel(root, path)
		if err != nil {
			return err
		}
		return printFile(out, path, filepath.ToSlash(rel))
	})
	if err != nil {
		log.Fatal(err)
	}
	if err := out.Flush(); err != nil {
		log.Fatal(err)
	}
}

func printFile(out *bufio.Writer, path, name string) error {
	text, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	files := token.NewFileSet()
	file, err := parser.ParseFile(files, path, text, parser.SkipObjectResolution)
	if err != nil {
		return nil // Broken files are goleash's own affair.
	}
	offset := func(pos token.Pos) int { return files.PositionFor(pos, false).Offset }
	fmt.Fprintf(out, "%s\tpackage\t%s\n", name, file.Name.Name)
	line := func(kind string, node ast.Node, recv, names string, grouped int) {
		fmt.Fprintf(out, "%s\t%s\t%d\t%d\t%s\t%s\t%d\t%s\t%s\n",
			name, kind, offset(node.Pos()), offset(node.End()), recv, names, grouped, count(node), items(node, offset))
	}
	for _, decl := range file.Decls {
		switch decl := decl.(type) {
		case *ast.FuncDecl:
			if decl.Recv == nil {
				line("func", decl, "", decl.Name.Name, 0)
			} else {
				decl.Type.TypeParams = nil // The grammar does not know them: they are blank to it.
				line("method", decl, receiver(decl.Recv), decl.Name.Name, 0)
			}
		case *ast.GenDecl:
			for _, spec := range decl.Specs {
				var node ast.Node = decl
				grouped := 0
				if decl.Lparen.IsValid() {
					node, grouped = spec, 1
				}
				switch spec := spec.(type) {
				case *ast.TypeSpec:
					line("type", node, "", spec.Name.Name, grouped)
				case *ast.ValueSpec:
					var names []string
					for _, name := range spec.Names {
						names = append(names, name.Name)
					}
					line(decl.Tok.String(), node, "", strings.Join(names, ","), grouped)
				}
			}
		}
	}
	return nil
}

// receiver is the name of the base type: no star, no parentheses, no type arguments.
func receiver(list *ast.FieldList) string {
	if len(list.List) == 0 {
		return ""
	}
	expr := list.List[0].Type
	for {
		switch e := expr.(type) {
		case *ast.Ident:
			return e.Name
		case *ast.ParenExpr:
			expr = e.X
		case *ast.StarExpr:
			expr = e.X
		case *ast.IndexExpr:
			expr = e.X
		case *ast.IndexListExpr:
			expr = e.X
		default:
			return "?" // No receiver that compiles has this form.
		}
	}
}

// items tells every statement, "START KIND", and every call, "START call END ARGUMENTS": the range of what is called, and where each argument
// begins. In the order of their bytes; the judge makes the same list of its own tree.
func items(root ast.Node, offset func(token.Pos) int) string {
	type item struct {
		start int
		text  string
	}
	var list []item
	add := func(node ast.Node, text string) { list = append(list, item{offset(node.Pos()), text}) }
	// The blocks of switches, and what a type switch switches on, are no statements of their own in the judge's tree.
	part := map[ast.Stmt]bool{}
	ast.Inspect(root, func(node ast.Node) bool {
		switch node := node.(type) {
		case *ast.SwitchStmt:
			part[node.Body] = true
			add(node, "switch")
		case *ast.TypeSwitchStmt:
			part[node.Body], part[node.Assign] = true, true
			add(node, "typeswitch")
		case *ast.SelectStmt:
			part[node.Body] = true
			add(node, "select")
		case *ast.CallExpr:
			text := fmt.Sprintf("call %d", offset(node.Fun.End()))
			for _, arg := range node.Args {
				text += fmt.Sprintf(" %d", offset(arg.Pos()))
			}
			add(node.Fun, text)
		case *ast.EmptyStmt:
		case ast.Stmt:
			if !part[node] {
				add(node, statement(node))
			}
		}
		return true
	})
	sort.SliceStable(list, func(i, j int) bool {
		return list[i].start < list[j].start || list[i].start == list[j].start && list[i].text < list[j].text
	})
	var out strings.Builder
	for _, item := range list {
		fmt.Fprintf(&out, "%d %s;", item.start, item.text)
	}
	return out.String()
}

func statement(node ast.Stmt) string {
	switch node.(type) {
	case *ast.AssignStmt:
		return "assign"
	case *ast.BlockStmt:
		return "block"
	case *ast.BranchStmt:
		return "branch"
	case *ast.CaseClause:
		return "case"
	case *ast.CommClause:
		return "comm"
	case *ast.DeclStmt:
		return "decl"
	case *ast.DeferStmt:
		return "defer"
	case *ast.ExprStmt:
		return "expr"
	case *ast.ForStmt:
		return "for"
	case *ast.GoStmt:
		return "go"
	case *ast.IfStmt:
		return "if"
	case *ast.IncDecStmt:
		return "incdec"
	case *ast.LabeledStmt:
		return "label"
	case *ast.RangeStmt:
		return "range"
	case *ast.ReturnStmt:
		return "return"
	case *ast.SendStmt:
		return "send"
	}
	return fmt.Sprintf("%T", node)
}

// count tells how often each form occurs that lowering cares about; the judge counts the same in its own tree.
func count(root ast.Node) string {
	n := map[string]int{}
	ast.Inspect(root, func(node ast.Node) bool {
		switch node := node.(type) {
		case *ast.GoStmt:
			n["go"]++
		case *ast.DeferStmt:
			n["defer"]++
		case *ast.FuncLit:
			n["funclit"]++
		case *ast.SendStmt:
			n["send"]++
		case *ast.UnaryExpr:
			if node.Op == token.ARROW {
				n["recv"]++
			}
		case *ast.SelectStmt:
			n["select"]++
		case *ast.CommClause:
			n["comm"]++
		case *ast.CaseClause:
			n["case"]++
		case *ast.ForStmt:
			n["for"]++
		case *ast.RangeStmt:
			n["range"]++
		case *ast.ReturnStmt:
			n["return"]++
		case *ast.CallExpr:
			n["call"]++
		case *ast.CompositeLit:
			n["complit"]++
		case *ast.IfStmt:
			n["if"]++
		case *ast.SwitchStmt:
			n["switch"]++
		case *ast.TypeSwitchStmt:
			n["typeswitch"]++
		case *ast.IncDecStmt:
			n["incdec"]++
		case *ast.AssignStmt:
			n["assign"]++
		case *ast.LabeledStmt:
			n["label"]++
		case *ast.BranchStmt:
			n["branch"]++
		case *ast.SelectorExpr:
			n["selector"]++
		case *ast.SliceExpr:
			n["slice"]++
		case *ast.ChanType:
			n["chan"]++
		case *ast.StructType:
			n["struct"]++
		case *ast.InterfaceType:
			n["interface"]++
		}
		return true
	})
	keys := []string{
		"go", "defer", "funclit", "send", "recv", "select", "comm", "case", "for", "range", "return", "call", "complit", "if", "switch",
		"typeswitch", "incdec", "assign", "label", "branch", "selector", "slice", "chan", "struct", "interface",
	}
	var parts []string
	for _, key := range keys {
		if n[key] != 0 {
			parts = append(parts, fmt.Sprintf("%s=%d", key, n[key]))
		}
	}
	return strings.Join(parts, ",")
}
