package device

import "strings"

// scheduledText makes a text safe for the toolkit's way on Windows: it stands
// between double quotes in a PowerShell script, which takes typographic quotes
// for quotes as well.
func scheduledText(s string) string {
	return strings.NewReplacer("“", "″", "”", "″", "„", "″").Replace(scriptText(s))
}
