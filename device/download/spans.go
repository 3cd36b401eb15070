package download

// span is a run of bytes, from From up to, not including, To.
type span struct{ From, To int64 }

// spans are runs of bytes in order, which neither touch nor overlap.
type spans []span

// add puts a run in, and joins it with what it touches.
func (s spans) add(from, to int64) spans {
	if from >= to {
		return s
	}
	// The usual case of one connection: the run goes on where the last ended.
	if n := len(s); n > 0 && s[n-1].To == from {
		s[n-1].To = to
		return s
	}
	out := make(spans, 0, len(s)+1)
	placed := false
	for _, old := range s {
		switch {
		case old.To < from:
			out = append(out, old)
		case old.From > to:
			if !placed {
				out, placed = append(out, span{from, to}), true
			}
			out = append(out, old)
		default:
			from, to = min(from, old.From), max(to, old.To)
		}
	}
	if !placed {
		out = append(out, span{from, to})
	}
	return out
}

// front is how many bytes there are from 0 without a gap.
func (s spans) front() int64 {
	if len(s) == 0 || s[0].From > 0 {
		return 0
	}
	return s[0].To
}

// sum is how many bytes there are in all.
func (s spans) sum() int64 {
	var n int64
	for _, r := range s {
		n += r.To - r.From
	}
	return n
}

// end is where the last run ends.
func (s spans) end() int64 {
	if len(s) == 0 {
		return 0
	}
	return s[len(s)-1].To
}

// clip drops everything from size on.
func (s spans) clip(size int64) spans {
	out := make(spans, 0, len(s))
	for _, r := range s {
		if r.From < size {
			out = append(out, span{r.From, min(r.To, size)})
		}
	}
	return out
}

// valid says whether the runs are in order, apart, not empty, and within size
// (-1: any).
func (s spans) valid(size int64) bool {
	last := int64(-1)
	for _, r := range s {
		if r.From <= last || r.From < 0 || r.To <= r.From || (size >= 0 && r.To > size) {
			return false
		}
		last = r.To
	}
	return true
}
