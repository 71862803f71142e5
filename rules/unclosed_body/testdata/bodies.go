package bodies

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"time"

	"example.com/elsewhere"
)

func early(url string) error {
	resp, err := http.Get(url) // want error "resp.Body is not closed on every way out of early"
	if err != nil {
		return err
	}
	if resp.StatusCode != http.StatusOK {
		return errors.New(resp.Status)
	}
	return resp.Body.Close()
}

func never(url string) (int, error) {
	resp, err := http.Get(url) // want error "resp.Body is never closed"
	if err != nil {
		return 0, err
	}
	return resp.StatusCode, nil
}

func dropped(url string) {
	http.Get(url) // want error "dropped without being closed"
}

func blank(url string) error {
	_, err := http.Get(url) // want error "dropped without being closed"
	return err
}

func decoded(url string, v any) error {
	resp, err := http.Get(url) // want error "never closed"
	if err != nil {
		return err
	}
	return json.NewDecoder(resp.Body).Decode(v)
}

func together(url string) error {
	resp, err := http.Get(url) // want error "not closed on every way out"
	if err != nil || resp.StatusCode != 200 {
		return errors.New("no answer")
	}
	defer resp.Body.Close()
	return nil
}

func retried(url string) (err error) {
	for range 3 {
		var resp *http.Response
		resp, err = http.Get(url) // want error "not closed before another one takes its place"
		if err != nil {
			continue
		}
		if resp.StatusCode >= 500 {
			continue
		}
		return resp.Body.Close()
	}
	return err
}

func retriedWell(url string) (resp *http.Response, err error) {
	for range 3 {
		resp, err = http.Get(url)
		if err == nil {
			break
		}
		time.Sleep(time.Second)
	}
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	return nil, nil
}

func closed(url string) error {
	resp, err := http.Get(url)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	return nil
}

func closedIfThere(url string) error {
	resp, err := http.Get(url)
	if resp != nil {
		defer resp.Body.Close()
	}
	return err
}

func closedBefore(url string) (err error) {
	var resp *http.Response
	defer func() {
		if resp != nil && resp.Body != nil {
			resp.Body.Close()
		}
	}()
	resp, err = http.Get(url)
	if err != nil {
		return err
	}
	fmt.Println(resp.StatusCode)
	return nil
}

func closedByLiteral(url string) error {
	resp, err := http.Get(url)
	if err != nil {
		return err
	}
	defer func() {
		if err := resp.Body.Close(); err != nil {
			log.Print(err)
		}
	}()
	return nil
}

func closedByName(url string) error {
	resp, err := http.Get(url)
	if err != nil {
		return err
	}
	body := resp.Body
	defer body.Close()
	_, err = bufio.NewReader(body).ReadString('\n')
	return err
}

func closedByHelper(url string) error {
	resp, err := http.Get(url)
	if err != nil {
		return err
	}
	defer drain(resp)
	return nil
}

func drain(resp *http.Response) {
	io.Copy(io.Discard, resp.Body)
	resp.Body.Close()
}

func closedByBodyHelper(url string) error {
	resp, err := http.Get(url)
	if err != nil {
		return err
	}
	defer closeBody(resp.Body)
	return nil
}

func closeBody(c io.Closer) {
	if err := c.Close(); err != nil {
		log.Print(err)
	}
}

func helperForgets(url string) error {
	resp, err := http.Get(url) // want error "never closed"
	if err != nil {
		return err
	}
	return check(resp)
}

func check(resp *http.Response) error {
	if resp.StatusCode != 200 {
		return errors.New(resp.Status)
	}
	return nil
}

func read(url string) ([]byte, error) {
	resp, err := http.Get(url)
	if err != nil {
		return nil, err
	}
	return io.ReadAll(resp.Body)
}

func readSome(url string) ([]byte, error) {
	resp, err := http.Get(url) // want error "not closed on every way out"
	if err != nil {
		return nil, err
	}
	if resp.ContentLength > 1<<20 {
		return nil, errors.New("too long")
	}
	defer resp.Body.Close()
	return io.ReadAll(resp.Body)
}

func returned(url string) (*http.Response, error) {
	return http.Get(url)
}

func returnedBody(url string) (io.ReadCloser, error) {
	resp, err := http.Get(url)
	if err != nil {
		return nil, err
	}
	return resp.Body, nil
}

func fetch(url string) (*http.Response, error) {
	resp, err := http.Get(url) // want error "not closed on every way out of forgets"
	if err != nil {
		return nil, fmt.Errorf("fetch: %w", err)
	}
	return resp, nil
}

func forgets(url string) error {
	resp, err := fetch(url)
	if err != nil {
		return err
	}
	if resp.StatusCode != 200 {
		return errors.New(resp.Status)
	}
	return resp.Body.Close()
}

func callsWell(url string) error {
	resp, err := fetch(url)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	return nil
}

type stream struct {
	r    io.Reader
	body io.ReadCloser
}

func open(url string) (*stream, error) {
	resp, err := http.Get(url)
	if err != nil {
		return nil, err
	}
	return &stream{r: bufio.NewReader(resp.Body), body: resp.Body}, nil
}

func (s *stream) Close() error { return s.body.Close() }

func wrapped(url string) (io.Reader, error) {
	resp, err := http.Get(url)
	if err != nil {
		return nil, err
	}
	return bufio.NewReader(resp.Body), nil
}

func handed(url string) error {
	resp, err := http.Get(url)
	if err != nil {
		return err
	}
	return elsewhere.Check(resp)
}

func head(url string) (int, error) {
	resp, err := http.Head(url)
	if err != nil {
		return 0, err
	}
	return resp.StatusCode, nil
}

func headByHand(client *http.Client, url string) (int, error) {
	req, err := http.NewRequest(http.MethodHead, url, nil)
	if err != nil {
		return 0, err
	}
	resp, err := client.Do(req)
	if err != nil {
		return 0, err
	}
	return resp.StatusCode, nil
}

func recorded(h http.Handler, r *http.Request) int {
	rec := httptest.NewRecorder()
	h.ServeHTTP(rec, r)
	return rec.Result().StatusCode
}

func goroutine(url string) {
	resp, err := http.Get(url)
	if err != nil {
		return
	}
	go func() {
		defer resp.Body.Close()
		io.Copy(io.Discard, resp.Body)
	}()
}

func fatal(url string) {
	resp, err := http.Get(url)
	if err != nil {
		log.Fatal(err)
	}
	if resp.StatusCode != 200 {
		log.Fatal(resp.Status)
	}
	resp.Body.Close()
}

func replaced(url string) error {
	resp, err := http.Get(url)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	resp.Body = http.NoBody
	return nil
}

func withContext(ctx context.Context, client *http.Client, url string) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return err
	}
	resp, err := client.Do(req) // want warning "until its context or its time is over"
	if err != nil {
		return err
	}
	if resp.StatusCode != 200 {
		return errors.New(resp.Status)
	}
	return resp.Body.Close()
}

func withOwnContext(ctx context.Context, client *http.Client, url string) (int, error) {
	ctx, cancel := context.WithTimeout(ctx, time.Second)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return 0, err
	}
	resp, err := client.Do(req) // want note "until the function ends its context"
	if err != nil {
		return 0, err
	}
	return resp.StatusCode, nil
}

func withEndlessContext(url string) (int, error) {
	req, err := http.NewRequestWithContext(context.Background(), http.MethodGet, url, nil)
	if err != nil {
		return 0, err
	}
	resp, err := http.DefaultClient.Do(req) // want error "never closed"
	if err != nil {
		return 0, err
	}
	return resp.StatusCode, nil
}

func withTimeout(url string) (int, error) {
	client := &http.Client{Timeout: time.Minute}
	resp, err := client.Get(url) // want warning "until its context or its time is over"
	if err != nil {
		return 0, err
	}
	return resp.StatusCode, nil
}

func contextOver(ctx context.Context, client *http.Client, url string, in chan int) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return err
	}
	resp, err := client.Do(req)
	if err != nil {
		return err
	}
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-in:
	}
	return resp.Body.Close()
}

type api struct{ client *http.Client }

func (a *api) do(req *http.Request) (*http.Response, error) {
	resp, err := a.client.Do(req) // want warning "not closed on every way out"
	if err != nil {
		return nil, err
	}
	if resp.StatusCode >= 400 {
		return nil, errors.New(resp.Status)
	}
	return resp, nil
}

func (a *api) get(req *http.Request) error {
	resp, err := a.do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	return nil
}

func readByHand(url string, buf []byte) error {
	resp, err := http.Get(url)
	if err != nil {
		return err
	}
	for {
		_, err := resp.Body.Read(buf)
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
	}
}

func readOnce(url string, buf []byte) (int, error) {
	resp, err := http.Get(url) // want error "resp.Body"
	if err != nil {
		return 0, err
	}
	n, err := resp.Body.Read(buf)
	if err != nil {
		return 0, err
	}
	return n, nil
}

func wantsError(t interface{ Fatal(...any) }, url string) {
	if _, err := http.Get(url); err == nil {
		log.Fatal("no error")
	}
}

func wantsErrorOfFetch(url string) {
	_, err := fetchForTest(url)
	if err == nil {
		panic("no error")
	}
	fmt.Println(err)
}

func fetchForTest(url string) (*http.Response, error) {
	resp, err := http.Get(url)
	if err != nil {
		return nil, err
	}
	return resp, nil
}

func signed(method, url string) (*http.Request, error) {
	return http.NewRequest(method, url, nil)
}

// One variable for several requests: only the one for the head gives no body.
func oneAfterTheOther(client *http.Client, url string) int {
	req, err := signed(http.MethodHead, url)
	if err != nil {
		return 0
	}
	resp, err := client.Do(req)
	if err != nil {
		return 0
	}
	size := int(resp.ContentLength)
	req, err = signed(http.MethodGet, url)
	if err != nil {
		return 0
	}
	resp, err = client.Do(req) // want warning "resp.Body is never closed"
	if err != nil {
		return 0
	}
	return size - int(resp.ContentLength)
}
