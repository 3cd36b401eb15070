package assets

import "embed"

//go:embed icons/*.svg
var icons embed.FS

// Icon is the SVG of the icon of that name (the file's name without its
// ending), drawn in one colour on 24 x 24. False when there is none.
func Icon(name string) ([]byte, bool) {
	b, err := icons.ReadFile("icons/" + name + ".svg")
	return b, err == nil
}

// Icons names every icon, in order.
func Icons() []string {
	entries, err := icons.ReadDir("icons")
	if err != nil { // the folder is part of the program
		panic(err)
	}
	names := make([]string, 0, len(entries))
	for _, e := range entries {
		names = append(names, e.Name()[:len(e.Name())-len(".svg")])
	}
	return names
}

// AppIcon is the app's own picture, a PNG of 512 x 512. It is drawn from
// icon.svg.
//
//go:embed icon.png
var AppIcon []byte

// NoticeIcon is the shape of Backup alone, white on nothing, a PNG of 96 x 96:
// Android shows no more of a notification's icon. It is drawn from
// icons/backup.svg.
//
//go:embed notice.png
var NoticeIcon []byte
