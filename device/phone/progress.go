package phone

// progressWhole is what a notification's bar is divided into.
const progressWhole = 100

// progress is how far something is, for a notification's bar.
func progress(done, total int64) (part, whole int32, unknown bool) {
	if total <= 0 {
		return 0, 0, true
	}
	done = min(max(done, 0), total)
	return int32(float64(done) / float64(total) * progressWhole), progressWhole, false
}
