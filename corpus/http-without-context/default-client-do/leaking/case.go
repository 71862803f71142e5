// Package translate asks a translation service for texts.
package translate

import (
	"context"
	"io"
	"net/http"
	"strings"
)

type Service struct{ endpoint string }

func New(endpoint string) *Service { return &Service{endpoint: endpoint} }

func (s *Service) request(text string) (*http.Request, error) {
	req, err := http.NewRequest("POST", s.endpoint, strings.NewReader(text))
	if err != nil {
		return nil, err
	}
	req.Header.Set("Accept", "text/plain")
	return req, nil
}

// Text translates one text.
func (s *Service) Text(ctx context.Context, text string) (string, error) {
	if err := ctx.Err(); err != nil {
		return "", err
	}
	req, err := s.request(text)
	if err != nil {
		return "", err
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return "", err
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	return string(b), err
}
