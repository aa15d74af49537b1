package alerts

import (
	"fmt"

	"go.yaml.in/yaml/v3"
)

// Rehearsal returns the shipped Alertmanager configuration with a webhook in the place of every receiver, so that
// routes and inhibitions can be seen at work without a pager. What arrives at url is Alertmanager's own JSON; its
// field receiver names the receiver that it was meant for.
func Rehearsal(url string) ([]byte, error) {
	shipped, err := Files.ReadFile("alertmanager.yml")
	if err != nil {
		return nil, err
	}
	var c map[string]any
	if err := yaml.Unmarshal(shipped, &c); err != nil {
		return nil, fmt.Errorf("reading the shipped alertmanager.yml: %w", err)
	}
	delete(c, "global")
	delete(c, "templates")
	receivers, ok := c["receivers"].([]any)
	if !ok {
		return nil, fmt.Errorf("the shipped alertmanager.yml has no receivers")
	}
	for i, r := range receivers {
		named, _ := r.(map[string]any)
		receivers[i] = map[string]any{
			"name":            named["name"],
			"webhook_configs": []any{map[string]any{"url": url, "send_resolved": true}},
		}
	}
	return yaml.Marshal(c)
}
