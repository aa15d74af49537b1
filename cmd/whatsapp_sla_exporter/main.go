// Command whatsapp_sla_exporter exports the health of WhatsApp channels and the SLA state of support tickets to
// Prometheus, and tells Alertmanager of every ticket that is about to breach.
package main

import (
	"context"
	"fmt"
	"io"
	"os"
	_ "time/tzdata" // calendars need zones also where the system has none

	"github.com/alecthomas/kingpin/v2"
	"github.com/prometheus/common/version"
)

const name = "whatsapp_sla_exporter"

func main() {
	os.Exit(Run(context.Background(), os.Args[1:], os.Stdin, os.Stdout, os.Stderr))
}

// command is one word of the command line and what it does.
type command struct {
	clause *kingpin.CmdClause
	run    func(context.Context) error
}

// streams are what a command reads and writes.
type streams struct {
	in       io.Reader
	out, err io.Writer
}

// Run executes one command line and returns the exit status.
func Run(ctx context.Context, args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	app := kingpin.New(name, "Prometheus exporter and alerting sidecar for the SLAs of teams that run on WhatsApp.")
	app.Version(version.Print(name)).UsageWriter(stdout).ErrorWriter(stderr)
	app.HelpFlag.Short('h')
	exit := -1
	app.Terminate(func(code int) { exit = max(exit, code) })
	s := streams{in: stdin, out: stdout, err: stderr}
	logs := addLogFlags(app)
	commands := []command{
		serveCommand(app, logs, s),
		demoCommand(app, logs, s),
		checkConfigCommand(app, s),
		policiesCommand(app, s),
		evaluateCommand(app, s),
		exportCommand(app, s),
	}
	chosen, err := app.Parse(args)
	if exit >= 0 { // --help and --version end here
		return exit
	}
	if err == nil {
		err = runCommand(ctx, commands, chosen)
	}
	if err != nil {
		fmt.Fprintf(stderr, "%s: %v\n", name, err)
		return 1
	}
	return 0
}

func runCommand(ctx context.Context, commands []command, chosen string) error {
	for _, c := range commands {
		if c.clause.FullCommand() == chosen {
			return c.run(ctx)
		}
	}
	return fmt.Errorf("no command %q", chosen)
}
