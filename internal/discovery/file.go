package discovery

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/prometheus/common/model"
	"go.yaml.in/yaml/v3"
)

// longestLook is how long a change of a file may go unseen. The files are small, and reading them works where
// watching does not: over the network and through the symbolic links of a mounted ConfigMap.
const longestLook = 5 * time.Second

const filepathLabel = model.MetaLabelPrefix + "filepath"

// Files finds targets in files of groups.
type Files struct {
	Patterns        []string // paths, with wildcards of filepath.Match
	RefreshInterval time.Duration
}

func (f *Files) mechanism() string       { return "file" }
func (f *Files) key() string             { return fmt.Sprintf("file %q", f.Patterns) }
func (f *Files) interval() time.Duration { return min(f.RefreshInterval, longestLook) }

// look reads all files. One that cannot be read, or is in the middle of being written, keeps its targets; one
// that is gone loses them, unless all are gone.
func (f *Files) look(_ context.Context, known found) (found, error) {
	now := make(found)
	var errs []error
	for _, pattern := range f.Patterns {
		paths, err := filepath.Glob(pattern)
		errs = append(errs, err)
		for _, path := range paths {
			targets, err := readFile(path)
			if err != nil {
				errs = append(errs, err)
				targets = known[path]
			}
			now[path] = targets
		}
	}
	if len(now) == 0 {
		return known, errors.Join(append(errs, fmt.Errorf("no file is there: %s", strings.Join(f.Patterns, ", ")))...)
	}
	return now, errors.Join(errs...)
}

func readFile(path string) ([]model.LabelSet, error) {
	content, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("reading targets: %w", err)
	}
	groups, err := decode(content, strings.EqualFold(filepath.Ext(path), ".json"))
	if err != nil {
		return nil, fmt.Errorf("reading targets from %s: %w", path, err)
	}
	var out []model.LabelSet
	for _, g := range groups {
		out = append(out, g.targets(model.LabelSet{filepathLabel: model.LabelValue(path)})...)
	}
	return out, nil
}

// decode reads a list of groups. As Prometheus does, it refuses what it does not know. A file without a list is
// half written: only an empty list means that there is nobody.
func decode(content []byte, isJSON bool) ([]Group, error) {
	var groups []*Group
	var err error
	if isJSON {
		d := json.NewDecoder(bytes.NewReader(content))
		d.DisallowUnknownFields()
		if err = d.Decode(&groups); err == nil && d.More() {
			err = errors.New("more than one value")
		}
	} else {
		d := yaml.NewDecoder(bytes.NewReader(content))
		d.KnownFields(true)
		err = d.Decode(&groups)
	}
	switch {
	case errors.Is(err, io.EOF):
		return nil, errors.New("the file is empty: nobody would be [], a list without groups")
	case err != nil:
		return nil, err
	case groups == nil:
		return nil, errors.New("want a list of groups with targets and labels")
	}
	out := make([]Group, len(groups))
	for i, g := range groups {
		if g == nil {
			return nil, fmt.Errorf("group %d is empty", i+1)
		}
		out[i] = *g
	}
	return out, nil
}
