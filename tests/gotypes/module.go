package main

import (
	"bytes"
	"encoding/json"
	"io"
	"log"
	"os"
	"os/exec"
	"path/filepath"
)

// listed is what `go list` says of a package.
type listed struct {
	ImportPath string
	Dir        string
	GoFiles    []string
	CgoFiles   []string
	ImportMap  map[string]string
	Standard   bool
	DepOnly    bool
	Module     *struct{ GoVersion string }
}

// judgeModule judges the packages of a module; the go command tells where its dependencies are.
func judgeModule(out io.Writer, dir string) {
	dir, err := filepath.Abs(dir)
	if err != nil {
		log.Fatal(err)
	}
	cmd := exec.Command("go", "list", "-e", "-deps", "-json=ImportPath,Dir,GoFiles,CgoFiles,ImportMap,Standard,DepOnly,Module", "./...")
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0", "GOOS=linux", "GOARCH=amd64", "PWD="+dir)
	cmd.Stderr = os.Stderr
	text, err := cmd.Output()
	if err != nil {
		log.Fatal(err)
	}
	load := newLoader()
	wanted := map[string]bool{}
	var order []string
	for decoder := json.NewDecoder(bytes.NewReader(text)); ; {
		var p listed
		if err := decoder.Decode(&p); err == io.EOF {
			break
		} else if err != nil {
			log.Fatal(err)
		}
		if p.ImportPath == "unsafe" {
			continue
		}
		u := &unit{path: p.ImportPath, dir: p.Dir, files: append(p.GoFiles, p.CgoFiles...), imports: p.ImportMap, version: language()}
		if p.Module != nil && p.Module.GoVersion != "" {
			u.version = "go" + p.Module.GoVersion
		}
		load.units[p.ImportPath] = u
		wanted[p.ImportPath] = !p.DepOnly
		order = append(order, p.ImportPath)
	}
	load.full = func(u *unit) bool { return wanted[u.path] }
	w := newWriter(out, load.fset, dir)
	for _, path := range order {
		u := load.get(path)
		if !wanted[path] {
			u.info, u.syntax = nil, nil
			continue
		}
		for _, err := range u.errs {
			log.Printf("%s: %v", path, err)
		}
		w.unit(u)
		u.info, u.syntax = nil, nil
	}
}
