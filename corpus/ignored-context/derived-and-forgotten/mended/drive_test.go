package basket

import (
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"goleash.test/judge"
	"goleash.test/judge/mute"
)

func TestScenario(t *testing.T) {
	judge.Goroutines(t, func() {
		srv := httptest.NewServer(&Handler{stock: mute.TCP(), patient: 20 * time.Millisecond})
		resp, err := http.Get(srv.URL + "?sku=k-1")
		if err != nil {
			t.Error(err)
			return
		}
		resp.Body.Close()
	})
}
