// Package sms sends text messages through a provider.
package sms

import (
	"bytes"
	"fmt"
	"net/http"
	"time"
)

type Sender struct {
	provider string
	client   *http.Client
}

func NewSender(provider string) *Sender {
	return &Sender{
		provider: provider,
		client: &http.Client{
			Transport: &http.Transport{MaxIdleConnsPerHost: 4},
			Timeout:   60 * time.Millisecond,
		},
	}
}

func (s *Sender) Send(number, text string) error {
	body := bytes.NewBufferString(number + "\n" + text)
	resp, err := s.client.Post(s.provider+"/messages", "text/plain", body)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusAccepted {
		return fmt.Errorf("sms: provider said %s", resp.Status)
	}
	return nil
}

// Code sends a log-in code to the user who asks for one.
func (s *Sender) Code(w http.ResponseWriter, r *http.Request) {
	if err := s.Send(r.FormValue("number"), "your code is 1234"); err != nil {
		http.Error(w, err.Error(), http.StatusBadGateway)
	}
}
