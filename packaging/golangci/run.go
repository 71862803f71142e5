package golangci

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os/exec"
	"path/filepath"
	"strings"
)

// reportVersion is the form of the JSON report that is read here; docs/json-schema.md describes it.
const reportVersion = 1

type report struct {
	Version  int       `json:"version"`
	Findings []finding `json:"findings"`
}

type finding struct {
	Rule     string   `json:"rule"`
	Message  string   `json:"message"`
	Location location `json:"location"`
	Steps    []step   `json:"steps"`
	Fixes    []fix    `json:"fixes"`
}

type step struct {
	Label    string   `json:"label"`
	Location location `json:"location"`
}

type fix struct {
	Title  string `json:"title"`
	Safety string `json:"safety"`
	Edits  []edit `json:"edits"`
}

type edit struct {
	Location location `json:"location"`
	Text     string   `json:"text"`
}

type location struct {
	File  string `json:"file"`
	Start point  `json:"start"`
	End   point  `json:"end"`
}

type point struct {
	Offset int `json:"offset"`
}

// check runs goleash in a folder, over paths. The files of the findings are absolute.
func check(settings *Settings, folder string, paths []string) ([]finding, error) {
	binary := settings.Binary
	if binary == "" {
		binary = "goleash"
	}
	args := append([]string{"check", "--format", "json", "--exit-zero"}, settings.Args...)
	command := exec.Command(binary, append(append(args, "--"), paths...)...)
	command.Dir = folder
	var out, complaint bytes.Buffer
	command.Stdout, command.Stderr = &out, &complaint
	if err := command.Run(); err != nil {
		if errors.Is(err, exec.ErrNotFound) {
			return nil, fmt.Errorf("there is no program %s; install goleash, or say in the settings where it is", binary)
		}
		return nil, fmt.Errorf("%s check in %s: %w\n%s", binary, folder, err, strings.TrimSpace(complaint.String()))
	}
	var said report
	if err := json.Unmarshal(out.Bytes(), &said); err != nil {
		return nil, fmt.Errorf("%s check in %s printed no report: %w", binary, folder, err)
	}
	if said.Version != reportVersion {
		return nil, fmt.Errorf("%s prints reports of version %d; this plugin reads version %d", binary, said.Version, reportVersion)
	}
	for i := range said.Findings {
		said.Findings[i].eachLocation(func(at *location) {
			if !filepath.IsAbs(at.File) {
				at.File = filepath.Join(folder, filepath.FromSlash(at.File))
			}
		})
	}
	return said.Findings, nil
}

func (f *finding) eachLocation(visit func(*location)) {
	visit(&f.Location)
	for i := range f.Steps {
		visit(&f.Steps[i].Location)
	}
	for i := range f.Fixes {
		for j := range f.Fixes[i].Edits {
			visit(&f.Fixes[i].Edits[j].Location)
		}
	}
}
