// Package cli is the program without a window: the same engine, server and
// extractor as behind the window, as commands for scripts, servers and tests.
//
// Exit codes: 0 done, 1 failed, 2 wrong usage, 3 not found or gone, 4 not
// signed in, 5 damaged or refused. Ctrl-C stops cleanly and keeps what can be
// resumed.
package cli
