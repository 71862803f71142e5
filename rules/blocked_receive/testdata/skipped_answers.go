package skipped

import "log"

type lookup struct {
	word   string
	answer chan string
}

type dictionary struct {
	lookups chan lookup
	words   map[string]string
}

func open(words map[string]string) *dictionary {
	d := &dictionary{lookups: make(chan lookup), words: words}
	go d.serve()
	return d
}

// What is not in the book is passed over.
func (d *dictionary) serve() {
	for l := range d.lookups {
		meaning, ok := d.words[l.word]
		if !ok {
			log.Print("no such word")
			continue
		}
		l.answer <- meaning
	}
}

func (d *dictionary) find(word string) string {
	l := lookup{word: word, answer: make(chan string, 1)}
	d.lookups <- l
	return <-l.answer // want error "goes on to the next request without answering"
}

// A pointer, a loop with a select, and an error that is only written down.
type job struct {
	path string
	done chan error
}

type runner struct {
	jobs chan *job
	quit chan struct{}
}

func run(path string) (int, error) { return len(path), nil }

func (r *runner) start() {
	go func() {
		for {
			select {
			case j := <-r.jobs:
				n, err := run(j.path)
				if err != nil {
					log.Print(err)
					continue
				}
				log.Print(n)
				close(j.done)
			case <-r.quit:
				return
			}
		}
	}()
}

func (r *runner) stop() { close(r.quit) }

func (r *runner) do(path string) error {
	j := &job{path: path, done: make(chan error)}
	r.jobs <- j
	return <-j.done // want error "goes on to the next request without answering"
}

// Every way answers.
type count struct {
	key   string
	reply chan int
}

func counter(counts chan count) {
	go func() {
		seen := map[string]int{}
		for c := range counts {
			n, ok := seen[c.key]
			if !ok {
				c.reply <- 0
				continue
			}
			c.reply <- n
		}
	}()
}

func ask(counts chan count, key string) int {
	c := count{key: key, reply: make(chan int, 1)}
	counts <- c
	return <-c.reply
}

// The kind of request says that nobody waits.
type change struct {
	silent bool
	done   chan bool
}

func changer(changes chan change, busy bool) {
	go func() {
		for c := range changes {
			if c.silent {
				continue
			}
			c.done <- busy
		}
	}()
}

func change1(changes chan change) bool {
	c := change{done: make(chan bool)}
	changes <- c
	return <-c.done
}

// What is put off is answered later.
type ticket struct {
	id   int
	call chan int
}

type desk struct {
	tickets chan *ticket
	waiting []*ticket
}

func (d *desk) serve(open bool) {
	go func() {
		for t := range d.tickets {
			if !open {
				d.waiting = append(d.waiting, t)
				continue
			}
			t.call <- t.id
		}
		for _, t := range d.waiting {
			t.call <- t.id
		}
	}()
}

func (d *desk) wait(id int) int {
	t := &ticket{id: id, call: make(chan int)}
	d.tickets <- t
	return <-t.call
}
