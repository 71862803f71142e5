package feed

import (
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"goleash.test/judge"
)

func TestScenario(t *testing.T) {
	judge.Goroutines(t, func() {
		f := New(func(s string) Update { return Update{s, "Birgunj"} }, 5*time.Millisecond)
		srv := httptest.NewServer(f)
		for range 3 {
			resp, err := http.Get(srv.URL + "/?shipment=NP-7")
			if err != nil {
				t.Error(err)
				return
			}
			if _, err := resp.Body.Read(make([]byte, 8)); err != nil {
				t.Error(err)
			}
			resp.Body.Close()
		}
	})
}
