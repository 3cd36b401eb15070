//go:build !headless

// Connect Backup opens its window, or runs one of its commands.
package main

import (
	"os"

	"connectbackup/app"
	"connectbackup/app/cli"
)

func main() {
	streams := cli.Standard()
	streams.Say = app.Say
	os.Exit(cli.Main(os.Args[1:], streams, app.Run))
}
