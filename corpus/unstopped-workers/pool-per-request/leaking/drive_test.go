package hasher

import (
	"net/http/httptest"
	"testing"

	"goleash.test/judge"
)

func TestScenario(t *testing.T) {
	judge.Goroutines(t, func() {
		for range 3 {
			w := httptest.NewRecorder()
			Handle(w, httptest.NewRequest("GET", "/?a=1&a=2&b=3", nil))
			if w.Body.Len() == 0 {
				t.Error("no sums")
			}
		}
	})
}
