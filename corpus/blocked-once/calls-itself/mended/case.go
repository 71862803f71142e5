// Package settings loads settings when they are first asked for.
package settings

import "sync"

type Settings struct {
	once   sync.Once
	values map[string]string
}

func (s *Settings) load() {
	s.values = map[string]string{"home": "/srv"}
	s.values["cache"] = s.values["home"] + "/cache"
}

func (s *Settings) Get(key string) string {
	s.once.Do(s.load)
	return s.values[key]
}
