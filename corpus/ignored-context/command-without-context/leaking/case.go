// Package scan checks uploads with an external program.
package scan

import (
	"log"
	"net/http"
	"os/exec"
)

type Scanner struct {
	program string
	args    []string
}

func New(program string, args ...string) *Scanner {
	return &Scanner{program: program, args: args}
}

// Upload takes a file and lets it be checked.
func (s *Scanner) Upload(w http.ResponseWriter, r *http.Request) {
	name := r.FormValue("name")
	if name == "" {
		http.Error(w, "no name", http.StatusBadRequest)
		return
	}
	go s.check(name)
	w.WriteHeader(http.StatusAccepted)
}

func (s *Scanner) check(name string) {
	cmd := exec.Command(s.program, s.args...)
	if err := cmd.Run(); err != nil {
		log.Printf("scan: %s: %v", name, err)
	}
}
