// Command generate writes the dashboards to JSON files in the current directory.
package main

import (
	"fmt"
	"os"

	"whatsapp_sla_exporter/dashboards"
)

func main() {
	if err := write(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func write() error {
	for _, d := range dashboards.All() {
		text, err := d.JSON()
		if err != nil {
			return err
		}
		if err := os.WriteFile(d.File(), text, 0o644); err != nil {
			return err
		}
	}
	return nil
}
