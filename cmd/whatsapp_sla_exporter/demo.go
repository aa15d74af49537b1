package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"github.com/alecthomas/kingpin/v2"
	"github.com/prometheus/exporter-toolkit/web"
	"github.com/prometheus/exporter-toolkit/web/kingpinflag"

	"whatsapp_sla_exporter/alerts"
	"whatsapp_sla_exporter/internal/demo"
)

func demoCommand(app *kingpin.Application, logs *logFlags, s streams) command {
	c := app.Command("demo", "Run the exporter against built-in simulators: no credentials, no network.")
	dir := c.Flag("demo.dir", "Where the demo keeps its configuration and state.").Default("data/demo").String()
	alertmanager := c.Flag("demo.alertmanager", "Alertmanager to send alerts to, host:port.").String()
	receiver := c.Flag("demo.receiver", "Address on which to take notifications and print them; DIR/alertmanager.yml is then the shipped configuration with it as every receiver.").String()
	flags := kingpinflag.AddFlags(c, listenAddress)
	return command{c, func(ctx context.Context) error {
		if err := checkWeb(flags); err != nil {
			return err
		}
		logger, view := logs.loggers(s.err)
		d, err := demo.Start(demo.Options{
			Dir: *dir, Alertmanager: *alertmanager, Exporter: "http://" + ownAddress(flags),
			Now: time.Now, Logger: logger,
		})
		if err != nil {
			return err
		}
		e, err := newExporter(d.Config(), logger, view, time.Now)
		if err != nil {
			return errors.Join(err, d.Close())
		}
		tellDemo(s.out, d.Config(), flags)
		actors := []func(context.Context) error{d.Run}
		if *receiver != "" {
			if err := rehearse(filepath.Join(*dir, "alertmanager.yml"), *receiver); err != nil {
				return errors.Join(err, d.Close())
			}
			r := demo.NewReceiver(s.out, time.Now)
			actors = append(actors, func(ctx context.Context) error { return r.Run(ctx, *receiver) })
		}
		return errors.Join(e.run(ctx, flags, actors...), d.Close())
	}}
}

// rehearse writes the shipped Alertmanager configuration with the demo as every receiver.
func rehearse(path, receiver string) error {
	raw, err := alerts.Rehearsal("http://" + receiver + "/")
	if err != nil {
		return err
	}
	return os.WriteFile(path, raw, 0o600)
}

func tellDemo(w io.Writer, config string, flags *web.FlagConfig) {
	fmt.Fprintf(w, `The demo runs on simulators of Meta's Graph API, 360dialog, Twilio, Infobip and Botmaker, two status pages, three
QR gateways, Zendesk and Chatwoot. Within 15 minutes numbers turn red, are restricted and recover, sessions are lost,
sources fail, and tickets approach and pass their deadlines; then it begins again. What the log complains of is part of
it. Open

  http://%[1]s/board     what breaches next and what is red
  http://%[1]s/metrics   what Prometheus scrapes
  http://%[1]s/          everything else

Its configuration is %[2]s. Stop it with Ctrl-C; started again within two hours, it goes on where it would be.
`, ownAddress(flags), config)
}

// ownAddress is where the exporter itself is found on this machine.
func ownAddress(flags *web.FlagConfig) string {
	address := (*flags.WebListenAddresses)[0]
	if address[0] == ':' {
		address = "localhost" + address
	}
	return address
}
