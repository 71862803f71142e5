package consumer

import (
	"testing"

	"goleash.test/judge"
)

func TestScenario(t *testing.T) {
	judge.Timers(t, func() {
		messages := make(chan Message, 100)
		for i := 0; i < 99; i++ {
			messages <- Message{Offset: int64(i)}
		}
		close(messages)
		if err := Consume(messages, func(Message) {}); err != nil {
			t.Error(err)
		}
	})
}
