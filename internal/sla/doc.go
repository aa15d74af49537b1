// Package sla runs the clock of service level agreements: which promises a policy makes on a ticket, and the
// instants at which each of them is about to be broken, or is. It is pure: no I/O, and it never asks what time
// it is. What it returns are plain instants, so that everybody else only compares them with now.
//
// Read it in this order: [Ticket] and [Policy] go in, [Instants] come out, [Clock] is in between, and [Calendar]
// tells the clock which seconds count.
package sla
