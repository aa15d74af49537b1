package qr

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestWhatAStateMeans(t *testing.T) {
	type meaning struct{ Connected, Known, NeedsScan bool }
	got := map[State]meaning{}
	for _, s := range States {
		v := Session{State: s}
		connected, known := v.Connected()
		got[s] = meaning{connected, known, v.NeedsScan()}
	}
	want := map[State]meaning{
		Connected:    {Connected: true, Known: true},
		Connecting:   {Known: true},
		ScanQR:       {Known: true, NeedsScan: true},
		LoggedOut:    {Known: true, NeedsScan: true},
		Blocked:      {Known: true},
		Disconnected: {Known: true},
		Stopped:      {Known: true},
		Failed:       {Known: true},
		Unknown:      {},
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
}

func TestSegment(t *testing.T) {
	for name, want := range map[string]string{"default": "default", "a/b": "a%2Fb", "ä b?": "%C3%A4%20b%3F", "..": "", ".": "", "": ""} {
		got, err := Segment(name)
		if got != want || (err != nil) != (want == "") {
			t.Errorf("%q gives %q, %v", name, got, err)
		}
	}
}
