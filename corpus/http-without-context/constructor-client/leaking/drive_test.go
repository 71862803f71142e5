package sms

import (
	"context"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"goleash.test/judge"
	"goleash.test/judge/mute"
)

func TestScenario(t *testing.T) {
	judge.Goroutines(t, func() {
		s := NewSender(mute.HTTP())
		srv := httptest.NewServer(http.HandlerFunc(s.Code))
		ctx, cancel := context.WithTimeout(context.Background(), 20*time.Millisecond)
		defer cancel()
		req, _ := http.NewRequestWithContext(ctx, "GET", srv.URL+"?number=123", nil)
		http.DefaultClient.Do(req)
	})
}
