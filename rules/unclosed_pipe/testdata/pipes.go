// Ways on which an end of an in-memory pipe is forgotten, and ways on which it is not.
package pipes

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"sync"
)

func neverClosed(src io.Reader) ([]byte, error) {
	pr, pw := io.Pipe()
	go func() {
		io.Copy(pw, src)
	}()
	return io.ReadAll(pr) // want error "this read waits for ever because nothing closes `pw`"
}

func neverClosedDirect(src io.Reader) ([]byte, error) {
	pr, pw := io.Pipe()
	go io.Copy(pw, src)
	return io.ReadAll(pr) // todo want error "this read"
}

func closedOnSuccess(items []string) ([]byte, error) {
	pr, pw := io.Pipe()
	go func() {
		for _, item := range items {
			if _, err := fmt.Fprintln(pw, item); err != nil {
				return
			}
		}
		pw.Close()
	}()
	return io.ReadAll(pr) // want error "if `closedOnSuccess.func1` leaves without closing `pw`"
}

func closedAlways(items []string) ([]byte, error) {
	pr, pw := io.Pipe()
	go func() {
		defer pw.Close()
		for _, item := range items {
			if _, err := fmt.Fprintln(pw, item); err != nil {
				return
			}
		}
	}()
	return io.ReadAll(pr)
}

func closedWithError(items []string) ([]byte, error) {
	pr, pw := io.Pipe()
	go func() {
		var err error
		for _, item := range items {
			if _, err = fmt.Fprintln(pw, item); err != nil {
				break
			}
		}
		pw.CloseWithError(err)
	}()
	return io.ReadAll(pr)
}

// What only stands around the writer does not close it.
func onlyTheCompressorCloses(src io.Reader) ([]byte, error) {
	pr, pw := io.Pipe()
	go func() {
		z := gzip.NewWriter(pw)
		defer z.Close()
		io.Copy(z, src)
	}()
	return io.ReadAll(pr) // want error "nothing closes `pw`"
}

func compressorAndPipe(src io.Reader) ([]byte, error) {
	pr, pw := io.Pipe()
	go func() {
		defer pw.Close()
		z := gzip.NewWriter(pw)
		defer z.Close()
		io.Copy(z, src)
	}()
	return io.ReadAll(pr)
}

func requestFails(url string, v any) error {
	pr, pw := io.Pipe()
	go func() {
		pw.CloseWithError(json.NewEncoder(pw).Encode(v)) // want error "this write waits for ever if `requestFails` leaves without closing `pr`"
	}()
	req, err := http.NewRequest(http.MethodPost, url, pr)
	if err != nil {
		return err
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	return resp.Body.Close()
}

func requestBeforeTheWriter(url string, v any) error {
	pr, pw := io.Pipe()
	req, err := http.NewRequest(http.MethodPost, url, pr)
	if err != nil {
		return err
	}
	go func() {
		pw.CloseWithError(json.NewEncoder(pw).Encode(v))
	}()
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	return resp.Body.Close()
}

var errStop = errors.New("stop")

func readerStops(lines []string, stop string) error {
	pr, pw := io.Pipe()
	go func() {
		defer pw.Close()
		for _, line := range lines {
			fmt.Fprintln(pw, line) // want error "if `readerStops` leaves without closing `pr`"
		}
	}()
	sc := bufio.NewScanner(pr)
	for sc.Scan() {
		if sc.Text() == stop {
			return errStop
		}
	}
	return sc.Err()
}

func readerStopsAndCloses(lines []string, stop string) error {
	pr, pw := io.Pipe()
	defer pr.Close()
	go func() {
		defer pw.Close()
		for _, line := range lines {
			fmt.Fprintln(pw, line)
		}
	}()
	sc := bufio.NewScanner(pr)
	for sc.Scan() {
		if sc.Text() == stop {
			return errStop
		}
	}
	return sc.Err()
}

func readerGoesToTheEnd(lines []string) (n int) {
	pr, pw := io.Pipe()
	go func() {
		defer pw.Close()
		for _, line := range lines {
			fmt.Fprintln(pw, line)
		}
	}()
	sc := bufio.NewScanner(pr)
	for sc.Scan() {
		n += len(sc.Text())
	}
	return n
}

func readsUntilTheError(lines []string, each func(string) error) error {
	pr, pw := io.Pipe()
	go func() {
		defer pw.Close()
		for _, line := range lines {
			fmt.Fprintln(pw, line)
		}
	}()
	r := bufio.NewReader(pr)
	for {
		line, err := r.ReadString('\n')
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
		each(line)
	}
}

func leavesBetweenLines(lines []string, each func(string) error) error {
	pr, pw := io.Pipe()
	go func() {
		defer pw.Close()
		for _, line := range lines {
			fmt.Fprintln(pw, line) // want error "without closing `pr`"
		}
	}()
	r := bufio.NewReader(pr)
	for {
		line, err := r.ReadString('\n')
		if err != nil {
			return nil
		}
		if bad := each(line); bad != nil {
			return bad
		}
	}
}

// What stops the copy may be what the writer closed the pipe with.
func copyFails(dst io.Writer, lines []string) error {
	pr, pw := io.Pipe()
	go func() {
		defer pw.Close()
		for _, line := range lines {
			fmt.Fprintln(pw, line) // want warning "if `copyFails` leaves without closing `pr`"
		}
	}()
	if _, err := io.Copy(dst, pr); err != nil {
		return err
	}
	return nil
}

func copyWhatever(dst io.Writer, src io.Reader) error {
	pr, pw := io.Pipe()
	go func() {
		defer pw.Close()
		io.Copy(pw, src)
	}()
	_, err := io.Copy(dst, pr)
	return err
}

func readerInGoroutine(lines []string, sink io.Writer, check func(string) error) error {
	pr, pw := io.Pipe()
	go func() {
		io.Copy(sink, pr) // want error "this read waits for ever if `readerInGoroutine` leaves without closing `pw`"
	}()
	for _, line := range lines {
		if err := check(line); err != nil {
			return err
		}
		fmt.Fprintln(pw, line)
	}
	return pw.Close()
}

func readerInGoroutineClosedBehindIt(lines []string, sink io.Writer) {
	pr, pw := io.Pipe()
	defer pr.Close()
	go func() {
		io.Copy(sink, pr)
	}()
	for _, line := range lines {
		fmt.Fprintln(pw, line)
	}
}

func readerInGoroutineDeferred(lines []string, sink io.Writer, check func(string) error) error {
	pr, pw := io.Pipe()
	var wg sync.WaitGroup
	wg.Add(1)
	go func() {
		defer wg.Done()
		io.Copy(sink, pr)
	}()
	defer wg.Wait()
	defer pw.Close()
	for _, line := range lines {
		if err := check(line); err != nil {
			return err
		}
		fmt.Fprintln(pw, line)
	}
	return nil
}

// The caller reads; the goroutine closes on every way out.
func Reader(lines []string) io.ReadCloser {
	pr, pw := io.Pipe()
	go func() {
		defer pw.Close()
		for _, line := range lines {
			fmt.Fprintln(pw, line)
		}
	}()
	return pr
}

func ReaderForgets(lines []string, check func(string) error) io.Reader {
	pr, pw := io.Pipe() // want warning "whoever reads what `ReaderForgets` returns waits for ever if `ReaderForgets.func1` leaves without closing `pw`"
	go func() {
		for _, line := range lines {
			if check(line) != nil {
				return
			}
			fmt.Fprintln(pw, line)
		}
		pw.Close()
	}()
	return pr
}

func named(lines []string) ([]byte, error) {
	pr, pw := io.Pipe()
	go feed(pw, lines)
	return io.ReadAll(pr) // want error "if `feed` leaves without closing `pw`"
}

func feed(w *io.PipeWriter, lines []string) {
	for _, line := range lines {
		if line == "" {
			return
		}
		io.WriteString(w, line)
	}
	w.Close()
}

func namedAndClosed(lines []string) ([]byte, error) {
	pr, pw := io.Pipe()
	go feedAll(pw, lines)
	return io.ReadAll(pr)
}

func feedAll(w *io.PipeWriter, lines []string) {
	defer w.Close()
	for _, line := range lines {
		io.WriteString(w, line)
	}
}

type uploader interface {
	Upload(r io.Reader) error
}

// Code out of view reads to the end, as far as anybody can tell.
func handedOut(u uploader, rows []string, check func(string) error) error {
	pr, pw := io.Pipe()
	done := make(chan error, 1)
	go func() {
		done <- u.Upload(pr) // want warning "what is handed a pipe here can wait for ever if `handedOut` leaves without closing `pw`"
	}()
	for _, row := range rows {
		if err := check(row); err != nil {
			return err
		}
		fmt.Fprintln(pw, row)
	}
	pw.Close()
	return <-done
}

type session struct {
	r *io.PipeReader
	w *io.PipeWriter
}

// The ends are kept, and whoever keeps them may close them.
func open(src io.Reader) *session {
	pr, pw := io.Pipe()
	go func() {
		io.Copy(pw, src)
	}()
	return &session{r: pr, w: pw}
}

func netPipe(serve func(net.Conn), ask []byte) error {
	client, server := net.Pipe()
	go serve(server) // want warning "what is handed a pipe here can wait for ever if `netPipe` leaves without closing `client`"
	if _, err := client.Write(ask); err != nil {
		return err
	}
	return client.Close()
}

func netPipeClosed(serve func(net.Conn), ask []byte) error {
	client, server := net.Pipe()
	defer client.Close()
	go serve(server)
	_, err := client.Write(ask)
	return err
}

// One read takes the one write.
func oneByOne(b []byte) int {
	pr, pw := io.Pipe()
	go func() {
		pw.Write([]byte("x"))
	}()
	n, _ := pr.Read(b)
	return n
}

// No goroutine: nobody is left behind.
func memory() (*io.PipeReader, *bytes.Buffer) {
	pr, _ := io.Pipe()
	return pr, new(bytes.Buffer)
}

type request struct {
	w *io.PipeWriter
}

// The writer goes into a field before anybody waits.
func (r *request) begin(sink io.Writer) {
	var body io.Reader
	body, r.w = io.Pipe()
	go serve(sink, body)
}

func serve(sink io.Writer, body io.Reader) {
	io.Copy(sink, body)
}

type counter struct {
	r io.Reader
	n int
}

func (c *counter) Read(p []byte) (int, error) {
	n, err := c.r.Read(p)
	c.n += n
	return n, err
}

// What stands around the reader reads it.
func counted(lines []string, each func(io.Reader) error) (int, error) {
	pr, pw := io.Pipe()
	c := &counter{r: pr}
	go func() {
		for _, line := range lines {
			fmt.Fprintln(pw, line)
		}
		pw.Close()
	}()
	if err := each(c); err != nil {
		return 0, err
	}
	return c.n, nil
}

// A packed stream has its own end, which comes before the pipe's: the reader does not wait for the writer's Close. The writer waits for the
// reader, which gives up on a bad head.
func packed(words []string, each func([]byte)) {
	pr, pw := io.Pipe()
	go func() {
		z := gzip.NewWriter(pw)
		for _, word := range words {
			z.Write([]byte(word)) // want error "if `packed.func2` leaves without closing `pr`"
		}
		z.Close()
	}()
	go func() {
		z, err := gzip.NewReader(pr)
		if err != nil {
			return
		}
		b := make([]byte, 64)
		for {
			n, err := z.Read(b)
			each(b[:n])
			if err != nil {
				return
			}
		}
	}()
}
