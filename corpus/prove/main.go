// Prove runs every case of the corpus and writes down what the Go runtime
// found: corpus/proved.json.
//
//	go run ./prove            from corpus/, with Go 1.27 or later
//	go run ./prove -only unguarded-loop/health-poller
//
// It fails, and names the case, when a leaking variant leaves nothing behind,
// a mended one leaves something, or a case has no line in prove/expect.txt.
package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"sort"
	"strings"
	"time"

	"goleash.test/judge"
)

type entry struct {
	Rule        string            `json:"rule"`
	Case        string            `json:"case"`
	Variant     string            `json:"variant"`
	File        string            `json:"file"`
	Go          string            `json:"go"`
	Judge       string            `json:"judge"`
	Goroutines  []judge.Goroutine `json:"goroutines"`
	CauseLines  []int             `json:"cause_lines,omitempty"`
	ExpectLevel string            `json:"expect_level,omitempty"`
	Why         string            `json:"why"`
}

type expectation struct {
	level, mended, why string
	causes             []string
}

var (
	goCmd  = flag.String("go", "go", "the go command, 1.27 or later")
	oldGo  = flag.String("old-go", "go", "the go command for the module go122: 1.23 to 1.26, whose timers still have the older way")
	oldTC  = flag.String("old-toolchain", "go1.26.8", "GOTOOLCHAIN for -old-go")
	only   = flag.String("only", "", "prove only RULE or RULE/CASE and print it; proved.json is left as it is")
	atOnce = flag.String("p", "2", "packages at once")
	checks = flag.Bool("check", false, "compare with proved.json and do not write it")
)

func main() {
	flag.Parse()
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "prove:", err)
		os.Exit(1)
	}
}

func run() error {
	started := time.Now()
	root, err := os.Getwd()
	if err != nil {
		return err
	}
	expect, err := readExpect("prove/expect.txt")
	if err != nil {
		return err
	}
	found, err := findVariants(root)
	if err != nil {
		return err
	}
	verdicts := map[string]judge.Verdict{}
	var bad []string
	for _, m := range []struct{ dir, cmd, toolchain string }{
		{".", *goCmd, ""},
		{"go122", *oldGo, *oldTC},
	} {
		var pkgs []string
		for _, v := range found {
			if v.module == m.dir {
				pkgs = append(pkgs, "./"+v.rel)
			}
		}
		if len(pkgs) == 0 {
			continue
		}
		failed, err := test(root, m.dir, m.cmd, m.toolchain, *atOnce, "", pkgs, verdicts)
		if err != nil {
			return err
		}
		if len(failed) > 0 {
			// A busy machine may be late: ask again, one by one, with patience.
			var again []string
			for _, p := range pkgs {
				if failed[path.Join(filepath.ToSlash(root), m.dir, p)] != "" {
					again = append(again, p)
				}
			}
			failed, err = test(root, m.dir, m.cmd, m.toolchain, "1", "2s", again, verdicts)
			if err != nil {
				return err
			}
			for d, out := range failed {
				bad = append(bad, d+"\n"+out)
			}
		}
	}

	var entries []entry
	used := map[string]bool{}
	for _, v := range found {
		got, ok := verdicts[v.dir]
		if !ok {
			bad = append(bad, v.dir+": no verdict")
			continue
		}
		key := v.rule + "/" + v.name
		ex, ok := expect[key]
		if !ok {
			bad = append(bad, key+": no line in prove/expect.txt")
		}
		used[key] = true
		e := entry{
			Rule: v.rule, Case: v.name, Variant: v.variant,
			File: path.Join("corpus", v.module, v.rel, "case.go"),
			Go:   got.Go, Judge: got.Judge, Goroutines: got.Goroutines, Why: ex.why,
		}
		switch v.variant {
		case "leaking":
			e.ExpectLevel = ex.level
			e.CauseLines, err = causeLines(filepath.Join(v.dir, "case.go"), ex.causes)
			if err != nil {
				return err
			}
			if len(e.Goroutines) == 0 {
				bad = append(bad, e.File+": leaking, but nothing was left behind")
			}
		case "mended":
			e.ExpectLevel = ex.mended
			if len(e.Goroutines) != 0 {
				bad = append(bad, e.File+": mended, but something was left behind")
			}
		}
		entries = append(entries, e)
	}
	if *only == "" {
		for key := range expect {
			if !used[key] {
				bad = append(bad, key+": in prove/expect.txt, but there is no such case")
			}
		}
	}
	sort.Strings(bad)
	for _, b := range bad {
		fmt.Fprintln(os.Stderr, b)
	}
	if len(bad) > 0 {
		return fmt.Errorf("%d not proved", len(bad))
	}
	sort.Slice(entries, func(i, j int) bool {
		a, b := entries[i], entries[j]
		if a.Rule != b.Rule {
			return a.Rule < b.Rule
		}
		if a.Case != b.Case {
			return a.Case < b.Case
		}
		return a.Variant < b.Variant
	})
	var out bytes.Buffer
	out.WriteString("[\n")
	for i, e := range entries {
		var line bytes.Buffer
		enc := json.NewEncoder(&line)
		enc.SetEscapeHTML(false)
		if err := enc.Encode(e); err != nil {
			return err
		}
		b := bytes.TrimRight(line.Bytes(), "\n")
		out.Write(b)
		if i+1 < len(entries) {
			out.WriteByte(',')
		}
		out.WriteByte('\n')
	}
	out.WriteString("]\n")
	switch {
	case *only != "":
		os.Stdout.Write(out.Bytes())
	case *checks:
		was, err := os.ReadFile("proved.json")
		if err != nil {
			return err
		}
		if !bytes.Equal(was, out.Bytes()) {
			return errors.New("proved.json differs from what the runtime says now")
		}
	default:
		if err := os.WriteFile("proved.json", out.Bytes(), 0o644); err != nil {
			return err
		}
	}
	fmt.Fprintf(os.Stderr, "%d variants of %d cases proved in %.0f s\n", len(entries), len(used), time.Since(started).Seconds())
	return nil
}

type variant struct {
	module, rule, name, variant string
	rel                         string // inside the module
	dir                         string
}

func findVariants(root string) ([]variant, error) {
	var out []variant
	err := filepath.WalkDir(root, func(p string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || d.Name() != "case.go" {
			return err
		}
		rel, err := filepath.Rel(root, filepath.Dir(p))
		if err != nil {
			return err
		}
		rel = filepath.ToSlash(rel)
		v := variant{module: ".", rel: rel, dir: filepath.ToSlash(filepath.Dir(p))}
		if inner, ok := strings.CutPrefix(rel, "go122/"); ok {
			v.module, v.rel = "go122", inner
		}
		parts := strings.Split(v.rel, "/")
		if len(parts) != 3 || parts[2] != "leaking" && parts[2] != "mended" {
			return fmt.Errorf("%s: want RULE/CASE/leaking or mended", rel)
		}
		v.rule, v.name, v.variant = parts[0], parts[1], parts[2]
		if *only == "" || *only == v.rule || *only == v.rule+"/"+v.name {
			out = append(out, v)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	have := map[string]int{}
	for _, v := range out {
		have[v.module+" "+v.rule+"/"+v.name]++
	}
	for k, n := range have {
		if n != 2 {
			return nil, fmt.Errorf("%s: want a leaking and a mended variant", k)
		}
	}
	return out, nil
}

// test runs the packages and adds their verdicts; it returns the output of
// those that failed, by folder.
func test(root, module, goCmd, toolchain, p, grace string, pkgs []string, verdicts map[string]judge.Verdict) (map[string]string, error) {
	args := append([]string{"test", "-json", "-count=1", "-vet=off", "-p", p, "-ldflags=-s -w"}, pkgs...)
	cmd := exec.Command(goCmd, args...)
	cmd.Dir = filepath.Join(root, module)
	cmd.Env = []string{"GOFLAGS=-mod=mod"}
	for _, kv := range os.Environ() {
		// "go run" sets GOROOT, which is not that of the other go command.
		if !strings.HasPrefix(kv, "GOROOT=") && !strings.HasPrefix(kv, "GOFLAGS=") {
			cmd.Env = append(cmd.Env, kv)
		}
	}
	if toolchain != "" {
		cmd.Env = append(cmd.Env, "GOTOOLCHAIN="+toolchain)
	}
	if grace != "" {
		cmd.Env = append(cmd.Env, "JUDGE_GRACE="+grace)
	}
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	output := map[string]*strings.Builder{}
	failed := map[string]string{}
	dirs := map[string]string{} // import path → folder
	for _, pkg := range pkgs {
		dir := path.Join(filepath.ToSlash(root), module, pkg)
		dirs[strings.TrimPrefix(pkg, "./")] = dir
	}
	folder := func(pkg string) string {
		parts := strings.Split(pkg, "/")
		if len(parts) < 3 {
			return ""
		}
		return dirs[strings.Join(parts[len(parts)-3:], "/")]
	}
	sc := bufio.NewScanner(stdout)
	sc.Buffer(nil, 1<<24)
	for sc.Scan() {
		var ev struct{ Action, Package, ImportPath, Output, Test string }
		if json.Unmarshal(sc.Bytes(), &ev) != nil {
			continue
		}
		if ev.Package == "" {
			ev.Package, _, _ = strings.Cut(ev.ImportPath, " ")
		}
		dir := folder(ev.Package)
		switch ev.Action {
		case "output", "build-output":
			if output[dir] == nil {
				output[dir] = &strings.Builder{}
			}
			output[dir].WriteString(ev.Output)
		case "fail":
			if ev.Test == "" {
				failed[dir] = "failed"
			}
		}
	}
	err = cmd.Wait()
	for dir, out := range output {
		for _, line := range strings.Split(out.String(), "\n") {
			text, ok := strings.CutPrefix(line, judge.Marker)
			if !ok {
				continue
			}
			var v judge.Verdict
			if err := json.Unmarshal([]byte(text), &v); err != nil {
				return nil, fmt.Errorf("%s: %v", dir, err)
			}
			verdicts[dir] = v
		}
		if failed[dir] != "" {
			failed[dir] = out.String()
		}
	}
	if len(failed) > 0 && output[""] != nil {
		failed[path.Join(filepath.ToSlash(root), module)] = output[""].String() + stderr.String()
	}
	if err != nil && len(failed) == 0 {
		return nil, fmt.Errorf("%v: %s", err, stderr.String())
	}
	return failed, nil
}

// causeLines finds the one line that holds each text.
func causeLines(file string, texts []string) ([]int, error) {
	b, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	var lines []int
	for _, text := range texts {
		found := 0
		for i, line := range strings.Split(string(b), "\n") {
			if !strings.Contains(line, text) {
				continue
			}
			if found > 0 {
				return nil, fmt.Errorf("%s: %q stands on lines %d and %d", file, text, found, i+1)
			}
			found = i + 1
		}
		if found == 0 {
			return nil, fmt.Errorf("%s: no line with %q", file, text)
		}
		lines = append(lines, found)
	}
	sort.Ints(lines)
	return lines, nil
}

// readExpect reads lines of the form
//
//	RULE/CASE LEVEL[/LEVEL OF THE MENDED] why
//		at TEXT
//
// where the indented line, if there is one, quotes a piece of the line of
// leaking/case.go that causes the harm, for cases in which the goroutine is
// stuck elsewhere.
func readExpect(name string) (map[string]expectation, error) {
	b, err := os.ReadFile(name)
	if err != nil {
		return nil, err
	}
	out := map[string]expectation{}
	last := ""
	for i, line := range strings.Split(string(b), "\n") {
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		if text, ok := strings.CutPrefix(line, "\tat "); ok && last != "" {
			ex := out[last]
			ex.causes = append(ex.causes, text)
			out[last] = ex
			continue
		}
		f := strings.Fields(line)
		if len(f) < 3 {
			return nil, fmt.Errorf("%s:%d: want RULE/CASE LEVEL why", name, i+1)
		}
		level, mended, _ := strings.Cut(f[1], "/")
		for _, l := range []string{level, mended} {
			switch l {
			case "", "error", "warning", "note":
			default:
				return nil, fmt.Errorf("%s:%d: no such level: %s", name, i+1, l)
			}
		}
		if _, twice := out[f[0]]; twice || level == "" {
			return nil, fmt.Errorf("%s:%d: twice, or no level", name, i+1)
		}
		last = f[0]
		out[last] = expectation{level: level, mended: mended, why: strings.Join(f[2:], " ")}
	}
	return out, nil
}
