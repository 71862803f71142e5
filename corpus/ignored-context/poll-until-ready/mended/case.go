// Package deploy rolls a version out and reports when it is ready.
package deploy

import (
	"context"
	"log"
	"time"
)

type Cluster interface {
	Apply(ctx context.Context, app, version string) error
	Ready(app, version string) bool
}

type Deployer struct {
	cluster Cluster
	notify  func(app, version string)
}

func New(c Cluster, notify func(app, version string)) *Deployer {
	return &Deployer{cluster: c, notify: notify}
}

// Deploy returns once the version is applied.
func (d *Deployer) Deploy(ctx context.Context, app, version string) error {
	if err := d.cluster.Apply(ctx, app, version); err != nil {
		return err
	}
	go d.watch(ctx, app, version)
	return nil
}

func (d *Deployer) watch(ctx context.Context, app, version string) {
	for !d.cluster.Ready(app, version) {
		select {
		case <-ctx.Done():
			log.Printf("deploy: %s %s: %v", app, version, ctx.Err())
			return
		case <-time.After(15 * time.Millisecond):
		}
	}
	log.Printf("deploy: %s %s is ready", app, version)
	d.notify(app, version)
}
