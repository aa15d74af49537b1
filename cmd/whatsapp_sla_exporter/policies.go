package main

import (
	"context"

	"github.com/alecthomas/kingpin/v2"

	"whatsapp_sla_exporter/config"
	"whatsapp_sla_exporter/internal/evaluate"
)

// policyFlags say whose policies are meant: the built-in ones, or with a configuration its own as well.
func policyFlags(c *kingpin.CmdClause) func() (*config.PolicySet, config.Place, error) {
	file := c.Flag("config.file", "Configuration whose own policies and places count, beside the built-in policies.").String()
	return func() (*config.PolicySet, config.Place, error) {
		if *file == "" {
			set, err := config.LoadBuiltinPolicies()
			return set, config.Place{}, err
		}
		loaded, err := config.Load(*file)
		if err != nil {
			return nil, config.Place{}, err
		}
		return loaded.PolicySet, loaded.Global.Place, nil
	}
}

func policiesCommand(app *kingpin.Application, s streams) command {
	c := app.Command("policies", "Print the policies in force, with their sources.")
	set := policyFlags(c)
	name := c.Arg("name", "Policy to print. Without one: a list.").String()
	return command{c, func(context.Context) error {
		p, _, err := set()
		if err != nil {
			return err
		}
		return evaluate.WritePolicies(s.out, p, *name)
	}}
}
