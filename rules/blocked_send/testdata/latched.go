package a

import (
	"sync"
	"sync/atomic"
)

// Of all that ask, one gets through, and there is room for one.

func swapped(ids []int, stop chan struct{}) int {
	ch := make(chan int, 1)
	var won atomic.Bool
	for _, id := range ids {
		go func() {
			if won.CompareAndSwap(false, true) {
				ch <- id
			}
		}()
	}
	select {
	case v := <-ch:
		return v
	case <-stop:
		return 0
	}
}

func swappedNumber(ids []int, stop chan struct{}) int {
	ch := make(chan int, 1)
	var won int32
	for _, id := range ids {
		go func() {
			if !atomic.CompareAndSwapInt32(&won, 0, 1) {
				return
			}
			ch <- id
		}()
	}
	select {
	case v := <-ch:
		return v
	case <-stop:
		return 0
	}
}

func lastOne(ids []int, stop chan struct{}) {
	done := make(chan struct{}, 1)
	var left atomic.Int32
	left.Store(int32(len(ids)))
	for range ids {
		go func() {
			if left.Add(-1) == 0 {
				done <- struct{}{}
			}
		}()
	}
	select {
	case <-done:
	case <-stop:
	}
}

func tried(ids []int, stop chan struct{}) {
	done := make(chan struct{}, 1)
	var first sync.Mutex
	for range ids {
		go func() {
			if first.TryLock() {
				tell(done)
			}
		}()
	}
	select {
	case <-done:
	case <-stop:
	}
}

func tell(done chan<- struct{}) { done <- struct{}{} }

func exchanged(ids []int, stop chan struct{}) int {
	ch := make(chan int, 1)
	var over atomic.Bool
	for _, id := range ids {
		go func() {
			if over.Swap(true) {
				return
			}
			select {
			case ch <- id:
			}
		}()
	}
	select {
	case v := <-ch:
		return v
	case <-stop:
		return 0
	}
}

type race struct{ over atomic.Bool }

func (r *race) win() bool { return r.over.CompareAndSwap(false, true) }

func inMethod(ids []int, stop chan struct{}) int {
	ch := make(chan int, 1)
	r := &race{}
	for _, id := range ids {
		go func() {
			if r.win() {
				ch <- id
			}
		}()
	}
	select {
	case v := <-ch:
		return v
	case <-stop:
		return 0
	}
}

// The one that gets through finds nobody there, and no room.

func noRoom(ids []int, stop chan struct{}) int {
	ch := make(chan int)
	var won atomic.Bool
	for _, id := range ids {
		go func() {
			if won.CompareAndSwap(false, true) {
				ch <- id // want error "this send blocks for ever if `noRoom` leaves without receiving from `ch`"
			}
		}()
	}
	select {
	case v := <-ch:
		return v
	case <-stop:
		return 0
	}
}

func noRoomOnce(ids []int, stop chan struct{}) int {
	ch := make(chan int)
	var once sync.Once
	for _, id := range ids {
		go func() {
			once.Do(func() { ch <- id }) // want error "this send blocks for ever if `noRoomOnce` leaves without receiving from `ch`"
		}()
	}
	select {
	case v := <-ch:
		return v
	case <-stop:
		return 0
	}
}

// Somebody sets it back: the next one gets through as well.

func oneAtATime(ids []int, stop chan struct{}) int {
	ch := make(chan int, 1)
	var busy atomic.Bool
	for _, id := range ids {
		go func() {
			if !busy.CompareAndSwap(false, true) {
				return
			}
			defer busy.Store(false)
			ch <- id // want "this send blocks for ever if `oneAtATime` leaves without receiving from `ch`"
		}()
	}
	select {
	case v := <-ch:
		return v
	case <-stop:
		return 0
	}
}

// Each has a flag of its own.

func ownFlag(ids []int, stop chan struct{}) int {
	ch := make(chan int, 1)
	for _, id := range ids {
		go func() {
			var mine atomic.Bool
			if mine.CompareAndSwap(false, true) {
				ch <- id // want "this send blocks for ever if `ownFlag` leaves without receiving from `ch`"
			}
		}()
	}
	select {
	case v := <-ch:
		return v
	case <-stop:
		return 0
	}
}
