package phone

// Row is a file in the phone's public Downloads, as MediaStore lists it. An app
// is shown its own files alone.
type Row struct {
	URI    string // content://…
	Name   string
	Folder string // Download/ or below: Download/archive/
	Size   int64
}

// Notice is a notification as Android shows it.
type Notice struct {
	Tag         string // one of the same tag takes its place
	Title, Text string
	Icon        []byte // a PNG; its opacity alone counts
	Colour      int32  // of the icon's ground, 0xAARRGGBB
	Opens       Handed // what a tap opens; none: the app itself
	Quiet       bool   // shows progress: no sound, stays while it lasts
	Done, Total int64  // of a quiet one; a Total of 0 or less: nobody knows
}

// Handed is what another app is handed.
type Handed struct{ URI, Mime string }

// Channel is the kind of a notification, under which people find it in the
// system's settings.
type Channel struct{ ID, Name string }
