package golangci

import (
	"fmt"
	"go/parser"
	"go/token"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/go/analysis/analysistest"
)

// goleash is the program that GOLEASH names, or the one of the path; the test is skipped where there is none.
func goleash(t *testing.T) string {
	t.Helper()
	name := os.Getenv("GOLEASH")
	if name == "" {
		name = "goleash"
	}
	path, err := exec.LookPath(name)
	if err != nil {
		t.Skipf("there is no goleash: %v", err)
	}
	return path
}

// module copies testdata/src, since goleash passes over folders called testdata when it looks at a module.
func module(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	if err := os.CopyFS(dir, os.DirFS("testdata")); err != nil {
		t.Fatal(err)
	}
	return dir
}

func TestFindings(t *testing.T) {
	for name, scope := range map[string]Scope{"WholeModule": WholeModule, "OnePackage": OnePackage} {
		t.Run(name, func(t *testing.T) {
			analyzer := NewAnalyzer(&Settings{Binary: goleash(t)}, scope)
			results := analysistest.RunWithSuggestedFixes(t, module(t), analyzer, "./...")
			if len(results) < 2 {
				t.Fatalf("%d packages", len(results))
			}
		})
	}
}

func TestSteps(t *testing.T) {
	for _, without := range []bool{false, true} {
		analyzer := NewAnalyzer(&Settings{Binary: goleash(t), NoSteps: without}, WholeModule)
		var related []analysis.RelatedInformation
		var lines []string
		for _, result := range analysistest.Run(t, module(t), analyzer, "./...") {
			for _, diagnostic := range result.Diagnostics {
				if diagnostic.Category != "blocked-send" {
					continue
				}
				related = diagnostic.Related
				for _, step := range related {
					at := result.Pass.Fset.Position(step.Pos)
					lines = append(lines, fmt.Sprintf("%s:%d", filepath.Base(at.Filename), at.Line))
				}
			}
		}
		if without != (len(related) == 0) {
			t.Fatalf("NoSteps is %v, and there are %v", without, related)
		}
		if !without && (lines[0] != "send.go:6" || !strings.HasPrefix(related[0].Message, "1 ")) {
			t.Errorf("%v: %v", lines, related)
		}
	}
}

// program is a goleash that prints and exits as told.
func program(t *testing.T, script string) *Settings {
	t.Helper()
	path := filepath.Join(t.TempDir(), "goleash")
	if err := os.WriteFile(path, []byte("#!/bin/sh\n"+script+"\n"), 0o755); err != nil {
		t.Fatal(err)
	}
	return &Settings{Binary: path}
}

func TestWhatCannotBeRun(t *testing.T) {
	dir := t.TempDir()
	for want, settings := range map[string]*Settings{
		"there is no program goleash-of-nobody": {Binary: "goleash-of-nobody"},
		"no rule has the id":                    program(t, "echo error: no rule has the id x >&2; exit 2"),
		"printed no report":                     program(t, "echo all is well"),
		"reports of version 2":                  program(t, `echo '{"version": 2, "findings": []}'`),
	} {
		_, err := check(settings, dir, []string{"."})
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v does not say %q", err, want)
		}
	}
}

func TestArguments(t *testing.T) {
	settings := program(t, `printf '%s\n' "$@" "$PWD" >args; echo '{"version": 1, "findings": []}'`)
	settings.Args = []string{"--level", "note"}
	dir := t.TempDir()
	if _, err := check(settings, dir, []string{"a.go"}); err != nil {
		t.Fatal(err)
	}
	got, err := os.ReadFile(filepath.Join(dir, "args"))
	if err != nil {
		t.Fatal(err)
	}
	want := "check\n--format\njson\n--exit-zero\n--level\nnote\n--\na.go\n" + dir + "\n"
	if string(got) != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

// A driver applies what it is offered without a question.
func TestFixesThatAreNotOffered(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "a.go")
	if err := os.WriteFile(path, []byte("package a\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	files := newFiles(&analysis.Pass{Fset: token.NewFileSet()})
	at := location{File: path, Start: point{Offset: 0}, End: point{Offset: 7}}
	elsewhere, beyond := at, at
	elsewhere.File = filepath.Join(dir, "b.go")
	beyond.End.Offset = 11
	for name, tried := range map[string]struct {
		fix  fix
		good bool
	}{
		"safe":        {fix{Safety: "safe", Edits: []edit{{Location: at}}}, true},
		"unsafe":      {fix{Safety: "unsafe", Edits: []edit{{Location: at}}}, false},
		"other file":  {fix{Safety: "safe", Edits: []edit{{Location: at}, {Location: elsewhere}}}, false},
		"changed":     {fix{Safety: "safe", Edits: []edit{{Location: beyond}}}, false},
		"no such key": {fix{Edits: []edit{{Location: at}}}, false},
	} {
		if _, err := files.suggested(tried.fix, path); (err == nil) != tried.good {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// As golangci-lint has a package with cgo: what cgo wrote lies in a cache, one of the files stands for that of the package.
func TestFilesOfCgo(t *testing.T) {
	fset := token.NewFileSet()
	dir := t.TempDir()
	at := func(name string) string { return filepath.Join(dir, name) }
	pass := &analysis.Pass{Fset: fset}
	for _, file := range []struct{ name, text string }{
		{at("shop/send.go"), "package shop\n"},
		{at("cache/06c18-d"), "package shop\n"},
		{at("cache/33733-d"), "// Code generated by cmd/cgo; DO NOT EDIT.\n\n//line " + at("shop/c.go") + ":1:1\npackage shop\n"},
		{at("cache/f09ba-d"), "// Code generated by cmd/cgo; DO NOT EDIT.\n\npackage shop\n"},
		{at("cache/_cgo_import.go"), "package shop\n"},
		{at("shop/made.go"), "// Code generated by hand; DO NOT EDIT.\n\npackage shop\n"},
	} {
		parsed, err := parser.ParseFile(fset, file.name, file.text, parser.ParseComments)
		if err != nil {
			t.Fatal(err)
		}
		pass.Files = append(pass.Files, parsed)
	}
	files := newFiles(pass)
	if want := []string{at("shop/send.go"), at("shop/c.go")}; !slices.Equal(files.names, want) || files.folder != at("shop") {
		t.Errorf("%v in %s", files.names, files.folder)
	}
}

func TestPlugin(t *testing.T) {
	plugin, err := newPlugin(map[string]any{"binary": "x", "args": []string{"--tests"}, "no-steps": true})
	if err != nil {
		t.Fatal(err)
	}
	analyzers, err := plugin.BuildAnalyzers()
	if err != nil || len(analyzers) != 1 {
		t.Fatal(analyzers, err)
	}
	if err := analysis.Validate(analyzers); err != nil {
		t.Fatal(err)
	}
	if _, err := newPlugin(map[string]any{"binaries": "x"}); err == nil {
		t.Error("a setting that does not exist is taken")
	}
	if _, err := newPlugin(nil); err != nil {
		t.Errorf("without settings: %v", err)
	}
}
