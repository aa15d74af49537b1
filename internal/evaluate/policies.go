package evaluate

import (
	"fmt"
	"io"
)

// Policies are the policies in force.
type Policies interface {
	// Names are all names, sorted.
	Names() []string
	// Text is a policy as YAML, with the sources of its values.
	Text(name string) ([]byte, error)
}

// WritePolicies writes the policies in force with their sources: one, or all of them when name is empty, as YAML
// documents.
func WritePolicies(out io.Writer, policies Policies, name string) error {
	names := []string{name}
	if name == "" {
		names = policies.Names()
	}
	for i, name := range names {
		text, err := policies.Text(name)
		if err != nil {
			return err
		}
		if i > 0 {
			text = append([]byte("---\n"), text...)
		}
		if _, err := out.Write(text); err != nil {
			return fmt.Errorf("writing policy %s: %w", name, err)
		}
	}
	return nil
}
