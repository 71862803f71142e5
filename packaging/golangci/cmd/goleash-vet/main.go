// Goleash-vet runs goleash under go vet:
//
//	go vet -vettool="$(which goleash-vet)" ./...
//
// Its flags are -goleash.binary, -goleash.args (separated by spaces) and -goleash.no-steps.
package main

import (
	"strings"

	"github.com/goleash/goleash/packaging/golangci"
	"golang.org/x/tools/go/analysis/unitchecker"
)

func main() {
	settings := &golangci.Settings{}
	// go vet starts a process for each package.
	analyzer := golangci.NewAnalyzer(settings, golangci.OnePackage)
	analyzer.Flags.StringVar(&settings.Binary, "binary", "goleash", "the goleash program")
	analyzer.Flags.BoolVar(&settings.NoSteps, "no-steps", false, "leave out the steps of the argument")
	analyzer.Flags.Func("args", "more arguments for `goleash check`, separated by spaces", func(value string) error {
		settings.Args = strings.Fields(value)
		return nil
	})
	unitchecker.Main(analyzer)
}
