// A context that is declared after the goroutine has been started is not at hand.
package scope

import (
	"context"
	"os/exec"
	"time"
)

func before(name string) {
	go exec.Command(name).Run()
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	<-ctx.Done()
}

func after(name string) {
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	go exec.Command(name).Run() // want "outlives"
	<-ctx.Done()
}
