// Package golangci makes goleash an analyzer of Go's analysis framework: a module plugin for golangci-lint, and by cmd/goleash-vet a tool
// for go vet. It runs the goleash program and turns the findings of its JSON report into diagnostics; it analyses nothing itself.
package golangci

import (
	"errors"
	"fmt"
	"go/ast"
	"go/token"
	"os"
	"path/filepath"
	"sync"

	"golang.org/x/tools/go/analysis"
)

// Settings are what a user may choose, in golangci-lint's configuration or by goleash-vet's flags.
type Settings struct {
	// Binary is the goleash program, a path or a name to look up. Empty means `goleash`.
	Binary string `json:"binary"`
	// Args are more arguments for `goleash check`, such as `--level` and `note`.
	Args []string `json:"args"`
	// NoSteps leaves out the steps of a finding's argument, which golangci-lint shows as findings of their own.
	NoSteps bool `json:"no-steps"`
}

// Scope is what one run of goleash looks at.
type Scope int

const (
	// WholeModule has one run for all packages of a module, for drivers that analyse them in one process.
	WholeModule Scope = iota
	// OnePackage has a run for each package, for drivers with a process for each.
	OnePackage
)

// NewAnalyzer makes the analyzer. The settings are read when it runs, so flags may still change them.
func NewAnalyzer(settings *Settings, scope Scope) *analysis.Analyzer {
	checker := &checker{settings: settings, scope: scope, modules: map[string]func() ([]finding, error){}}
	return &analysis.Analyzer{
		Name: "goleash",
		Doc:  "finds goroutines that never end\n\nIt shows what the goleash program says of the package.",
		URL:  "https://github.com/goleash/goleash",
		Run:  checker.run,
	}
}

type checker struct {
	settings *Settings
	scope    Scope
	mutex    sync.Mutex
	// One run for each module, whichever of its packages asks first.
	modules map[string]func() ([]finding, error)
}

func (c *checker) run(pass *analysis.Pass) (any, error) {
	files := newFiles(pass)
	if len(files.own) == 0 {
		return nil, nil
	}
	findings, err := c.findings(files)
	if err != nil {
		return nil, err
	}
	for _, finding := range findings {
		if files.own[finding.Location.File] {
			c.report(pass, files, finding)
		}
	}
	return nil, nil
}

// findings asks for those of the module, or of the package alone.
func (c *checker) findings(files *files) ([]finding, error) {
	root := moduleRoot(files.folder)
	if c.scope == OnePackage {
		return check(c.settings, root, files.names)
	}
	c.mutex.Lock()
	once, known := c.modules[root]
	if !known {
		once = sync.OnceValues(func() ([]finding, error) { return check(c.settings, root, []string{"."}) })
		c.modules[root] = once
	}
	c.mutex.Unlock()
	return once()
}

// moduleRoot is the nearest folder with a go.mod, or the folder itself where there is none.
func moduleRoot(folder string) string {
	for at := folder; ; at = filepath.Dir(at) {
		if _, err := os.Stat(filepath.Join(at, "go.mod")); err == nil {
			return at
		}
		if at == filepath.Dir(at) {
			return folder
		}
	}
}

func (c *checker) report(pass *analysis.Pass, files *files, finding finding) {
	pos, end, err := files.span(finding.Location)
	if err != nil {
		// The file has changed since goleash read it: the next run says what is true then.
		return
	}
	diagnostic := analysis.Diagnostic{
		Pos:      pos,
		End:      end,
		Category: finding.Rule,
		Message:  finding.Rule + ": " + finding.Message,
	}
	if !c.settings.NoSteps {
		for i, step := range finding.Steps {
			if pos, end, err := files.span(step.Location); err == nil {
				related := analysis.RelatedInformation{Pos: pos, End: end, Message: fmt.Sprintf("%d %s", i+1, step.Label)}
				diagnostic.Related = append(diagnostic.Related, related)
			}
		}
	}
	for _, fix := range finding.Fixes {
		// Drivers apply the first one without a question, so it has to be safe and whole.
		if suggested, err := files.suggested(fix, finding.Location.File); err == nil {
			diagnostic.SuggestedFixes = []analysis.SuggestedFix{suggested}
			break
		}
	}
	pass.Report(diagnostic)
}

var errNotOffered = errors.New("not offered")

// suggested is a fix for a driver to apply. golangci-lint drops edits in other files than the finding's and applies the rest, so a fix with
// such edits is none.
func (f *files) suggested(fix fix, file string) (analysis.SuggestedFix, error) {
	suggested := analysis.SuggestedFix{Message: fix.Title}
	if fix.Safety != "safe" {
		return suggested, errNotOffered
	}
	for _, edit := range fix.Edits {
		if edit.Location.File != file {
			return suggested, errNotOffered
		}
		pos, end, err := f.span(edit.Location)
		if err != nil {
			return suggested, err
		}
		suggested.TextEdits = append(suggested.TextEdits, analysis.TextEdit{Pos: pos, End: end, NewText: []byte(edit.Text)})
	}
	return suggested, nil
}

// files knows where the text of a pass lies.
type files struct {
	fset   *token.FileSet
	folder string
	// names are the files of the package, in the order of the pass, and own the same as a set.
	names []string
	own   map[string]bool
	known map[string]*token.File
}

func newFiles(pass *analysis.Pass) *files {
	f := &files{fset: pass.Fset, own: map[string]bool{}, known: map[string]*token.File{}}
	for _, file := range pass.Files {
		at := pass.Fset.File(file.FileStart)
		name := absolute(at.Name())
		// What cgo wrote says which file it was written from, and goleash has read that one.
		if from := pass.Fset.Position(file.Package).Filename; filepath.IsAbs(from) && filepath.Ext(from) == ".go" && from != name {
			name = from
		} else if ast.IsGenerated(file) || filepath.Ext(name) != ".go" || filepath.Base(name)[0] == '_' {
			// What a tool wrote has no findings, and may lie in a cache.
			continue
		} else {
			f.known[name] = at
		}
		f.folder = filepath.Dir(name)
		f.names = append(f.names, name)
		f.own[name] = true
	}
	return f
}

func absolute(name string) string {
	if path, err := filepath.Abs(name); err == nil {
		return path
	}
	return name
}

// file is one that the driver has parsed, or another one that is read for its lines.
func (f *files) file(name string) (*token.File, error) {
	if known := f.known[name]; known != nil {
		return known, nil
	}
	text, err := os.ReadFile(name)
	if err != nil {
		return nil, err
	}
	added := f.fset.AddFile(name, -1, len(text))
	added.SetLinesForContent(text)
	f.known[name] = added
	return added, nil
}

func (f *files) span(at location) (token.Pos, token.Pos, error) {
	file, err := f.file(at.File)
	if err != nil {
		return token.NoPos, token.NoPos, err
	}
	if at.Start.Offset < 0 || at.Start.Offset > at.End.Offset || at.End.Offset > file.Size() {
		return token.NoPos, token.NoPos, errNotOffered
	}
	return file.Pos(at.Start.Offset), file.Pos(at.End.Offset), nil
}
