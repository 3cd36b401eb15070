//go:build !windows

package device

// scheduledText is the text as the system is handed it.
func scheduledText(s string) string { return plainText(s) }
