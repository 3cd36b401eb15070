//go:build !headless

// Connect Backup opens its window, or runs one of its commands.
package main

import (
	"os"

	"connectbackup/app"
	"connectbackup/app/cli"
)

func main() {
	os.Exit(cli.Main(os.Args[1:], cli.Standard(), app.Run))
}
