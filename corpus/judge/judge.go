// Package judge decides, by the Go runtime's word, which goroutines of a
// corpus case were left behind after their owner had gone.
//
// A case is a package with a file case.go. A test beside it plays a scenario
// (start the service, call it, walk away) and asks one of the functions here.
// Only goroutines with a frame in case.go, or created by a line of it, count.
// The verdict is printed as one line of JSON, which the prover collects.
package judge

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"runtime/pprof"
	"sort"
	"strconv"
	"strings"
	"testing"
	"time"
)

// Marker begins the line that carries a verdict.
const Marker = "goleash-verdict: "

// Names of the judges.
const (
	Leak  = "goroutineleak" // the runtime's profile of goroutines that can never run again
	Alive = "alive"         // still there a moment after the owner returned
	Held  = "held"          // a timer that the runtime still holds after collection
	Ended = "ended"         // the whole process ended by itself
)

// Goroutine is one kind of left-over: all that agree in every field but Count.
type Goroutine struct {
	WaitLine    int    `json:"wait_line"`
	Lines       []int  `json:"lines"`
	CreatedLine int    `json:"created_line"`
	Func        string `json:"func"`
	State       string `json:"state"`
	Judge       string `json:"judge"`
	Count       int    `json:"count"`
}

// Verdict is what one test found out about one variant of a case.
type Verdict struct {
	Dir        string      `json:"dir"`
	Go         string      `json:"go"`
	Judge      string      `json:"judge"`
	Goroutines []Goroutine `json:"goroutines"`
}

// grace is how long goroutines may take to end once the scenario is over.
// The prover raises it when it asks a second time on a busy machine.
func grace() time.Duration {
	if d, err := time.ParseDuration(os.Getenv("JUDGE_GRACE")); err == nil {
		return d
	}
	return 200 * time.Millisecond
}

// Goroutines plays the scenario to its end, gives the goroutines it started a
// moment to leave, and reports those that did not.
func Goroutines(t *testing.T, scenario func()) {
	t.Helper()
	file := caseFile(t)
	before := map[int]bool{}
	for _, g := range stacks(file) {
		before[g.id] = true
	}
	play(t, scenario)

	left := func() []goroutine {
		var out []goroutine
		for _, g := range stacks(file) {
			if !before[g.id] && g.ours() {
				out = append(out, g)
			}
		}
		return out
	}
	// What the scenario started may not have got to its first line yet.
	time.Sleep(grace() / 8)
	deadline := time.Now().Add(grace())
	for len(left()) > 0 && time.Now().Before(deadline) {
		time.Sleep(3 * time.Millisecond)
	}

	// A loop is not always seen at the same line: take the line where each
	// goroutine is found most often.
	const samples = 9
	seen := map[int]map[string]int{}
	shape := map[string]goroutine{}
	for i := 0; i < samples; i++ {
		for _, g := range left() {
			if seen[g.id] == nil {
				seen[g.id] = map[string]int{}
			}
			seen[g.id][g.key()]++
			shape[g.key()] = g
		}
		if len(seen) == 0 {
			break
		}
		time.Sleep(2 * time.Millisecond)
	}
	leaked := leakProfile()
	count := map[string]int{}
	for id, keys := range seen {
		best := ""
		for k, n := range keys {
			if best == "" || n > keys[best] || n == keys[best] && k < best {
				best = k
			}
		}
		who := Alive
		if leaked[id] {
			who = Leak
		}
		count[who+"\x00"+best]++
	}
	v := Verdict{Judge: Alive, Goroutines: []Goroutine{}}
	if len(count) > 0 {
		v.Judge = Leak
	}
	for k, n := range count {
		who, key, _ := strings.Cut(k, "\x00")
		g := shape[key]
		e := Goroutine{
			WaitLine: g.created, Lines: g.lines, CreatedLine: g.created,
			Func: g.fn, State: g.state, Judge: who, Count: n,
		}
		if len(g.lines) > 0 {
			e.WaitLine = g.lines[0]
		}
		if who == Alive {
			v.Judge = Alive
		}
		v.Goroutines = append(v.Goroutines, e)
	}
	report(t, file, v)
}

// Timers plays the scenario and reports the tickers and timers that lines of
// case.go made and that are still held after the garbage was collected. The
// heap profile is the witness: with every allocation recorded, it names the
// line that made each object still in use.
func Timers(t *testing.T, scenario func()) {
	t.Helper()
	file := caseFile(t)
	runtime.MemProfileRate = 1
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1)) // all timers in one heap
	play(t, scenario)
	time.Sleep(grace() / 8)
	deadline := time.Now().Add(grace())
	held := heldTimers(file)
	for len(held) > 0 && time.Now().Before(deadline) {
		time.Sleep(5 * time.Millisecond)
		held = heldTimers(file)
	}
	report(t, file, Verdict{Judge: Held, Goroutines: held})
}

func heldTimers(file string) []Goroutine {
	// The runtime forgets stopped timers when others come and go.
	for i := 0; i < 50; i++ {
		time.NewTimer(time.Millisecond / 10).Stop()
	}
	time.Sleep(time.Millisecond)
	for i := 0; i < 3; i++ {
		runtime.GC()
	}
	var recs []runtime.MemProfileRecord
	for n, ok := runtime.MemProfile(nil, false); !ok; {
		recs = make([]runtime.MemProfileRecord, n+64)
		if n, ok = runtime.MemProfile(recs, false); ok {
			recs = recs[:n]
		}
	}
	byKey := map[string]*Goroutine{}
	counted := map[string]int{}
	for _, r := range recs {
		if r.InUseObjects() == 0 {
			continue
		}
		made, caller, grown := "", "", false
		g := goroutine{}
		frames := runtime.CallersFrames(r.Stack())
		for {
			f, more := frames.Next()
			switch f.Function {
			case "time.newTimer", "time.NewTimer", "time.NewTicker", "time.AfterFunc", "time.After", "time.Tick":
				made = f.Function
			}
			if strings.HasPrefix(f.Function, "runtime.(*timers)") {
				grown = true // the list of timers itself, which had to grow
			}
			if f.File == file {
				if len(g.lines) == 0 {
					g.fn = short(f.Function)
				}
				g.lines = append(g.lines, f.Line)
			}
			if len(g.lines) > 0 {
				caller += fmt.Sprintf("%s:%d\n", f.File, f.Line)
			}
			if !more {
				break
			}
		}
		if made == "" || grown || len(g.lines) == 0 {
			continue
		}
		g.state = made
		e := byKey[g.key()]
		if e == nil {
			e = &Goroutine{
				WaitLine: g.lines[0], Lines: g.lines, CreatedLine: g.lines[0],
				Func: g.fn, State: made, Judge: Held,
			}
			byKey[g.key()] = e
		}
		// One call makes a timer and perhaps a channel: count it once.
		if n := int(r.InUseObjects()); n > counted[caller] {
			e.Count += n - counted[caller]
			counted[caller] = n
		}
	}
	out := []Goroutine{}
	for _, e := range byKey {
		out = append(out, *e)
	}
	return out
}

// Process runs main in a process of its own and reports that it came to its
// end within the time given: what main started for the life of the process
// went with it.
func Process(t *testing.T, main func(), limit time.Duration) {
	t.Helper()
	file := caseFile(t)
	if os.Getenv("JUDGE_CHILD") != "" {
		main()
		os.Exit(0)
	}
	cmd := exec.Command(os.Args[0], "-test.run=^"+t.Name()+"$")
	cmd.Env = append(os.Environ(), "JUDGE_CHILD=1")
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	killer := time.AfterFunc(limit, func() { cmd.Process.Kill() })
	defer killer.Stop()
	if err := cmd.Wait(); err != nil {
		t.Fatalf("the process did not end by itself: %v\n%s", err, out.String())
	}
	report(t, file, Verdict{Judge: Ended, Goroutines: []Goroutine{}})
}

var kept []any

// Keep holds values until the process ends, so that the garbage collector does
// not close the silent end of a connection.
func Keep(v ...any) { kept = append(kept, v...) }

// play runs the scenario in a goroutine of its own, so that nothing of it
// stays on the test's stack.
func play(t *testing.T, scenario func()) {
	t.Helper()
	done := make(chan struct{})
	go func() {
		defer close(done)
		scenario()
	}()
	select {
	case <-done:
	case <-time.After(10 * time.Second):
		t.Fatal("the scenario itself did not come to an end")
	}
}

func report(t *testing.T, file string, v Verdict) {
	t.Helper()
	v.Dir = filepath.ToSlash(filepath.Dir(file))
	v.Go = strings.TrimPrefix(runtime.Version(), "go")
	if i := strings.IndexByte(v.Go, ' '); i > 0 {
		v.Go = v.Go[:i]
	}
	sort.Slice(v.Goroutines, func(i, j int) bool {
		a, b := v.Goroutines[i], v.Goroutines[j]
		if a.WaitLine != b.WaitLine {
			return a.WaitLine < b.WaitLine
		}
		return fmt.Sprint(a) < fmt.Sprint(b)
	})
	b, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	fmt.Printf("\n%s%s\n", Marker, b)
	switch n := len(v.Goroutines); {
	case strings.HasSuffix(v.Dir, "/leaking") && n == 0:
		t.Error("nothing was left behind")
	case strings.HasSuffix(v.Dir, "/mended") && n > 0:
		t.Errorf("left behind: %+v", v.Goroutines)
	}
}

// caseFile is the case.go beside the test that called the judge.
func caseFile(t *testing.T) string {
	t.Helper()
	_, file, _, ok := runtime.Caller(2)
	if !ok {
		t.Fatal("no caller")
	}
	return filepath.ToSlash(filepath.Join(filepath.Dir(file), "case.go"))
}

type goroutine struct {
	id      int
	state   string
	lines   []int
	created int
	fn      string
	leaked  bool
}

func (g goroutine) ours() bool { return len(g.lines) > 0 || g.created > 0 }

func (g goroutine) key() string {
	return fmt.Sprintf("%s|%s|%v|%d", g.state, g.fn, g.lines, g.created)
}

// stacks parses the stacks of all goroutines and keeps the frames in file.
func stacks(file string) []goroutine {
	buf := make([]byte, 1<<20)
	for {
		n := runtime.Stack(buf, true)
		if n < len(buf) {
			return parse(string(buf[:n]), file)
		}
		buf = make([]byte, 2*len(buf))
	}
}

// leakProfile asks the runtime which goroutines can never run again.
func leakProfile() map[int]bool {
	out := map[int]bool{}
	p := pprof.Lookup("goroutineleak")
	if p == nil {
		return out
	}
	var buf bytes.Buffer
	if err := p.WriteTo(&buf, 2); err != nil {
		return out
	}
	for _, g := range parse(buf.String(), "") {
		if g.leaked {
			out[g.id] = true
		}
	}
	return out
}

func parse(text, file string) []goroutine {
	var out []goroutine
	for _, block := range strings.Split(text, "\n\n") {
		lines := strings.Split(strings.TrimSpace(block), "\n")
		head, ok := strings.CutPrefix(lines[0], "goroutine ")
		if !ok {
			continue
		}
		num, rest, _ := strings.Cut(head, " ")
		id, err := strconv.Atoi(num)
		if err != nil {
			continue
		}
		g := goroutine{id: id, lines: []int{}}
		if i := strings.IndexByte(rest, '['); i >= 0 {
			rest = rest[i+1:]
		}
		rest, _, _ = strings.Cut(rest, "]")
		rest, _, _ = strings.Cut(rest, ",")
		rest = strings.TrimSuffix(rest, " (scan)")
		g.state, g.leaked = strings.CutSuffix(rest, " (leaked)")
		if g.state == "running" || g.state == "runnable" {
			g.state = "running"
		}
		for i := 1; i+1 < len(lines); i++ {
			at, ok := strings.CutPrefix(lines[i+1], "\t")
			if !ok {
				continue
			}
			at, _, _ = strings.Cut(at, " +0x")
			name, line, _ := cutLast(at, ":")
			n, err := strconv.Atoi(line)
			if err != nil || name != file {
				continue
			}
			if strings.HasPrefix(lines[i], "created by ") {
				g.created = n
				continue
			}
			if len(g.lines) == 0 {
				fn, _, _ := cutLast(lines[i], "(")
				g.fn = short(fn)
			}
			g.lines = append(g.lines, n)
		}
		out = append(out, g)
	}
	return out
}

// short takes the import path off a function's name.
func short(fn string) string {
	fn = fn[strings.LastIndexByte(fn, '/')+1:]
	_, name, _ := strings.Cut(fn, ".")
	return name
}

func cutLast(s, sep string) (before, after string, found bool) {
	if i := strings.LastIndex(s, sep); i >= 0 {
		return s[:i], s[i+len(sep):], true
	}
	return s, "", false
}
