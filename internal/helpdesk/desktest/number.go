package desktest

import "strconv"

// OnNumber turns what a simulator does with a ticket by its number into what the conformance suite asks for by its id.
func OnNumber(do func(number int64) error) func(id string) error {
	return func(id string) error {
		n, err := strconv.ParseInt(id, 10, 64)
		if err != nil {
			return err
		}
		return do(n)
	}
}

// OnNumbers is OnNumber for what takes two tickets, like a merge.
func OnNumbers(do func(number, other int64) error) func(id, other string) error {
	return func(id, other string) error {
		return OnNumber(func(n int64) error {
			return OnNumber(func(m int64) error { return do(n, m) })(other)
		})(id)
	}
}

// ID is the id of the ticket with a number.
func ID(number int64) string { return strconv.FormatInt(number, 10) }
