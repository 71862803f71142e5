package debugsrv

import (
	"net/http"
	"testing"

	"goleash.test/judge"
)

func TestScenario(t *testing.T) {
	judge.Goroutines(t, func() {
		addr, err := Attach("acme")
		if err != nil {
			t.Error(err)
			return
		}
		resp, err := http.Get("http://" + addr + "/debug/acme/")
		if err != nil {
			t.Error(err)
			return
		}
		resp.Body.Close()
	})
}
