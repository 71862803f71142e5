package counted

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"
)

func load(id int) (string, error)

func check(v string) bool

func earlyReturn(id int) string {
	result := make(chan string)
	go func() {
		v, err := load(id)
		if err != nil {
			return
		}
		result <- v
	}()
	return <-result // want error "blocks for ever if the goroutine leaves without sending on `result`"
}

func bothSent(id int) (string, error) {
	type answer struct {
		v   string
		err error
	}
	result := make(chan answer)
	go func() {
		v, err := load(id)
		if err != nil {
			result <- answer{err: err}
			return
		}
		result <- answer{v: v}
	}()
	a := <-result
	return a.v, a.err
}

func closedInstead(id int) string {
	result := make(chan string)
	go func() {
		defer close(result)
		v, err := load(id)
		if err != nil {
			return
		}
		result <- v
	}()
	return <-result
}

func oneOfTwo(id int) (string, error) {
	result := make(chan string)
	failed := make(chan error)
	go func() {
		v, err := load(id)
		if err != nil {
			failed <- err
			return
		}
		result <- v
	}()
	select {
	case v := <-result:
		return v, nil
	case err := <-failed:
		return "", err
	}
}

func oneOfTwoSkipped(id int) (string, error) {
	result := make(chan string)
	failed := make(chan error)
	go func() {
		v, err := load(id)
		if err != nil {
			failed <- err
			return
		}
		if !check(v) {
			return
		}
		result <- v
	}()
	select { // want error "blocks for ever if the goroutine leaves"
	case v := <-result:
		return v, nil
	case err := <-failed:
		return "", err
	}
}

func timeLimit(id int) string {
	result := make(chan string, 1)
	go func() {
		v, err := load(id)
		if err != nil {
			return
		}
		result <- v
	}()
	select {
	case v := <-result:
		return v
	case <-time.After(time.Second):
		return ""
	}
}

func errorFirst(id int) (string, error) {
	failed := make(chan error, 1)
	result := make(chan string, 1)
	go func() {
		v, err := load(id)
		if err != nil {
			failed <- err
			return
		}
		failed <- nil
		result <- v
	}()
	if err := <-failed; err != nil {
		return "", err
	}
	return <-result, nil
}

func readTwice(id int) error {
	failed := make(chan error)
	go func() {
		_, err := load(id)
		failed <- err
	}()
	if err := <-failed; err != nil {
		return err
	}
	return <-failed // want error "more is received from `failed` than is sent"
}

func nobody() string {
	ready := make(chan string)
	go func() {
		v := <-ready // want error "nothing sends on `ready` or closes it"
		fmt.Println(v)
	}()
	return "started"
}

func fanIn(ids []int) []string {
	results := make(chan string)
	for _, id := range ids {
		go func() {
			v, err := load(id)
			if err != nil {
				return
			}
			results <- v
		}()
	}
	var out []string
	for range ids {
		out = append(out, <-results) // want error "blocks for ever if the goroutine leaves"
	}
	return out
}

func fanInSkips(ids []int) []string {
	results := make(chan string)
	for _, id := range ids {
		if id < 0 {
			continue
		}
		go func() {
			v, _ := load(id)
			results <- v
		}()
	}
	var out []string
	for range ids {
		out = append(out, <-results) // want error "fewer values can be sent"
	}
	return out
}

func fanInCounted(ids []int) []string {
	results := make(chan string)
	n := 0
	for _, id := range ids {
		if id < 0 {
			continue
		}
		n++
		go func() {
			v, _ := load(id)
			results <- v
		}()
	}
	var out []string
	for range n {
		out = append(out, <-results)
	}
	return out
}

func fanInBothSkip(ids []int) []string {
	results := make(chan string)
	for _, id := range ids {
		if id < 0 {
			continue
		}
		go func() {
			v, _ := load(id)
			results <- v
		}()
	}
	var out []string
	for _, id := range ids {
		if id < 0 {
			continue
		}
		out = append(out, <-results)
	}
	return out
}

func fanInEven(ids []int) []string {
	results := make(chan string)
	for _, id := range ids {
		go func() {
			v, _ := load(id)
			results <- v
		}()
	}
	var out []string
	for range ids {
		out = append(out, <-results)
	}
	return out
}

func neverClosed(ids []int) []string {
	results := make(chan string)
	for _, id := range ids {
		go func() {
			v, _ := load(id)
			results <- v
		}()
	}
	var out []string
	for v := range results { // want error "never ends: nobody closes `results`"
		out = append(out, v)
	}
	return out
}

func closedAfterAll(ids []int) []string {
	results := make(chan string)
	var wg sync.WaitGroup
	for _, id := range ids {
		wg.Add(1)
		go func() {
			defer wg.Done()
			v, _ := load(id)
			results <- v
		}()
	}
	go func() {
		wg.Wait()
		close(results)
	}()
	var out []string
	for v := range results {
		out = append(out, v)
	}
	return out
}

func countedRange(ids []int) []string {
	results := make(chan string)
	for _, id := range ids {
		go func() {
			v, _ := load(id)
			results <- v
		}()
	}
	var out []string
	for v := range results { // want note "blocks forever"
		out = append(out, v)
		if len(out) == len(ids) {
			break
		}
	}
	return out
}

func closedOnSomeWays(ids []int) []string {
	results := make(chan string)
	go func() {
		for _, id := range ids {
			v, err := load(id)
			if err != nil {
				return
			}
			results <- v
		}
		close(results)
	}()
	var out []string
	for v := range results { // want error "never ends if the goroutine leaves without closing"
		out = append(out, v)
	}
	return out
}

func closedOnAllWays(ids []int) []string {
	results := make(chan string)
	go func() {
		defer close(results)
		for _, id := range ids {
			v, err := load(id)
			if err != nil {
				return
			}
			results <- v
		}
	}()
	var out []string
	for v := range results {
		out = append(out, v)
	}
	return out
}

func ownerLeaves(id int) error {
	input := make(chan string)
	done := make(chan struct{})
	go func() {
		defer close(done)
		fmt.Println(<-input) // want error "blocks for ever if `ownerLeaves` leaves without sending on `input`"
	}()
	v, err := load(id)
	if err != nil {
		return err
	}
	input <- v
	<-done
	return nil
}

func ownerSends(id int) error {
	input := make(chan string)
	go func() {
		fmt.Println(<-input)
	}()
	v, err := load(id)
	if err != nil {
		input <- ""
		return err
	}
	input <- v
	return nil
}

func ownerCloses(id int) error {
	input := make(chan string)
	defer close(input)
	go func() {
		fmt.Println(<-input)
	}()
	v, err := load(id)
	if err != nil {
		return err
	}
	input <- v
	return nil
}

func ownerWaits() {
	release := make(chan struct{})
	var wg sync.WaitGroup
	wg.Add(1)
	go func() {
		defer wg.Done()
		<-release // want error "waits for the goroutine before it sends on `release`"
	}()
	wg.Wait()
	close(release)
}

func guarded(ctx context.Context) {
	release := make(chan struct{})
	go func() {
		select {
		case <-release:
		case <-ctx.Done():
		}
	}()
	if check("x") {
		return
	}
	close(release)
}

func sameCondition(wait bool) {
	done := make(chan struct{})
	if wait {
		go func() {
			close(done)
		}()
	}
	if wait {
		<-done
	}
}

func sameConditionInside(wait bool) {
	done := make(chan struct{})
	go func() {
		if wait {
			done <- struct{}{}
		}
	}()
	if wait {
		<-done
	}
}

func sameError(id int) (string, error) {
	v, err := load(id)
	done := make(chan string)
	if err == nil {
		go func() { done <- v }()
	}
	fmt.Println(id)
	if err != nil {
		return "", err
	}
	return <-done, nil
}

func maybeNil(wait bool) {
	var done chan struct{}
	if wait {
		done = make(chan struct{})
		go func() {
			close(done)
		}()
	}
	if done != nil {
		<-done
	}
}

func panics(id int) string {
	result := make(chan string)
	go func() {
		v, err := load(id)
		if err != nil {
			panic(err)
		}
		result <- v
	}()
	return <-result
}

func givesUp(ctx context.Context, id int) string {
	result := make(chan string)
	go func() {
		v, _ := load(id)
		select {
		case result <- v:
		case <-ctx.Done():
		}
	}()
	return <-result // want warning "gives up sending on `result`"
}

func sharedFlag(id int) error {
	result := make(chan string, 1)
	var failed error
	var wg sync.WaitGroup
	wg.Add(1)
	go func() {
		defer wg.Done()
		v, err := load(id)
		if err != nil {
			failed = err
			return
		}
		result <- v
	}()
	wg.Wait()
	if failed != nil {
		return errors.New("failed")
	}
	fmt.Println(<-result)
	return nil
}

func forEver() {
	go fmt.Println("serving")
	stay := make(chan struct{})
	<-stay
}

func once(id int) {
	done := make(chan struct{})
	var o sync.Once
	finish := func() { o.Do(func() { close(done) }) }
	go func() {
		defer finish()
		if _, err := load(id); err != nil {
			return
		}
	}()
	<-done
}

func handedOn(run func(func())) {
	done := make(chan struct{})
	go run(func() { close(done) })
	<-done
}

func walk(n int, out chan<- int) {
	if n == 0 {
		return
	}
	walk(n-1, out)
	out <- n
}

func recursive() int {
	out := make(chan int)
	go walk(10, out)
	sum := 0
	for range 10 {
		sum += <-out
	}
	return sum
}
