package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/alecthomas/kingpin/v2"

	"whatsapp_sla_exporter/alerts"
	"whatsapp_sla_exporter/dashboards"
)

func exportCommand(app *kingpin.Application, s streams) command {
	c := app.Command("export", "Write rules, Alertmanager configuration and dashboards, for provisioning.")
	dir := c.Arg("dir", "Directory to write to. What is there under the same names is replaced.").Required().String()
	return command{c, func(context.Context) error {
		for name, files := range map[string]fs.FS{"alerts": alerts.Files, "dashboards": dashboards.Files} {
			if err := export(files, filepath.Join(*dir, name)); err != nil {
				return err
			}
		}
		fmt.Fprintln(s.out, "wrote", filepath.Join(*dir, "alerts"), "and", filepath.Join(*dir, "dashboards"))
		return nil
	}}
}

// export copies files to a directory.
func export(files fs.FS, dir string) error {
	return fs.WalkDir(files, ".", func(path string, e fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		to := filepath.Join(dir, filepath.FromSlash(path))
		if e.IsDir() {
			return os.MkdirAll(to, 0o755)
		}
		raw, err := fs.ReadFile(files, path)
		if err == nil {
			err = os.WriteFile(to, raw, 0o644)
		}
		if err != nil {
			return errors.Join(fmt.Errorf("exporting %s", path), err)
		}
		return nil
	})
}
