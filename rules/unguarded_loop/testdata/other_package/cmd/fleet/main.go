package main

import "example.com/fleet/internal/poll"

func main() {
	poll.Start(func() {})
	select {}
}
