package p

import (
	"net/http"
	"testing"
	"time"
)

// The wait for each has another way out, which ends the test.
func TestAllFail(t *testing.T) {
	const n = 4
	errs := make(chan error, n)
	for i := 0; i < n; i++ {
		go func() {
			_, err := http.Get("http://localhost:1")
			errs <- err
		}()
	}
	timeout := time.NewTimer(time.Second)
	defer timeout.Stop()
	for i := 0; i < n; i++ {
		select {
		case err := <-errs:
			t.Log(err)
		case <-timeout.C:
			t.Fatal("still waiting")
		}
	}
}
