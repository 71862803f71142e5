package shop

import (
	"errors"
	"time"

	"example.com/shop/price"
)

func cheapest(a, b string) int {
	answers := make(chan int)
	go func() { price.Ask(a, answers) }() // want error "blocks for ever"
	go func() { price.Ask(b, answers) }()
	return price.First(answers)
}

func within(name string, d time.Duration) (int, error) {
	answers := make(chan int)
	go price.Ask(name, answers) // want error "blocks for ever"
	select {
	case n := <-answers:
		return n, nil
	case <-time.After(d):
		return 0, errors.New("late")
	}
}

func both(a, b string) int {
	answers := make(chan int)
	go price.Ask(a, answers)
	go price.Ask(b, answers)
	return price.Sum(answers, 2)
}

func offered(name string, d time.Duration) (int, error) {
	answers := make(chan int)
	go price.Offer(name, answers)
	select {
	case n := <-answers:
		return n, nil
	case <-time.After(d):
		return 0, errors.New("late")
	}
}

func roomy(a, b string) int {
	answers := make(chan int, 2)
	go price.Ask(a, answers)
	go price.Ask(b, answers)
	return price.First(answers)
}
