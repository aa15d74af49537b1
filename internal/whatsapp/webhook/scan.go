package webhook

import (
	"bytes"
	"encoding/json"
)

// scanner walks over JSON that json.Valid has accepted. It looks at each byte once and allocates nothing, because
// status updates come by the thousand; on anything that is not as expected it skips the value.
type scanner struct {
	b []byte
	i int
}

func (s *scanner) peek() byte {
	for s.i < len(s.b) {
		switch c := s.b[s.i]; c {
		case ' ', '\t', '\n', '\r':
			s.i++
		default:
			return c
		}
	}
	return 0
}

// open enters an object or array that begins with the given byte, and says whether it has an element. Any other
// value is skipped.
func (s *scanner) open(c byte) bool {
	if s.peek() != c {
		s.skip()
		return false
	}
	s.i++
	if s.peek() == c+2 { // in ASCII a closing bracket comes two after its opening one
		s.i++
		return false
	}
	return s.i < len(s.b)
}

// more steps over a comma, or out of the object or array.
func (s *scanner) more() bool {
	more := s.peek() == ','
	s.i++
	return more && s.i < len(s.b)
}

// key reads the key of an object's element and stops before its value.
func (s *scanner) key() []byte {
	s.peek()
	k := s.quoted()
	s.peek()
	s.i++
	return k
}

// quoted reads a string.
func (s *scanner) quoted() []byte {
	start := s.i
	if !s.skipString() {
		return s.unescaped(start)
	}
	return s.b[start+1 : s.i-1]
}

func (s *scanner) unescaped(start int) []byte {
	var out string
	if json.Unmarshal(s.b[start:min(s.i, len(s.b))], &out) != nil {
		return nil
	}
	return []byte(out)
}

// skipString steps over a string, and says whether it stands for itself.
func (s *scanner) skipString() (plain bool) {
	plain = true
	s.i++
	for s.i < len(s.b) {
		n := bytes.IndexByte(s.b[s.i:], '"')
		if n < 0 {
			break
		}
		end := s.i + n
		if plain = plain && bytes.IndexByte(s.b[s.i:end], '\\') < 0; plain || !s.escaped(end) {
			s.i = end + 1
			return plain
		}
		s.i = end + 1
	}
	s.i = len(s.b)
	return false
}

// escaped says whether an odd number of backslashes stands before i.
func (s *scanner) escaped(i int) bool {
	n := 0
	for i-n > 0 && s.b[i-n-1] == '\\' {
		n++
	}
	return n%2 == 1
}

// text reads a string, or the digits of what should have been one: ids come as numbers too, and never pass through a
// float. Of anything else it is nil.
func (s *scanner) text() []byte {
	switch c := s.peek(); {
	case c == '"':
		return s.quoted()
	case c == '-' || c >= '0' && c <= '9':
		start := s.i
		s.skip()
		return s.b[start:s.i]
	}
	s.skip()
	return nil
}

// skip steps over a value.
func (s *scanner) skip() {
	switch s.peek() {
	case '"':
		s.skipString()
	case '{', '[':
		s.skipNested()
	default:
		if n := bytes.IndexAny(s.b[min(s.i, len(s.b)):], ",]} \t\r\n"); n >= 0 {
			s.i += n
		} else {
			s.i = len(s.b)
		}
	}
}

func (s *scanner) skipNested() {
	for depth := 0; s.i < len(s.b); {
		switch s.b[s.i] {
		case '"':
			s.skipString()
			continue
		case '{', '[':
			depth++
		case '}', ']':
			depth--
		}
		s.i++
		if depth == 0 {
			return
		}
	}
}
