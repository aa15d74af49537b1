// Package qr holds the model of WhatsApp sessions that somebody linked by scanning a QR code, as gateways to the
// WhatsApp Web protocol keep them. The packages below it are the clients, one per gateway. Such sessions have no
// quality rating and no limit: what there is to know is whether they are connected, and whether a person must act.
package qr

import (
	"fmt"
	"net/url"
	"time"
)

// State is what a gateway says of a session.
type State string

// The states, as labels carry them.
const (
	Connected  State = "connected"  // linked and online: messages pass
	Connecting State = "connecting" // on its way to be connected, without anybody's help
	ScanQR     State = "scan_qr"    // shows a QR code that somebody must scan
	LoggedOut  State = "logged_out" // not linked, and shows no QR code: somebody must start the login, then scan
	// Blocked is refused by WhatsApp: the account is banned, for a time or for good, or locked.
	Blocked      State = "blocked"
	Disconnected State = "disconnected" // linked, offline, and the gateway does not say why
	Stopped      State = "stopped"      // switched off in the gateway
	Failed       State = "failed"       // the gateway gave up: it wants a restart, and perhaps a new login
	Unknown      State = "unknown"      // the gateway said nothing, or something that no list has
)

// States lists all states.
var States = []State{Connected, Connecting, ScanQR, LoggedOut, Blocked, Disconnected, Stopped, Failed, Unknown}

// Session is one session as it was last read: immutable once published. It holds nothing of whose account it is.
type Session struct {
	Name    string    // as configured: the session label
	Gateway string    // waha, evolution, gowa: the gateway label
	ReadAt  time.Time // of the last good read
	State   State

	// ChangedAt is when the present state was first seen. Set by Tracker, not by a gateway's client.
	ChangedAt time.Time
	// Disconnects is how often the session was seen connected and then not, over restarts. Set by Tracker.
	Disconnects uint64

	// UnknownStates counts states that no list has, since the client started.
	UnknownStates uint64
}

// Connected says whether messages pass; known is false where the gateway did not say.
func (s *Session) Connected() (connected, known bool) {
	return s.State == Connected, s.State != Unknown
}

// NeedsScan says whether a person with the phone must link the session again.
func (s *Session) NeedsScan() bool { return s.State == ScanQR || s.State == LoggedOut }

// Segment makes a session's name in a gateway fit to be one segment of a URL path.
func Segment(name string) (string, error) {
	if name == "" || name == "." || name == ".." {
		return "", fmt.Errorf("session %q: want the name of a session in the gateway", name)
	}
	return url.PathEscape(name), nil
}
