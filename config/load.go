package config

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"strconv"
	"strings"

	promconfig "github.com/prometheus/common/config"
	"go.yaml.in/yaml/v3"
)

// Error is a mistake in the file: where it is and what to write instead.
type Error struct {
	File string
	Line int // 0 when it has no place, as something that is missing altogether
	Text string
}

func (e *Error) Error() string {
	if e.Line == 0 {
		return e.File + ": " + e.Text
	}
	return fmt.Sprintf("%s:%d: %s", e.File, e.Line, e.Text)
}

// Load reads, checks and completes the file. Its error joins an *Error for everything that is wrong, so that one
// run shows all of it. Paths in the file are relative to its directory.
func Load(path string) (*Config, error) {
	raw, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("reading the configuration: %w", err)
	}
	return Parse(path, raw)
}

// Parse is Load for a file whose text is at hand.
func Parse(path string, raw []byte) (*Config, error) {
	c := &Config{}
	root, err := decode(path, raw, c)
	if err != nil {
		return nil, err
	}
	c.defaults()
	c.setDirectory(filepath.Dir(path))
	v := &validation{file: path, root: root}
	c.validate(v)
	if err := errors.Join(v.errs...); err != nil {
		return nil, err
	}
	c.Digests = c.digests(filepath.Dir(path))
	return c, nil
}

// decode reads the text twice: strictly into c, and as nodes, which know their lines.
func decode(path string, raw []byte, c *Config) (*yaml.Node, error) {
	root := &yaml.Node{}
	if err := yaml.Unmarshal(raw, root); err != nil {
		return nil, yamlErrors(path, err)
	}
	d := yaml.NewDecoder(bytes.NewReader(raw))
	d.KnownFields(true)
	durations := badDurations(path, root, reflect.TypeFor[Config]())
	err := d.Decode(c)
	switch _, typed := errors.AsType[*yaml.TypeError](err); {
	case len(durations) > 0 && !typed: // decoding ended at the first of them
		return nil, errors.Join(durations...)
	case err != nil && !errors.Is(err, io.EOF):
		return nil, errors.Join(locate(yamlErrors(path, err), root), errors.Join(durations...))
	}
	if err := d.Decode(new(yaml.Node)); !errors.Is(err, io.EOF) {
		return nil, &Error{File: path, Text: "more than one YAML document: what stands after the second --- would be ignored"}
	}
	return root, nil
}

// locate gives an error without a line the line of what it quotes: the types of the Prometheus libraries do not
// know where they stand in the file.
func locate(err error, root *yaml.Node) error {
	var e *Error
	if !errors.As(err, &e) || e.Line != 0 {
		return err
	}
	longest := 2 // shorter words are found everywhere
	walk(root, func(n *yaml.Node) {
		if n.Kind == yaml.ScalarNode && len(n.Value) > longest && strings.Contains(e.Text, n.Value) {
			longest, e.Line = len(n.Value), n.Line
		}
	})
	return err
}

func walk(n *yaml.Node, f func(*yaml.Node)) {
	f(n)
	for _, c := range n.Content {
		walk(c, f)
	}
}

// yamlErrors gives each complaint of the YAML library its file and line.
func yamlErrors(path string, err error) error {
	texts := []string{err.Error()}
	if t, ok := errors.AsType[*yaml.TypeError](err); ok {
		texts = t.Errors
	}
	errs := make([]error, len(texts))
	for i, text := range texts {
		errs[i] = yamlError(path, text)
	}
	return errors.Join(errs...)
}

var (
	lineOf  = regexp.MustCompile(`^(?:yaml: )?(?:unmarshal errors:\s+)?(?:yaml: )?line (\d+): `)
	unknown = regexp.MustCompile(`^field (\S+) not found in type (\S+)$`)
	misfit  = regexp.MustCompile("^cannot unmarshal !!(\\w+)(?: `(.*)`)? into (\\S+)$")
)

// found says what stands in the file. A text is quoted only in the place of a number: elsewhere it may be a secret.
func found(tag, text, goType string) string {
	switch {
	case tag == "map":
		return "a mapping"
	case tag == "seq":
		return "a list"
	case goType == "int" || goType == "bool":
		return strconv.Quote(text)
	}
	return "a single value"
}

// wanted says in an operator's words what a Go type takes.
func wanted(goType string) string {
	switch {
	case strings.HasPrefix(goType, "[]"):
		return "a list"
	case goType == "int":
		return "a whole number"
	case goType == "bool":
		return "true or false"
	case goType == "string":
		return "a text"
	}
	return "a mapping of keys"
}

func yamlError(path, text string) *Error {
	e := &Error{File: path, Text: strings.TrimPrefix(text, "yaml: ")}
	if m := lineOf.FindStringSubmatch(text); m != nil {
		e.Line, _ = strconv.Atoi(m[1])
		e.Text = text[len(m[0]):]
	}
	if m := unknown.FindStringSubmatch(e.Text); m != nil {
		e.Text = fmt.Sprintf("unknown key %q%s", m[1], keysOf(m[2]))
	}
	if m := misfit.FindStringSubmatch(e.Text); m != nil {
		e.Text = fmt.Sprintf("%s where %s belongs", found(m[1], m[2], m[3]), wanted(m[3]))
	}
	return e
}

func (c *Config) setDirectory(dir string) {
	for i := range c.WhatsApp.Accounts {
		c.WhatsApp.Accounts[i].HTTPConfig.SetDirectory(dir)
	}
	for i := range c.WhatsApp.StatusPages {
		c.WhatsApp.StatusPages[i].HTTPConfig.SetDirectory(dir)
	}
	for i := range c.WhatsApp.QRSessions {
		c.WhatsApp.QRSessions[i].HTTPConfig.SetDirectory(dir)
	}
	if w := c.WhatsApp.Webhook; w != nil {
		w.AppSecretFile = promconfig.JoinDir(dir, w.AppSecretFile)
		w.VerifyTokenFile = promconfig.JoinDir(dir, w.VerifyTokenFile)
	}
	for i := range c.Helpdesks {
		c.Helpdesks[i].HTTPConfig.SetDirectory(dir)
		c.Helpdesks[i].ProfileFile = promconfig.JoinDir(dir, c.Helpdesks[i].ProfileFile)
		if w := c.Helpdesks[i].Webhook; w != nil {
			w.SecretFile = promconfig.JoinDir(dir, w.SecretFile)
		}
	}
	if c.Alertmanager != nil {
		c.Alertmanager.setDirectory(dir)
	}
	if !filepath.IsAbs(c.State.Path) {
		c.State.Path = filepath.Join(dir, c.State.Path)
	}
}
