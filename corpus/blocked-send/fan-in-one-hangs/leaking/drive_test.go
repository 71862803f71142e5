package prices

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"goleash.test/judge"
)

func TestScenario(t *testing.T) {
	judge.Goroutines(t, func() {
		quick := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			fmt.Fprintln(w, 995)
		}))
		mute := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			<-r.Context().Done()
		}))
		c := &Client{http: http.DefaultClient}
		go c.Offers("kettle", []string{quick.URL, quick.URL, mute.URL})
		time.Sleep(30 * time.Millisecond)
	})
}
