// Package tickets keeps the open tickets of one helpdesk evaluated against their policies: it takes what a poll
// brought, assigns policy and severity, runs the clock, counts each outcome once, and publishes an immutable
// snapshot that collectors and the sidecar read.
package tickets
