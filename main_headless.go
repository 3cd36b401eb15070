//go:build headless

// Connect Backup without a window: the commands only. It needs no C compiler,
// X or GL to build, and none of them to run.
package main

import (
	"os"

	"connectbackup/app/cli"
)

func main() {
	os.Exit(cli.Main(os.Args[1:], cli.Standard(), nil))
}
