package extract

// Refusal is what a system thinks of a name: systems that this machine is not
// are tested by it.
func Refusal(system, part string) string { return refusal(system, part) }
