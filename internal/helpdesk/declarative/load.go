package declarative

import (
	"bytes"
	"embed"
	"errors"
	"fmt"
	"io"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"
)

//go:embed profiles/*.yaml
var shipped embed.FS

// Names lists the shipped profiles.
func Names() []string {
	entries, err := shipped.ReadDir("profiles")
	if err != nil {
		return nil
	}
	names := make([]string, len(entries))
	for i, e := range entries {
		names[i] = strings.TrimSuffix(e.Name(), ".yaml")
	}
	return names
}

// Load reads a shipped profile by its name, or one from a file by its path.
func Load(nameOrFile string) (*Profile, error) {
	if slices.Contains(Names(), nameOrFile) {
		raw, err := shipped.ReadFile("profiles/" + nameOrFile + ".yaml")
		if err != nil {
			return nil, fmt.Errorf("reading the profile %s: %w", nameOrFile, err)
		}
		return Parse(nameOrFile+".yaml", raw)
	}
	raw, err := os.ReadFile(nameOrFile)
	if err != nil {
		return nil, fmt.Errorf("reading the profile (shipped are %s): %w", strings.Join(Names(), ", "), err)
	}
	return Parse(nameOrFile, raw)
}

// Parse reads a profile from the text of a file. Its error joins all mistakes, each with file and line.
func Parse(file string, raw []byte) (*Profile, error) {
	p := &Profile{file: file, times: &times{zone: time.UTC}}
	d := yaml.NewDecoder(bytes.NewReader(raw))
	d.KnownFields(true)
	if err := d.Decode(p); err != nil && !errors.Is(err, io.EOF) {
		return nil, yamlErrors(file, err)
	}
	if err := d.Decode(new(yaml.Node)); !errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("%s: more than one YAML document", file)
	}
	p.setDefaults()
	v := &validation{}
	v.profile(p)
	for _, e := range p.expressions() {
		if err := e.compile(p.times); err != nil {
			v.errs = append(v.errs, err)
		}
	}
	return p, p.located(v.errs)
}

// located puts the file's name in front of the mistakes, in the order of their lines.
func (p *Profile) located(errs []error) error {
	line := func(err error) int {
		if e, ok := errors.AsType[*lineError](err); ok {
			return e.line
		}
		return 0
	}
	slices.SortStableFunc(errs, func(a, b error) int { return line(a) - line(b) })
	for i, err := range errs {
		sep := ":"
		if line(err) == 0 {
			sep = ": "
		}
		errs[i] = fmt.Errorf("%s%s%w", p.file, sep, err)
	}
	return errors.Join(errs...)
}

var (
	lineOf  = regexp.MustCompile(`^(?:yaml: )?line (\d+): `)
	unknown = regexp.MustCompile(`^field (\S+) not found in type \S+$`)
)

// yamlErrors gives each complaint of the YAML library its file and line.
func yamlErrors(file string, err error) error {
	texts := []string{err.Error()}
	if t, ok := errors.AsType[*yaml.TypeError](err); ok {
		texts = t.Errors
	}
	errs := make([]error, len(texts))
	for i, text := range texts {
		at := file + ": "
		if m := lineOf.FindStringSubmatch(text); m != nil {
			n, _ := strconv.Atoi(m[1]) // it matched digits
			at, text = fmt.Sprintf("%s:%d: ", file, n), text[len(m[0]):]
		}
		if m := unknown.FindStringSubmatch(text); m != nil {
			text = fmt.Sprintf("unknown key %q", m[1])
		}
		errs[i] = errors.New(at + strings.TrimPrefix(text, "yaml: "))
	}
	return errors.Join(errs...)
}
