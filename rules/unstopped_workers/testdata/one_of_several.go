package several

type event struct{ name string }

// A source that nobody ends: neither kind closes what it fills.
type source interface {
	fill(out chan event, names []string)
}

type plain struct{}

func (plain) fill(out chan event, names []string) {
	for _, n := range names {
		out <- event{n}
	}
}

type doubled struct{}

func (doubled) fill(out chan event, names []string) {
	for _, n := range names {
		out <- event{n}
		out <- event{n}
	}
}

func listen(s source, names []string) {
	out := make(chan event)
	go s.fill(out, names)
	go func() {
		for e := range out { // want error "nobody closes `out`"
			_ = e
		}
	}()
}

// One of these closes.
type ended interface {
	run(out chan event)
}

type closing struct{}

func (closing) run(out chan event) { defer close(out); out <- event{"a"} }

type sending struct{}

func (sending) run(out chan event) { out <- event{"b"} }

func follow(s ended) {
	out := make(chan event)
	go s.run(out)
	go func() {
		for e := range out {
			_ = e
		}
	}()
}
