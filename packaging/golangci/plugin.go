package golangci

import (
	"github.com/golangci/plugin-module-register/register"
	"golang.org/x/tools/go/analysis"
)

func init() {
	register.Plugin("goleash", newPlugin)
}

type plugin struct {
	settings Settings
}

func newPlugin(raw any) (register.LinterPlugin, error) {
	settings, err := register.DecodeSettings[Settings](raw)
	if err != nil {
		return nil, err
	}
	return &plugin{settings: settings}, nil
}

func (p *plugin) BuildAnalyzers() ([]*analysis.Analyzer, error) {
	return []*analysis.Analyzer{NewAnalyzer(&p.settings, WholeModule)}, nil
}

// GetLoadMode asks for nothing but the syntax: goleash reads the source itself, and needs no types.
func (p *plugin) GetLoadMode() string {
	return register.LoadModeSyntax
}
