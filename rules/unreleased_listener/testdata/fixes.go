// What can be let go where it is made.
package fixes

import (
	"net"
	"os"
	"os/signal"
)

func port() (int, error) {
	l, err := net.Listen("tcp", ":0") // want "nothing closes listener l"
	if err != nil {
		return 0, err
	}
	return l.Addr().(*net.TCPAddr).Port, nil
}

func interrupted() os.Signal {
	ch := make(chan os.Signal, 1)
	signal.Notify(ch, os.Interrupt) // want note "ch stays registered"
	return <-ch
}
