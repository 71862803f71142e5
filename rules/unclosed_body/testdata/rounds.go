// Loops: rounds that forget their answer, and answers that are all closed at the end of the function.
package rounds

import (
	"context"
	"io"
	"net/http"
	"time"
)

func all(c *http.Client, urls []string) error {
	for _, u := range urls {
		resp, err := c.Get(u) // want warning "resp.Body is not closed before another one takes its place"
		if err != nil {
			return err
		}
		if resp.StatusCode != http.StatusOK {
			continue
		}
		resp.Body.Close()
	}
	return nil
}

func some(c *http.Client, urls []string) error {
	for i := 0; i < len(urls); i++ {
		resp, err := c.Get(urls[i]) // want warning "resp.Body is not closed before another one takes its place"
		if err != nil {
			return err
		}
		if resp.StatusCode == http.StatusOK {
			resp.Body.Close()
		}
	}
	return nil
}

// Only an error ends the loop.
func poll(c *http.Client, u string) error {
	for {
		resp, err := c.Get(u) // want warning "resp.Body is not closed before another one takes its place"
		if err != nil {
			return err
		}
		defer resp.Body.Close()
		time.Sleep(time.Second)
	}
}

// Whoever closes the channel ends the loop.
func worker(c *http.Client, urls <-chan string, out chan<- int) {
	for u := range urls {
		resp, err := c.Get(u) // want warning "resp.Body is not closed before another one takes its place"
		if err != nil {
			continue
		}
		defer resp.Body.Close()
		out <- resp.StatusCode
	}
}

// What is read to its end lets its connection go.
func toTheEnd(c *http.Client, urls <-chan string, out io.Writer) {
	for u := range urls {
		resp, err := c.Get(u)
		if err != nil {
			continue
		}
		defer resp.Body.Close()
		io.Copy(out, resp.Body)
	}
}

func whileItLasts(ctx context.Context, c *http.Client, u string) {
	for ctx.Err() == nil {
		resp, err := c.Get(u) // want warning "resp.Body is not closed before another one takes its place"
		if err != nil {
			continue
		}
		defer resp.Body.Close()
	}
}

// As many as there are pieces: they are closed soon.
func pieces(c *http.Client, urls []string) error {
	for _, u := range urls {
		resp, err := c.Get(u)
		if err != nil {
			return err
		}
		defer resp.Body.Close()
	}
	return nil
}

// The loop ends by itself when the answer is there.
func untilDone(c *http.Client, u string) error {
	for {
		resp, err := c.Get(u)
		if err != nil {
			return err
		}
		defer resp.Body.Close()
		if resp.StatusCode == http.StatusOK {
			return nil
		}
		time.Sleep(time.Second)
	}
}

// The round is a function of its own.
func rounds(c *http.Client, urls <-chan string) {
	for u := range urls {
		func() {
			resp, err := c.Get(u)
			if err != nil {
				return
			}
			defer resp.Body.Close()
		}()
	}
}
