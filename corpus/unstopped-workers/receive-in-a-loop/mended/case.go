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
	idle  chan struct{}
}

func NewLog(out io.Writer) *Log {
	l := &Log{out: out, lines: make(chan line, 32), idle: make(chan struct{})}
	go l.write()
	return l
}

func (l *Log) Record(user, what string) {
	l.lines <- line{time.Now(), user, what}
}

// Close returns when all lines are written.
func (l *Log) Close() error {
	close(l.lines)
	<-l.idle
	return nil
}

func (l *Log) write() {
	defer close(l.idle)
	for {
		ln, ok := <-l.lines
		if !ok {
			return
		}
		fmt.Fprintf(l.out, "%s %s %s\n", ln.at.Format(time.RFC3339), ln.user, ln.what)
	}
}
