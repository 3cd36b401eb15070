package phone

import (
	"fmt"
	"strings"
)

// signature is a method's, taken apart: each type is one letter of a primitive,
// or begins with L or [.
type signature struct {
	args   []string
	result string
}

// parseSignature takes (ILjava/lang/String;[B)V apart.
func parseSignature(s string) (signature, error) {
	var parsed signature
	rest, ok := strings.CutPrefix(s, "(")
	if !ok {
		return signature{}, fmt.Errorf("signature %q has no arguments", s)
	}
	for !strings.HasPrefix(rest, ")") {
		kind, after, err := cutType(rest)
		if err != nil {
			return signature{}, fmt.Errorf("signature %q: %w", s, err)
		}
		parsed.args = append(parsed.args, kind)
		rest = after
	}
	rest = rest[1:]
	if rest == "V" {
		parsed.result = rest
		return parsed, nil
	}
	kind, after, err := cutType(rest)
	if err == nil && after != "" {
		err = fmt.Errorf("%q is left over", after)
	}
	if err != nil {
		return signature{}, fmt.Errorf("signature %q: %w", s, err)
	}
	parsed.result = kind
	return parsed, nil
}

// cutType cuts the first type off.
func cutType(s string) (kind, rest string, err error) {
	n := len(s) - len(strings.TrimLeft(s, "["))
	if n == len(s) {
		return "", "", fmt.Errorf("a type is missing")
	}
	end := n + 1
	switch {
	case s[n] == 'L':
		semicolon := strings.IndexByte(s, ';')
		if semicolon < n+2 {
			return "", "", fmt.Errorf("%q names no class", s)
		}
		end = semicolon + 1
	case !strings.ContainsRune("ZBCSIJFD", rune(s[n])):
		return "", "", fmt.Errorf("%q is no type", s[n:n+1])
	}
	return s[:end], s[end:], nil
}

// takesText reports whether a Java String can be handed in for that type.
func takesText(kind string) bool {
	switch kind {
	case "Ljava/lang/String;", "Ljava/lang/CharSequence;", "Ljava/lang/Object;":
		return true
	}
	return false
}
