package local

import (
	"errors"
	"fmt"
	"log"
	"os"
	"sync"
)

func load(id int) error { return nil }

func mine(id int) bool { return id > 0 }

func earlyReturn(ids []int) {
	var wg sync.WaitGroup
	for _, id := range ids {
		wg.Add(1)
		go func() {
			if err := load(id); err != nil {
				fmt.Println(err)
				return
			}
			fmt.Println(id)
			wg.Done()
		}()
	}
	wg.Wait() // want error "never ends if the goroutine leaves without `wg.Done\(\)`"
}

func deferred(ids []int) {
	var wg sync.WaitGroup
	for _, id := range ids {
		wg.Add(1)
		go func() {
			defer wg.Done()
			if err := load(id); err != nil {
				return
			}
			fmt.Println(id)
		}()
	}
	wg.Wait()
}

func bothWays(id int) {
	var wg sync.WaitGroup
	wg.Add(1)
	go func() {
		if err := load(id); err != nil {
			wg.Done()
			return
		}
		wg.Done()
	}()
	wg.Wait()
}

func trailing(id int) {
	var wg sync.WaitGroup
	wg.Add(1)
	go func() {
		fmt.Println(load(id))
		wg.Done()
	}()
	wg.Wait()
}

func passedOver(ids []int) {
	var wg sync.WaitGroup
	wg.Add(len(ids))
	for _, id := range ids {
		if !mine(id) {
			continue
		}
		go func() {
			defer wg.Done()
			fmt.Println(id)
		}()
	}
	wg.Wait() // want error "more can be added to `wg` than is done"
}

func passedOverAndDone(ids []int) {
	var wg sync.WaitGroup
	wg.Add(len(ids))
	for _, id := range ids {
		if !mine(id) {
			wg.Done()
			continue
		}
		go func() {
			defer wg.Done()
			fmt.Println(id)
		}()
	}
	wg.Wait()
}

func addedThenFailed(ids []int) {
	var wg sync.WaitGroup
	for _, id := range ids {
		wg.Add(1)
		if err := load(id); err != nil {
			continue
		}
		go func() {
			defer wg.Done()
			fmt.Println(id)
		}()
	}
	wg.Wait() // want error "more can be added to `wg` than is done"
}

func tooMany() {
	var wg sync.WaitGroup
	wg.Add(2)
	go func() {
		defer wg.Done()
		fmt.Println("one")
	}()
	wg.Wait() // want error "more is added to `wg` than is ever done"
}

func two() {
	var wg sync.WaitGroup
	wg.Add(2)
	go func() {
		defer wg.Done()
		fmt.Println("one")
	}()
	go func() {
		defer wg.Done()
		fmt.Println("two")
	}()
	wg.Wait()
}

func itself() {
	var wg sync.WaitGroup
	for range 3 {
		wg.Add(1)
		go func() {
			defer wg.Done()
			fmt.Println("working")
			wg.Wait() // want error "the goroutine is itself counted in `wg`"
		}()
	}
}

func closer(ids []int) []int {
	var wg sync.WaitGroup
	out := make(chan int)
	for _, id := range ids {
		wg.Add(1)
		go func() {
			defer wg.Done()
			out <- id
		}()
	}
	go func() {
		wg.Wait()
		close(out)
	}()
	var all []int
	for v := range out {
		all = append(all, v)
	}
	return all
}

func closerSkips(ids []int) []int {
	var wg sync.WaitGroup
	out := make(chan int)
	for _, id := range ids {
		wg.Add(1)
		go func() {
			if !mine(id) {
				return
			}
			out <- id
			wg.Done()
		}()
	}
	go func() {
		wg.Wait() // want error "leaves without `wg.Done"
		close(out)
	}()
	var all []int
	for v := range out {
		all = append(all, v)
	}
	return all
}

func closerCounted(ids []int) []int {
	var wg sync.WaitGroup
	out := make(chan int)
	for _, id := range ids {
		wg.Add(1)
		go func() {
			defer wg.Done()
			out <- id
		}()
	}
	wg.Add(1)
	go func() {
		defer wg.Done()
		wg.Wait() // want error "the goroutine is itself counted in `wg`"
		close(out)
	}()
	var all []int
	for v := range out {
		all = append(all, v)
	}
	return all
}

func inside(ids []int) {
	var wg sync.WaitGroup
	for _, id := range ids {
		go func() {
			wg.Add(1) // want warning "can return before this goroutine is counted"
			defer wg.Done()
			fmt.Println(id)
		}()
	}
	wg.Wait()
}

func insideForChildren(ids []int) {
	var wg sync.WaitGroup
	wg.Add(1)
	go func() {
		defer wg.Done()
		for _, id := range ids {
			wg.Add(1)
			go func() {
				defer wg.Done()
				fmt.Println(id)
			}()
		}
	}()
	wg.Wait()
}

func byValue(wg sync.WaitGroup, id int) {
	defer wg.Done() // want error "counts down a copy of `group`"
	fmt.Println(id)
}

func copies(ids []int) {
	var group sync.WaitGroup
	for _, id := range ids {
		group.Add(1)
		go byValue(group, id)
	}
	group.Wait()
}

func byPointer(wg *sync.WaitGroup, id int) {
	defer wg.Done()
	fmt.Println(id)
}

func points(ids []int) {
	var group sync.WaitGroup
	for _, id := range ids {
		group.Add(1)
		go byPointer(&group, id)
	}
	group.Wait()
}

func skipsByPointer(wg *sync.WaitGroup, id int) {
	if !mine(id) {
		return
	}
	fmt.Println(id)
	wg.Done()
}

func pointsSkips(ids []int) {
	var group sync.WaitGroup
	for _, id := range ids {
		group.Add(1)
		go skipsByPointer(&group, id)
	}
	group.Wait() // want error "leaves without `group.Done"
}

func ends(id int) {
	var wg sync.WaitGroup
	wg.Add(1)
	go func() {
		if err := load(id); err != nil {
			log.Fatal(err)
		}
		if !mine(id) {
			os.Exit(1)
		}
		if id > 7 {
			panic("too large")
		}
		wg.Done()
	}()
	wg.Wait()
}

func started(ids []int) {
	var wg sync.WaitGroup
	for _, id := range ids {
		wg.Go(func() {
			if !mine(id) {
				return
			}
			fmt.Println(id)
		})
	}
	wg.Wait()
}

func sameCondition(ids []int, parallel bool) {
	var wg sync.WaitGroup
	for _, id := range ids {
		if parallel {
			wg.Add(1)
		}
		work := func() {
			if parallel {
				defer wg.Done()
			}
			fmt.Println(id)
		}
		if parallel {
			go work()
		} else {
			work()
		}
	}
	wg.Wait()
}

func handedOn(ids []int, run func(func())) {
	var wg sync.WaitGroup
	for _, id := range ids {
		wg.Add(1)
		run(func() {
			defer wg.Done()
			fmt.Println(id)
		})
	}
	wg.Wait()
}

func methodValue(ids []int, run func(func())) {
	var wg sync.WaitGroup
	for range ids {
		wg.Add(1)
		run(wg.Done)
	}
	wg.Wait()
}

func jobs(ids []int) {
	var wg sync.WaitGroup
	work := make(chan int)
	for range 4 {
		go func() {
			for id := range work {
				fmt.Println(id)
				wg.Done()
			}
		}()
	}
	for _, id := range ids {
		wg.Add(1)
		work <- id
	}
	wg.Wait()
	close(work)
}

func recovered(id int) (err error) {
	var wg sync.WaitGroup
	wg.Add(1)
	go func() {
		defer func() {
			if r := recover(); r != nil {
				err = errors.New("panic")
			}
			wg.Done()
		}()
		if !mine(id) {
			return
		}
		fmt.Println(id)
	}()
	wg.Wait()
	return err
}

func sometimes(id int, async bool) {
	var wg sync.WaitGroup
	if async {
		wg.Add(1)
		go func() {
			defer wg.Done()
			fmt.Println(id)
		}()
	}
	wg.Wait()
}

func twoGroups(ids []int) {
	var readers, writers sync.WaitGroup
	for _, id := range ids {
		readers.Add(1)
		writers.Add(1)
		go func() {
			defer readers.Done()
			fmt.Println(id)
		}()
		go func() {
			readers.Wait()
			fmt.Println(id)
			writers.Done()
		}()
	}
	writers.Wait()
}

func retry(id int) {
	var wg sync.WaitGroup
	wg.Add(1)
	var try func(n int)
	try = func(n int) {
		if n > 3 || load(id) == nil {
			wg.Done()
			return
		}
		go try(n + 1)
	}
	go try(0)
	wg.Wait()
}

func optional(wg *sync.WaitGroup, id int) {
	if wg != nil {
		defer wg.Done()
	}
	fmt.Println(id)
}

func optionals(ids []int) {
	var wg sync.WaitGroup
	for _, id := range ids {
		wg.Add(1)
		go optional(&wg, id)
	}
	wg.Wait()
	optional(nil, 0)
}

func oneInsideTheOther(ids []int) {
	var up, done sync.WaitGroup
	up.Add(len(ids))
	for _, id := range ids {
		done.Add(1)
		go func() {
			defer done.Done()
			up.Done()
			fmt.Println(id)
		}()
	}
	up.Wait()
	done.Wait()
}

func forEach(ids []int, f func(int)) {
	for _, id := range ids {
		go f(id)
	}
}

func atOnce(f func()) {
	go f()
}

func wrapped() {
	var wg sync.WaitGroup
	wg.Add(2)
	forEach([]int{1, 2}, func(id int) {
		fmt.Println(id)
		wg.Done()
	})
	wg.Wait()
}

func wrappedOnce(id int) {
	var wg sync.WaitGroup
	wg.Add(1)
	atOnce(func() {
		if !mine(id) {
			return
		}
		wg.Done()
	})
	wg.Wait() // want error "leaves without `wg.Done"
}
