// Gotypes asks Go's own type checker: what the standard library exports, and what every operand of a tree is.
//
//	gotypes export            the exported declarations of the standard library of the go command that runs this, as Go source
//	gotypes judge std [PATH]  what the checker says of operands in Go's src (below PATH if it is given), for goleash to be compared with
//	gotypes judge DIR         the same for the packages of the module in DIR and below, with its dependencies out of the module cache
//
// Use `go run -C tests/gotypes . export`, with GOROOT naming another Go if need be. Everything is for linux on amd64 without cgo.
package main

import (
	"bufio"
	"log"
	"os"
)

func main() {
	log.SetFlags(0)
	out := bufio.NewWriterSize(os.Stdout, 1<<20)
	args := os.Args[1:]
	switch {
	case len(args) == 1 && args[0] == "export":
		export(out)
	case len(args) >= 2 && args[0] == "judge":
		judge(out, args[1], args[2:])
	default:
		log.Fatal("usage: gotypes export | gotypes judge std [PATH] | gotypes judge DIR")
	}
	if err := out.Flush(); err != nil {
		log.Fatal(err)
	}
}
