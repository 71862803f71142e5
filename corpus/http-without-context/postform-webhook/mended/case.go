// Package webhook tells other services what happened.
package webhook

import (
	"log"
	"net/http"
	"net/url"
	"time"
)

type Event struct {
	Kind    string
	Subject string
}

type Hooks struct {
	targets []string
}

func (h *Hooks) Register(target string) {
	h.targets = append(h.targets, target)
}

// Fire calls all registered targets and does not wait for them.
func (h *Hooks) Fire(ev Event) {
	form := url.Values{"kind": {ev.Kind}, "subject": {ev.Subject}}
	for _, target := range h.targets {
		go deliver(target, form)
	}
}

func deliver(target string, form url.Values) {
	var client http.Client
	client.Timeout = 60 * time.Millisecond
	resp, err := client.PostForm(target, form)
	if err != nil {
		log.Printf("webhook: %s: %v", target, err)
		return
	}
	resp.Body.Close()
}
