package recipients

import "github.com/axiomhq/hyperloglog"

// precision makes dense sketches of 2^16 registers, one byte each.
const precision = 16

// maxEdge bounds the entries at the edge of a window that are kept one by one.
const maxEdge = 2 * listMax

// window is what was counted in the last span seconds.
type window struct {
	span, step int64
	from       int64               // what is at or after it is in base
	base       *hyperloglog.Sketch // of whole buckets that are inside for one step at least
	edge       []Entry             // of the step before from: inside until their second has come
	late       *hyperloglog.Sketch // of full buckets of that step: inside until the step is over; nil: none
}

func newWindow(span, step, now int64) window {
	return window{span: span, step: step, from: boundary(now-span, step), base: newSketch()}
}

func newSketch() *hyperloglog.Sketch { return hyperloglog.New16() }

// boundary is the first multiple of step after at.
func boundary(at, step int64) int64 { return at - at%step + step }

// due says whether more than the edge has left the window, or the clock was set back.
func (w *window) due(now int64) bool { return boundary(now-w.span, w.step) != w.from }

func (w *window) insert(e Entry) {
	switch {
	case e.At >= w.from:
		w.base.InsertHash(e.Hash)
	case e.At < w.from-w.step:
	case len(w.edge) < maxEdge:
		w.edge = append(w.edge, e)
	default:
		w.lateSketch().InsertHash(e.Hash)
	}
}

// merge adds a full bucket.
func (w *window) merge(start int64, k *hyperloglog.Sketch) error {
	switch {
	case start >= w.from:
		return w.base.Merge(k)
	case start >= w.from-w.step:
		return w.lateSketch().Merge(k)
	}
	return nil
}

func (w *window) lateSketch() *hyperloglog.Sketch {
	if w.late == nil {
		w.late = newSketch()
	}
	return w.late
}

// inside are the entries of the edge that have not left yet.
func (w *window) inside(now int64) []Entry {
	var out []Entry
	for _, e := range w.edge {
		if e.At > now-w.span {
			out = append(out, e)
		}
	}
	return out
}

// estimate is how many distinct recipients the windows have together. All sketches have the same precision, so that
// they can be merged.
func estimate(windows []*window, now int64) uint64 {
	if len(windows) == 1 && windows[0].late == nil && len(windows[0].inside(now)) == 0 {
		return windows[0].base.Estimate()
	}
	sum := newSketch()
	for _, w := range windows {
		_ = sum.Merge(w.base)
		_ = sum.Merge(w.late)
		for _, e := range w.inside(now) {
			sum.InsertHash(e.Hash)
		}
	}
	return sum.Estimate()
}
