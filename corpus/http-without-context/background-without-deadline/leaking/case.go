// Package license renews the licence of an installation.
package license

import (
	"context"
	"errors"
	"io"
	"net/http"
	"sync/atomic"
)

type Manager struct {
	server string
	key    atomic.Pointer[string]
}

func NewManager(server string) *Manager {
	m := &Manager{server: server}
	go m.renew()
	return m
}

func (m *Manager) Key() (string, error) {
	if k := m.key.Load(); k != nil {
		return *k, nil
	}
	return "", errors.New("license: none yet")
}

func (m *Manager) renew() {
	ctx := context.Background()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, m.server+"/renew", nil)
	if err != nil {
		return
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return
	}
	defer resp.Body.Close()
	if b, err := io.ReadAll(resp.Body); err == nil {
		key := string(b)
		m.key.Store(&key)
	}
}
