package scan

import (
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"testing"

	"goleash.test/judge"
)

func TestScenario(t *testing.T) {
	log.SetOutput(io.Discard)
	judge.Goroutines(t, func() {
		srv := httptest.NewServer(http.HandlerFunc(New("sleep", "4").Upload))
		resp, err := http.Get(srv.URL + "?name=cv.pdf")
		if err != nil {
			t.Error(err)
			return
		}
		resp.Body.Close()
	})
}
