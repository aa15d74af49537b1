// Package declarative reads a helpdesk that a profile describes: a YAML file with its requests, its paging, its
// limits, and a jq mapping of its rows to the ticket model. Profiles of HubSpot, ServiceNow, Zoho Desk, Front and
// GLPI are part of the package; a team writes one for its own ticket system.
//
// A profile has three lists. changes is what is read with every poll: rows that changed since a watermark, oldest
// or newest first. open is all open tickets. lookup is single tickets by id. Rows may be joined with those of other
// lists; a join that costs a call per ticket is cached, and bounded per pass. What rows of the changes carry, or one list
// has for many tickets, is added to what is known, and a ticket is read only when that leaves something out.
//
// The jq of a profile can only compute: it reads no file, no environment, no clock and no other input, and it is
// stopped when it takes too long or makes too much.
package declarative
