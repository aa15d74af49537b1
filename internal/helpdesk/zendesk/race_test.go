//go:build race

package zendesk

// manyTickets is what the cost is measured with. Calls are per hundred tickets, and the race detector makes each
// ticket ten times as dear.
const manyTickets = 2_000
