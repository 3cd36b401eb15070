package core

import "fmt"

// FormatBytes writes a size with one decimal and a decimal unit, as file
// managers do: 18.4 MB.
func FormatBytes(n int64) string {
	if n < 1000 {
		return fmt.Sprintf("%d B", n)
	}
	f, units := float64(n)/1000, []string{"kB", "MB", "GB", "TB", "PB", "EB"}
	i := 0
	for f >= 999.95 && i < len(units)-1 {
		f /= 1000
		i++
	}
	return fmt.Sprintf("%.1f %s", f, units[i])
}

// byteCount is a number of bytes in the data of a sentence: English as FormatBytes
// writes it, and whoever translates the sentence writes it in his own way.
type byteCount int64

// String implements fmt.Stringer.
func (n byteCount) String() string { return FormatBytes(int64(n)) }

// Bytes is the number, for translations.
func (n byteCount) Bytes() int64 { return int64(n) }
