// go 1.24

// Channels that stay in one function: sends are counted against receives.
package p

import (
	"context"
	"errors"
	"os/exec"
	"sync"
	"time"
)

func compute() int
func check() error
func fetch(id string) int

func earlyReturn() (int, error) {
	ch := make(chan int)
	go func() {
		ch <- compute() // want error "blocks for ever if `earlyReturn` leaves without receiving from `ch`"
	}()
	if err := check(); err != nil {
		return 0, err
	}
	return <-ch, nil
}

func timeOut() (int, error) {
	ch := make(chan int)
	go func() {
		ch <- compute() // want error "blocks for ever"
	}()
	select {
	case n := <-ch:
		return n, nil
	case <-time.After(time.Second):
		return 0, errors.New("too late")
	}
}

func contextArm(ctx context.Context) (int, error) {
	ch := make(chan int)
	go func() {
		ch <- compute() // want error "blocks for ever"
	}()
	select {
	case n := <-ch:
		return n, nil
	case <-ctx.Done():
		return 0, ctx.Err()
	}
}

func firstWins(ids []string) int {
	ch := make(chan int)
	for _, id := range ids {
		go func() {
			ch <- fetch(id) // want error "more is sent on `ch` than `firstWins` receives"
		}()
	}
	return <-ch
}

func missingReturn() error {
	errs := make(chan error)
	go func() {
		if err := check(); err != nil {
			errs <- err
		}
		errs <- nil // want error "more is sent on `errs`"
	}()
	return <-errs
}

func bufferTooSmall(ids []string) int {
	ch := make(chan int, 1)
	for _, id := range ids {
		go func() {
			ch <- fetch(id) // want error "more is sent on `ch`"
		}()
	}
	return <-ch
}

func oneMoreThanRoom(ids []string) {
	ch := make(chan int, len(ids))
	for _, id := range ids {
		go func() { ch <- fetch(id) }() // want error "blocks for ever"
	}
	go func() { ch <- 0 }()
}

func nobodyReads() {
	ch := make(chan int)
	go func() {
		ch <- 1 // want error "nothing receives from `ch`"
	}()
}

func beforeAnybody() int {
	ch := make(chan int)
	ch <- 1 // want error "nothing can receive from `ch` yet"
	go func() { println(<-ch) }()
	return 1
}

func waitsFirst(ids []string) (sum int) {
	ch := make(chan int)
	var wg sync.WaitGroup
	for _, id := range ids {
		wg.Add(1)
		go func() {
			defer wg.Done()
			ch <- fetch(id) // want error "`waitsFirst` waits for the goroutine before it receives"
		}()
	}
	wg.Wait()
	close(ch)
	for n := range ch {
		sum += n
	}
	return sum
}

func nilChannel() {
	var ch chan int
	go func() {
		ch <- 1 // want error "`ch` is nil"
	}()
}

func leavesRange(ids []string) int {
	ch := make(chan int)
	var wg sync.WaitGroup
	for _, id := range ids {
		wg.Add(1)
		go func() {
			defer wg.Done()
			ch <- fetch(id) // want error "more is sent on `ch`"
		}()
	}
	go func() {
		wg.Wait()
		close(ch)
	}()
	for n := range ch {
		if n > 3 {
			return n
		}
	}
	return 0
}

func roundAfterRound(ids []string) (n int) {
	for _, id := range ids {
		ch := make(chan int)
		go func() {
			ch <- fetch(id) // want error "blocks for ever"
		}()
		select {
		case n = <-ch:
		case <-time.After(time.Second):
			continue
		}
	}
	return n
}

func helper(ch chan<- int) { ch <- compute() } // want error "blocks for ever"

func throughHelper(ctx context.Context) int {
	ch := make(chan int)
	go helper(ch)
	select {
	case n := <-ch:
		return n
	case <-ctx.Done():
		return 0
	}
}

// From here on nothing is left over.

func roomForOne(ctx context.Context) (int, error) {
	ch := make(chan int, 1)
	go func() { ch <- compute() }()
	select {
	case n := <-ch:
		return n, nil
	case <-ctx.Done():
		return 0, ctx.Err()
	}
}

func roomForAll(ids []string) int {
	ch := make(chan int, len(ids))
	for _, id := range ids {
		go func() { ch <- fetch(id) }()
	}
	return <-ch
}

func matched(ids []string) (sum int) {
	ch := make(chan int)
	for _, id := range ids {
		go func(id string) { ch <- len(id) }(id)
	}
	for range ids {
		sum += <-ch
	}
	return sum
}

func matchedByLength(ids []string) (sum int) {
	ch := make(chan int)
	for _, id := range ids {
		go func(id string) { ch <- len(id) }(id)
	}
	for i := 0; i < len(ids); i++ {
		sum += <-ch
	}
	return sum
}

func eitherOr() (int, error) {
	done, failed := make(chan int), make(chan error)
	go func() {
		if err := check(); err != nil {
			failed <- err
			return
		}
		done <- 1
	}()
	select {
	case n := <-done:
		return n, nil
	case err := <-failed:
		return 0, err
	}
}

func oneOfTwoEach(ids []string) (errs []error) {
	good, bad := make(chan int), make(chan error)
	for range ids {
		go func() {
			if err := check(); err != nil {
				bad <- err
				return
			}
			good <- 1
		}()
	}
	for range ids {
		select {
		case <-good:
		case err := <-bad:
			errs = append(errs, err)
		}
	}
	return errs
}

func guarded(ctx context.Context, ids []string) int {
	ch := make(chan int)
	done := make(chan struct{})
	defer close(done)
	for _, id := range ids {
		go func() {
			select {
			case ch <- fetch(id):
			case <-done:
			}
		}()
	}
	return <-ch
}

func guardNotGiven(ids []string) int {
	ch := make(chan int)
	done := make(chan struct{})
	for _, id := range ids {
		go func() {
			select {
			case ch <- fetch(id): // want error "more is sent on `ch`"
			case <-done:
			}
		}()
	}
	n := <-ch
	if n > 3 {
		close(done)
	}
	return n
}

func drained(ids []string) (sum int) {
	ch := make(chan int)
	var wg sync.WaitGroup
	for _, id := range ids {
		wg.Add(1)
		go func() {
			defer wg.Done()
			ch <- fetch(id)
		}()
	}
	go func() {
		wg.Wait()
		close(ch)
	}()
	for n := range ch {
		sum += n
	}
	return sum
}

func drainedInDefer(ids []string) int {
	ch := make(chan int)
	go func() {
		defer close(ch)
		for _, id := range ids {
			ch <- fetch(id)
		}
	}()
	defer func() {
		for range ch {
		}
	}()
	return <-ch
}

func workers(jobs []string) (sum int) {
	in, out := make(chan string), make(chan int, len(jobs))
	for range 3 {
		go func() {
			for j := range in {
				out <- fetch(j)
			}
		}()
	}
	for _, j := range jobs {
		in <- j
	}
	close(in)
	for range jobs {
		sum += <-out
	}
	return sum
}

// Room that was computed may be enough for a number that is not.
func computedRoom(groups map[int][]string, total int) int {
	ch := make(chan int, total)
	var wg sync.WaitGroup
	for _, g := range groups {
		wg.Add(1)
		go func() {
			defer wg.Done()
			for _, id := range g {
				ch <- len(id)
			}
		}()
	}
	wg.Wait()
	close(ch)
	return len(ch)
}

// A close makes a late sender panic; it does not leave it waiting.
func closesOnReturn(f func() error) error {
	ch := make(chan error, 1)
	defer close(ch)
	go func() {
		if err := f(); err != nil {
			ch <- err
		}
		ch <- nil
	}()
	return <-ch
}

// The reader counts what it awaits.
func counts(ids []string) {
	ch := make(chan string)
	for _, id := range ids {
		go func() { ch <- id }()
	}
	ended := 0
	for ended < len(ids) {
		<-ch
		ended++
	}
}

func command(c *exec.Cmd) error {
	done := make(chan error, 1)
	go func() { done <- c.Wait() }()
	select {
	case err := <-done:
		return err
	case <-time.After(time.Second):
		return errors.New("too late")
	}
}

func semaphore(ids []string) {
	sem := make(chan struct{}, 4)
	var wg sync.WaitGroup
	for _, id := range ids {
		wg.Add(1)
		go func() {
			defer wg.Done()
			sem <- struct{}{}
			defer func() { <-sem }()
			fetch(id)
		}()
	}
	wg.Wait()
}

type caller interface {
	Call(method string) error
}

// The range comes after the close: it takes what is there.
func closedBeforeRange(c caller, names []string) (out []error) {
	errs := make(chan error, len(names))
	var wg sync.WaitGroup
	for _, name := range names {
		wg.Add(1)
		go func() {
			defer wg.Done()
			errs <- c.Call(name)
		}()
	}
	wg.Wait()
	close(errs)
	for err := range errs {
		out = append(out, err)
	}
	return out
}

// The counter starts before the loop that counts it down.
func countedDown(ids []string) {
	ch := make(chan error)
	pending := 0
	for range ids {
		pending++
		go func() { ch <- nil }()
	}
	for ; pending > 0; pending-- {
		<-ch
	}
}

// The second channel is ready only after the first was received.
func oneAfterTheOther() {
	v, errc := make(chan int), make(chan error)
	go func() {
		v <- 1
		errc <- nil
	}()
	select {
	case <-v:
		<-errc
	case <-errc:
	}
}

// One send in all, and room for it.
func firstWinsOnce(ids []int, done chan struct{}) int {
	ch := make(chan int, 1)
	var once sync.Once
	for _, id := range ids {
		go func() { once.Do(func() { ch <- id }) }()
	}
	select {
	case v := <-ch:
		return v
	case <-done:
		return 0
	}
}

type scanner interface {
	Scan() bool
	Text() string
}

// A producer that goes on while its input lasts, and a reader that has seen enough.
func enough(sc scanner) string {
	lines := make(chan string)
	go func() {
		defer close(lines)
		for sc.Scan() {
			lines <- sc.Text() // want warning "more is sent on `lines`"
		}
	}()
	for l := range lines {
		if l == "quit" {
			return l
		}
	}
	return ""
}

func toTheEnd(sc scanner) (n int) {
	lines := make(chan string)
	go func() {
		defer close(lines)
		for sc.Scan() {
			lines <- sc.Text()
		}
	}()
	for l := range lines {
		n += len(l)
	}
	return n
}

func leavesCountedLoop(ids []int) int {
	n := len(ids)
	out := make(chan int)
	for _, id := range ids {
		go func() {
			out <- id // want "more is sent on `out` than `leavesCountedLoop` receives"
		}()
	}
	sum := 0
	for n > 0 {
		v := <-out
		n--
		if v < 0 {
			return -1
		}
		sum += v
	}
	return sum
}

func countsToTheEnd(ids []int) int {
	n := len(ids)
	out := make(chan int)
	for _, id := range ids {
		go func() { out <- id }()
	}
	sum := 0
	for n > 0 {
		sum += <-out
		n--
	}
	return sum
}

func countsItself(ids []int) int {
	n := len(ids)
	out := make(chan int)
	for _, id := range ids {
		go func() { out <- id }()
	}
	sum := 0
	for n > 0 {
		sum += <-out
		if n--; n == 0 {
			return sum
		}
	}
	return sum
}

// What each round takes first the owner gives: no more is sent on than that.
func relayed(done <-chan struct{}) int {
	in, more := make(chan int, 1), make(chan int, 1)
	out, left := make(chan int), make(chan struct{})
	go func() {
		defer close(left)
		for {
			var n int
			select {
			case n = <-in:
			case n = <-more:
			case <-done:
				return
			}
			out <- n
		}
	}()
	in <- 1
	first := <-out
	more <- 2
	second := <-out
	<-left
	return first + second
}

func relayedTooMuch(done <-chan struct{}) int {
	in, out, left := make(chan int, 2), make(chan int), make(chan struct{})
	go func() {
		defer close(left)
		for {
			select {
			case n := <-in:
				out <- n // want error "blocks for ever"
			case <-done:
				return
			}
		}
	}()
	in <- 1
	in <- 2
	first := <-out
	<-left
	return first
}

// Who waits for the goroutine's end or for a moment, whichever comes first, does not wait for ever.
func waitsForEither() int {
	out, failed := make(chan int), make(chan error)
	go func() {
		defer close(failed)
		out <- compute()
	}()
	select {
	case <-time.After(time.Millisecond):
	case err := <-failed:
		if err != nil {
			panic(err)
		}
	}
	return <-out
}

func waitsForTheEnd() int {
	out, failed := make(chan int), make(chan error)
	go func() {
		defer close(failed)
		out <- compute() // want error "waits for the goroutine before it receives"
	}()
	<-failed
	return <-out
}

// Both channels are closed when all senders are done: who finds one of them closed leaves nobody behind.
func untilBothClosed(ids []string) (odd, even int) {
	a, b := make(chan int), make(chan int)
	var wg sync.WaitGroup
	for _, id := range ids {
		wg.Add(2)
		go func() {
			defer wg.Done()
			a <- fetch(id)
		}()
		go func() {
			defer wg.Done()
			b <- fetch(id)
		}()
	}
	go func() {
		wg.Wait()
		close(a)
		close(b)
	}()
	for {
		select {
		case n, ok := <-a:
			if !ok {
				return
			}
			odd += n
		case n, ok := <-b:
			if !ok {
				return
			}
			even += n
		}
	}
}

func untilOneIsLarge(ids []string) int {
	a := make(chan int)
	var wg sync.WaitGroup
	for _, id := range ids {
		wg.Add(1)
		go func() {
			defer wg.Done()
			a <- fetch(id) // want error "more is sent on `a`"
		}()
	}
	go func() {
		wg.Wait()
		close(a)
	}()
	for {
		n, ok := <-a
		if !ok || n > 10 {
			return n
		}
	}
}
