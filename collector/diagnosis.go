package collector

import (
	"slices"

	"whatsapp_sla_exporter/internal/diagnosis"
)

var (
	diagnosisTable table

	diagnosisCause = diagnosisTable.gauge("whatsapp_diagnosis",
		"Whether the cause explains a failure of the account's channel now. Several may; none_found when none does.",
		"", "account", "cause")
)

var diagnoses = subject[*channels]{&diagnosisTable, buildDiagnoses}

func buildDiagnoses(b *builder, c *channels) {
	for _, d := range c.diagnoses {
		for _, cause := range diagnosis.Causes {
			b.flag(diagnosisCause, slices.Contains(d.Causes, cause), pair("account", d.Account), pair("cause", string(cause)))
		}
	}
}
