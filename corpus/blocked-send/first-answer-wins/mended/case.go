// Package mirror loads a blob from whichever replica is quickest.
package mirror

type Replica interface {
	Name() string
	Load(key string) []byte
}

type Mirror struct {
	replicas []Replica
	hits     map[string]int
}

func New(replicas ...Replica) *Mirror {
	return &Mirror{replicas: replicas, hits: make(map[string]int)}
}

type loaded struct {
	from string
	blob []byte
}

func (m *Mirror) Load(key string) []byte {
	first := make(chan loaded, len(m.replicas))
	for _, r := range m.replicas {
		go func(r Replica) {
			first <- loaded{r.Name(), r.Load(key)}
		}(r)
	}
	l := <-first
	m.hits[l.from]++
	return l.blob
}
