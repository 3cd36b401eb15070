// Package widgets holds the parts that screens are made of, and the theme they
// are drawn in. A widget knows nothing of backups, servers or files: it is
// given words, numbers and callbacks.
package widgets
