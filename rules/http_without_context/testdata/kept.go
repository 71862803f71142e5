// Clients in fields and variables.
package p

import (
	"net/http"
	"time"
)

var unbounded = &http.Client{}

var bounded = &http.Client{Timeout: time.Second}

var later http.Client

var zero http.Client

var made = newBounded()

var own = newUnbounded()

func init() { later.Timeout = time.Second }

func newBounded() *http.Client {
	c := &http.Client{}
	c.Timeout = time.Second
	return c
}

func newUnbounded() *http.Client {
	return &http.Client{CheckRedirect: nil}
}

func globals(u string) {
	unbounded.Get(u) // want "unbounded.Get has no time limit"
	bounded.Get(u)
	later.Get(u)
	zero.Get(u) // want "zero.Get has no time limit"
	made.Get(u)
	own.Get(u) // want "own.Get has no time limit"
}

type service struct {
	client *http.Client
	base   string
}

func newService() *service { return &service{client: &http.Client{}} }

func (s *service) fetch() { s.client.Get(s.base) } // want "s.client.Get has no time limit"

type careful struct{ client *http.Client }

func newCareful() *careful { return &careful{client: &http.Client{Timeout: time.Second}} }

func (c *careful) fetch() { c.client.Get("http://a") }

type given struct{ client *http.Client }

func newGiven(c *http.Client) *given {
	if c == nil {
		c = http.DefaultClient
	}
	return &given{client: c}
}

func (g *given) fetch() { g.client.Get("http://a") }

type mixed struct{ client *http.Client }

func newMixed() *mixed { return &mixed{client: http.DefaultClient} }

func (m *mixed) Use(c *http.Client) { m.client = c }

func (m *mixed) fetch() { m.client.Get("http://a") }

type value struct{ client http.Client }

func newValue() *value {
	v := &value{}
	v.client.Timeout = time.Second
	return v
}

func (v *value) fetch() { v.client.Get("http://a") }
