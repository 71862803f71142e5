package profile

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"goleash.test/judge"
	"goleash.test/judge/mute"
)

func TestScenario(t *testing.T) {
	judge.Goroutines(t, func() {
		srv := httptest.NewServer(NewHandler(mute.TCP()))
		for range 3 {
			resp, err := http.Get(srv.URL + "?user=hari")
			if err != nil {
				t.Error(err)
				return
			}
			resp.Body.Close()
		}
	})
}
