// Package audit writes audit lines in the order in which they came.
package audit

import (
	"fmt"
	"io"
	"time"
)

type line struct {
	at   time.Time
	user string
	what string
}

type Log struct {
	out   io.Writer
	lines chan line
}

func NewLog(out io.Writer) *Log {
	l := &Log{out: out, lines: make(chan line, 32)}
	go l.write()
	return l
}

func (l *Log) Record(user, what string) {
	l.lines <- line{time.Now(), user, what}
}

func (l *Log) write() {
	for {
		ln := <-l.lines
		fmt.Fprintf(l.out, "%s %s %s\n", ln.at.Format(time.RFC3339), ln.user, ln.what)
	}
}
