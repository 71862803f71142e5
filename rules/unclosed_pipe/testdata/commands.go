// Commands that are started, and who waits for them.
package commands

import (
	"bytes"
	"context"
	"io"
	"os/exec"
)

func forgotten(name string) error {
	cmd := exec.Command(name)
	if err := cmd.Start(); err != nil { // want warning "command cmd is started and never waited for"
		return err
	}
	return nil
}

func killedOnly(ctx context.Context, name string) error {
	cmd := exec.CommandContext(ctx, name)
	var out bytes.Buffer
	cmd.Stdout = &out
	if err := cmd.Start(); err != nil { // want warning "never waited for"
		return err
	}
	return cmd.Process.Kill()
}

func skippedOnOneWay(name string, in []byte) error {
	cmd := exec.Command(name)
	stdin, err := cmd.StdinPipe()
	if err != nil {
		return err
	}
	if err := cmd.Start(); err != nil { // want error "command cmd is not waited for on every way out of skippedOnOneWay"
		return err
	}
	if _, err := stdin.Write(in); err != nil {
		return err
	}
	stdin.Close()
	return cmd.Wait()
}

func waited(name string, in []byte) error {
	cmd := exec.Command(name)
	if err := cmd.Start(); err != nil {
		return err
	}
	defer cmd.Wait()
	return nil
}

func reaped(name string) error {
	cmd := exec.Command(name)
	if err := cmd.Start(); err != nil {
		return err
	}
	go cmd.Wait()
	return nil
}

func reapedInALiteral(name string, done func(error)) error {
	cmd := exec.Command(name)
	err := cmd.Start()
	if err != nil {
		return err
	}
	go func() {
		done(cmd.Wait())
	}()
	return nil
}

func released(name string) error {
	cmd := exec.Command(name)
	if err := cmd.Start(); err != nil {
		return err
	}
	return cmd.Process.Release()
}

func processWaited(name string) error {
	cmd := exec.Command(name)
	if err := cmd.Start(); err != nil {
		return err
	}
	_, err := cmd.Process.Wait()
	return err
}

// Fire and forget, without a look at the error: nothing is claimed.
func open(url string) error {
	return exec.Command("xdg-open", url).Start()
}

// The caller has it.
func Launch(name string) (*exec.Cmd, error) {
	cmd := exec.Command(name)
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	return cmd, nil
}

type worker struct {
	cmd *exec.Cmd
	out io.Reader
}

func (w *worker) start(name string) error {
	w.cmd = exec.Command(name)
	return w.cmd.Start()
}

func (w *worker) stop() error {
	w.cmd.Process.Kill()
	return w.cmd.Wait()
}

func use(name string) {
	w := &worker{}
	if w.start(name) == nil {
		w.stop()
	}
}

type orphan struct {
	child *exec.Cmd
}

func (o *orphan) run(name string) error {
	o.child = exec.Command(name)
	if err := o.child.Start(); err != nil { // want warning "nothing in the package waits for orphan.child"
		return err
	}
	return nil
}

func (o *orphan) kill() error {
	return o.child.Process.Kill()
}

// The caller gets the command as well, but a goroutine waits for it.
func launched(name string) (*exec.Cmd, <-chan error, error) {
	cmd := exec.Command(name)
	if err := cmd.Start(); err != nil {
		return nil, nil, err
	}
	exit := make(chan error, 1)
	go func() {
		exit <- cmd.Wait()
	}()
	return cmd, exit, nil
}

func useLaunched(name string) (int, error) {
	cmd, _, err := launched(name)
	if err != nil {
		return 0, err
	}
	return cmd.Process.Pid, nil
}

// It cannot start: nobody keeps it.
func refused() bool {
	err := new(exec.Cmd).Start()
	return err == nil || err.Error() != "exec: no command"
}

type exporter struct {
	out io.Reader
	cmd *exec.Cmd
}

// Kept by its place in the literal, in a field that nobody waits for.
func export(name string) (*exporter, error) {
	cmd := exec.Command(name)
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil { // want warning "nothing in the package waits for exporter.cmd"
		return nil, err
	}
	return &exporter{out, cmd}, nil
}
