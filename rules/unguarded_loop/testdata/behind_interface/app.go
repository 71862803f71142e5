package app

import (
	"context"

	"example.com/iface/engine"
)

type app struct {
	ender engine.Ender
	other engine.Ender
}

func newApp(e engine.Ender) *app {
	return &app{ender: &engine.Bad{}, other: e}
}

func start(ctx context.Context, r engine.Runner) {
	go r.Run(ctx) // want warning "loops for ever"
}

func (a *app) start(ctx context.Context) {
	go a.ender.Serve(ctx) // want warning "loops for ever"
	go a.other.Serve(ctx)
}
