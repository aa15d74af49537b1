// Package evaluate is the evaluate command: tickets as NDJSON in, the state and the instants of each of their
// targets as NDJSON out. It is how anybody checks what the exporter would say of a ticket, without a helpdesk.
package evaluate

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"time"

	"whatsapp_sla_exporter/config"
	"whatsapp_sla_exporter/internal/sla"
)

// Clocks finds the clock of a policy at a place.
type Clocks interface {
	Clock(policy string, at config.Place) (*sla.Clock, error)
}

// Options say what tickets are evaluated against.
type Options struct {
	// At is the instant that states are told for.
	At time.Time
	// Clocks are the policies in force.
	Clocks Clocks
	// Place stands in for what a ticket does not say of country, region and time zone.
	Place config.Place
}

// maxLine bounds a line. One ticket with a thousand pauses takes a tenth of it.
const maxLine = 1 << 20

// Run reads one ticket a line and writes one line for each; empty lines are skipped. A line that is no good gives
// its id, where that can be read, and the error, and the next line is read all the same; at the end there is
// an error then that counts them.
func Run(in io.Reader, out io.Writer, o Options) error {
	reader := bufio.NewReaderSize(in, 64<<10)
	writer := bufio.NewWriter(out)
	encoder := json.NewEncoder(writer)
	encoder.SetEscapeHTML(false)
	lines, bad := 0, 0
	for number := 1; ; number++ {
		line, tooLong, err := readLine(reader)
		if len(line) > 0 {
			lines++
			answer, failed := o.answer(line, number, tooLong)
			if failed {
				bad++
			}
			if err := encoder.Encode(answer); err != nil {
				return fmt.Errorf("writing the result of line %d: %w", number, err)
			}
		}
		if err != nil || reader.Buffered() == 0 {
			if err := writer.Flush(); err != nil {
				return fmt.Errorf("writing the result of line %d: %w", number, err)
			}
		}
		if err == nil {
			continue
		}
		if !errors.Is(err, io.EOF) {
			return fmt.Errorf("reading line %d: %w", number, err)
		}
		if bad > 0 {
			return fmt.Errorf("%d of %d lines could not be evaluated", bad, lines)
		}
		return nil
	}
}

// readLine reads a line without the white space around it. Of one that is too long it gives the beginning.
func readLine(r *bufio.Reader) (line []byte, tooLong bool, err error) {
	for {
		part, err := r.ReadSlice('\n')
		if room := maxLine - len(line); len(part) > room {
			part, tooLong = part[:room], true
		}
		line = append(line, part...)
		if !errors.Is(err, bufio.ErrBufferFull) {
			return bytes.TrimSpace(line), tooLong, err
		}
	}
}

// failure is what is written for a line that is no good.
type failure struct {
	ID    string `json:"id"`
	Error string `json:"error"`
}

// answer is what is written for a line: an output, or a failure.
func (o *Options) answer(line []byte, number int, tooLong bool) (answer any, failed bool) {
	if tooLong {
		return failure{ID: idOf(line), Error: fmt.Sprintf("line %d: longer than %d bytes", number, maxLine)}, true
	}
	in, err := decode(line)
	if err == nil {
		var result *output
		if result, err = o.evaluate(in); err == nil {
			return result, false
		}
	}
	return failure{ID: idOf(line), Error: fmt.Sprintf("line %d: %v", number, err)}, true
}

// evaluate runs one ticket.
func (o *Options) evaluate(in *input) (*output, error) {
	clock, err := o.Clocks.Clock(in.Policy, in.Place.Or(o.Place))
	if err != nil {
		return nil, err
	}
	ticket := in.ticket()
	coverage, targets := clock.Evaluate(nil, ticket)
	result := &output{
		ID: in.ID, Policy: in.Policy, Severity: coverage.Severity,
		Covered: coverage.Covered(), Reason: coverage.Reason, Targets: []target{},
	}
	for i := range targets {
		result.Targets = append(result.Targets, tell(clock, ticket, &targets[i], o.At))
	}
	return result, nil
}
