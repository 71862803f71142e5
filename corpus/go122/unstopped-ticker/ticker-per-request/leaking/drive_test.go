package progress

import (
	"context"
	"net/http/httptest"
	"testing"
	"time"

	"goleash.test/judge"
)

func TestScenario(t *testing.T) {
	judge.Timers(t, func() {
		c := New(time.Millisecond)
		c.Add(3)
		for i := 0; i < 5; i++ {
			ctx, cancel := context.WithTimeout(context.Background(), 4*time.Millisecond)
			r := httptest.NewRequest("GET", "/", nil).WithContext(ctx)
			c.ServeHTTP(httptest.NewRecorder(), r)
			cancel()
		}
	})
}
