package config

import (
	"reflect"
	"slices"
	"strings"
)

// sections are the structs of the schema.
var sections = []any{
	Config{},
	Global{},
	WhatsApp{},
	Account{},
	StatusPage{},
	QRSession{},
	Webhook{},
	Helpdesk{},
	HelpdeskWebhook{},
	Alertmanager{},
	StaticConfig{},
	FileSDConfig{},
	DNSSDConfig{},
	State{},
}

// keysOf tells which keys a section has, for the error about one it does not have. The YAML library only names
// the Go type.
func keysOf(goType string) string {
	for _, t := range sections {
		if rt := reflect.TypeOf(t); rt.String() == goType {
			return "; the keys here are " + strings.Join(yamlKeys(rt), ", ")
		}
	}
	return ""
}

func yamlKeys(t reflect.Type) []string {
	var keys []string
	for f := range t.Fields() {
		key, opts, _ := strings.Cut(f.Tag.Get("yaml"), ",")
		switch {
		case opts == "inline":
			keys = append(keys, yamlKeys(f.Type)...)
		case key != "" && key != "-":
			keys = append(keys, key)
		}
	}
	slices.Sort(keys)
	return keys
}
