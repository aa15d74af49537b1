package evolution

import (
	"strings"

	"whatsapp_sla_exporter/internal/loose"
	"whatsapp_sla_exporter/internal/qr"
)

// record is the gateway's record of an instance, as far as it is read. Of the owner only that there is one.
type record struct {
	Name   loose.Text `json:"name"`
	Status loose.Text `json:"connectionStatus"`
	// Reason is why the connection was closed the last time that it was closed for good. It is not cleared when
	// the instance is linked again, so it counts only while Status is close.
	Reason loose.Value[int] `json:"disconnectionReasonCode"`
	Owner  loose.Presence   `json:"ownerJid"`
}

// The recorded status: Evolution API 2.3 writes "open" once connected, "connecting" when it shows a QR code (not
// when it merely reconnects), and "close" when it gives up. Source: its connection handling.
const (
	showsQR = "connecting"
	gaveUp  = "close"
)

func (r record) status() string { return strings.ToLower(string(r.Status)) }

// connecting is the state of an instance whose connection is being made.
func (r record) connecting() qr.State {
	if r.status() == showsQR {
		return qr.ScanQR
	}
	return qr.Connecting
}

// closed is the state of an instance whose connection is closed.
func (r record) closed() qr.State {
	switch {
	case r.status() == showsQR: // and nobody scanned it
		return qr.LoggedOut
	case r.status() != gaveUp:
		return qr.Disconnected
	}
	switch r.Reason.V {
	case 401: // the phone's owner or WhatsApp removed the linked device
		return qr.LoggedOut
	case 402, 403, 406: // temporarily banned, locked, banned
		return qr.Blocked
	}
	if r.Owner.Told && !r.Owner.Set {
		return qr.LoggedOut // never linked
	}
	return qr.Disconnected
}
