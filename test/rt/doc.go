// Package rt runs the client of Request Tracker, and the exporter with it, against a real RT 5 from Debian's packages: the
// conformance suite that all clients pass, what tokens and rights do, and a page from a ticket that nobody answers to
// its end when an agent does.
//
// Its tests have the build tag rt and need a server; run.sh installs, starts and stops one.
package rt
