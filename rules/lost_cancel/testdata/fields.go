package fields

import "context"

func use(ctx context.Context) error { return ctx.Err() }

type worker struct {
	ctx    context.Context
	cancel context.CancelFunc
}

func newWorker(parent context.Context) *worker {
	w := &worker{}
	w.ctx, w.cancel = context.WithCancel(parent)
	return w
}

func (w *worker) Close() { w.cancel() }

type idle struct {
	ctx    context.Context
	cancel context.CancelFunc
}

func newIdle(parent context.Context) *idle {
	ctx, cancel := context.WithCancel(parent) // want error "nothing in the package calls idle.cancel"
	return &idle{ctx: ctx, cancel: cancel}
}

func (i *idle) run() error { return use(i.ctx) }

type direct struct {
	ctx  context.Context
	quit context.CancelFunc
}

func (d *direct) start(parent context.Context) {
	d.ctx, d.quit = context.WithCancel(parent) // want error "nothing in the package calls direct.quit"
	go func() { _ = use(d.ctx) }()
}

type checked struct{ cancel context.CancelFunc }

func newChecked(parent context.Context) *checked {
	ctx, cancel := context.WithCancel(parent)
	go func() { _ = use(ctx) }()
	return &checked{cancel}
}

func (c *checked) stop() {
	if c.cancel != nil {
		c.cancel()
		c.cancel = nil
	}
}

func stopAll(all []*checked) {
	for _, c := range all {
		c.stop()
	}
}

type orphan struct{ end context.CancelFunc }

func newOrphan(parent context.Context) *orphan {
	ctx, cancel := context.WithCancel(parent) // want error "orphan.end is called only in .*finish"
	go func() { _ = use(ctx) }()
	return &orphan{end: cancel}
}

func (o *orphan) finish() { o.end() }

type handed struct{ cancel func() }

func newHanded(parent context.Context) *handed {
	ctx, cancel := context.WithCancel(parent)
	go func() { _ = use(ctx) }()
	return &handed{cancel: cancel}
}

func (h *handed) Stopper() func() { return h.cancel }

type argument struct{ cancel func() }

func newArgument(parent context.Context) *argument {
	ctx, cancel := context.WithCancel(parent)
	go func() { _ = use(ctx) }()
	return &argument{cancel: cancel}
}

func (a *argument) Stop() { call(a.cancel) }

func call(f func()) { f() }

type Open struct{ Cancel context.CancelFunc }

func NewOpen(parent context.Context) *Open {
	ctx, cancel := context.WithCancel(parent)
	go func() { _ = use(ctx) }()
	return &Open{Cancel: cancel}
}

type deferredIn struct {
	parent context.Context
	cancel context.CancelFunc
}

func (d *deferredIn) Run() error {
	var ctx context.Context
	ctx, d.cancel = context.WithCancel(d.parent)
	defer d.cancel()
	return use(ctx)
}

type literal struct{ cancel context.CancelFunc }

func (l *literal) Start(parent context.Context) {
	var ctx context.Context
	ctx, l.cancel = context.WithCancel(parent)
	go func() {
		defer func() { l.cancel() }()
		_ = use(ctx)
	}()
}

type inner struct{ cancel context.CancelFunc }

type outer struct{ inner }

func newOuter(parent context.Context) *outer {
	ctx, cancel := context.WithCancel(parent)
	go func() { _ = use(ctx) }()
	return &outer{inner{cancel: cancel}}
}

func (o *outer) Close() { o.cancel() }

type early struct {
	ctx    context.Context
	cancel context.CancelFunc
}

func newEarly(parent context.Context) (*early, error) {
	ctx, cancel := context.WithCancel(parent) // want error "not called on every way out of newEarly"
	if err := use(ctx); err != nil {
		return nil, err
	}
	return &early{ctx, cancel}, nil
}

func (e *early) Close() { e.cancel() }

type copies struct{ stop func() }

func newCopies(parent context.Context) *copies {
	ctx, cancel := context.WithCancel(parent)
	go func() { _ = use(ctx) }()
	c := &copies{}
	c.stop = cancel
	return c
}

func (c *copies) Close() {
	stop := c.stop
	stop()
}
