// Package dispatch hands events of one session to its subscribers.
package dispatch

import "time"

type Event struct {
	Topic string
	Body  []byte
}

type Dispatcher struct {
	events  chan Event
	added   chan func(Event)
	handled int
}

// New starts a dispatcher for one session.
func New() *Dispatcher {
	d := &Dispatcher{
		events: make(chan Event, 16),
		added:  make(chan func(Event)),
	}
	go d.loop()
	return d
}

func (d *Dispatcher) Subscribe(fn func(Event)) { d.added <- fn }

func (d *Dispatcher) Publish(topic string, body []byte) {
	select {
	case d.events <- Event{topic, body}:
	case <-time.After(50 * time.Millisecond):
	}
}

func (d *Dispatcher) loop() {
	var subs []func(Event)
	for {
		select {
		case fn := <-d.added:
			subs = append(subs, fn)
		case ev := <-d.events:
			for _, fn := range subs {
				fn(ev)
			}
			d.handled++
		}
	}
}
