//go:build !race

package zendesk

// manyTickets is what the cost is measured with.
const manyTickets = 10_000
