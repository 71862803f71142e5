// Listeners, and who closes them.
package listeners

import (
	"net"
	"net/http"
	"os"
)

func forgotten(addr string) (int, error) {
	l, err := net.Listen("tcp", addr) // want warning "nothing closes listener l"
	if err != nil {
		return 0, err
	}
	return l.Addr().(*net.TCPAddr).Port, nil
}

func acceptLoop(addr string, handle func(net.Conn)) error {
	l, err := net.Listen("tcp", addr) // want warning "nothing closes listener l"
	if err != nil {
		return err
	}
	for {
		c, err := l.Accept()
		if err != nil {
			return err
		}
		go handle(c)
	}
}

func acceptLoopClosed(addr string, handle func(net.Conn)) error {
	l, err := net.Listen("tcp", addr)
	if err != nil {
		return err
	}
	defer l.Close()
	for {
		c, err := l.Accept()
		if err != nil {
			return err
		}
		go handle(c)
	}
}

func onAnErrorWay(path string, handler http.Handler) error {
	l, err := net.Listen("unix", path) // want error "listener l is not closed on every way out of onAnErrorWay"
	if err != nil {
		return err
	}
	if err := os.Chmod(path, 0o600); err != nil {
		return err
	}
	return http.Serve(l, handler)
}

func closedOnTheErrorWay(path string, handler http.Handler) error {
	l, err := net.Listen("unix", path)
	if err != nil {
		return err
	}
	if err := os.Chmod(path, 0o600); err != nil {
		l.Close()
		return err
	}
	return http.Serve(l, handler)
}

func secondFails(a, b string) (net.Listener, net.Listener, error) {
	first, err := net.Listen("tcp", a) // want error "listener first is not closed on every way out of secondFails"
	if err != nil {
		return nil, nil, err
	}
	second, err := net.Listen("tcp", b)
	if err != nil {
		return nil, nil, err
	}
	return first, second, nil
}

func Returned(addr string) (net.Listener, error) {
	l, err := net.Listen("tcp", addr)
	if err != nil {
		return nil, err
	}
	return l, nil
}

type front struct {
	l net.Listener
}

func (f *front) listen(addr string) error {
	l, err := net.Listen("tcp", addr)
	if err != nil {
		return err
	}
	f.l = l
	return nil
}

func (f *front) Close() error {
	return f.l.Close()
}

type back struct {
	l net.Listener
}

func (b *back) listen(addr string) error {
	l, err := net.Listen("tcp", addr) // want warning "nothing in the package closes back.l"
	if err != nil {
		return err
	}
	b.l = l
	return nil
}

func (b *back) port() int {
	return b.l.Addr().(*net.TCPAddr).Port
}

func inBackground(addr string, handler http.Handler) error {
	l, err := net.Listen("tcp", addr)
	if err != nil {
		return err
	}
	go http.Serve(l, handler)
	return nil
}

type side struct {
	l net.Listener
}

// Both the field and the caller have it: the field's closing is enough.
func (s *side) open(addr string) (net.Listener, error) {
	l, err := net.Listen("tcp", addr)
	if err != nil {
		return nil, err
	}
	s.l = l
	return l, nil
}

func (s *side) Reopen(addr string) error {
	s.l.Close()
	_, err := s.open(addr)
	return err
}

// One round forgets the listener of the round before.
func several(addrs []string, ready func() error, handler http.Handler) (failed error) {
	for _, addr := range addrs {
		l, err := net.Listen("tcp", addr) // want error "listener l is not closed before another one takes its place"
		if err != nil {
			return err
		}
		if err := ready(); err != nil {
			failed = err
			continue
		}
		go http.Serve(l, handler)
	}
	return failed
}
