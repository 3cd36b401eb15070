package main

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
)

// entry is one of a property list's; value is XML.
type entry struct{ key, value string }

// span is where an entry's value stands.
type span struct{ from, to int64 }

// edit sets entries of the outermost dictionary. All else stays as it is.
func edit(plist []byte, entries []entry) ([]byte, error) {
	if bytes.HasPrefix(plist, []byte("bplist")) {
		return nil, errors.New("the property list is binary: 'plutil -convert xml1' makes it XML")
	}
	for _, e := range entries {
		found, end, err := look(plist)
		if err != nil {
			return nil, fmt.Errorf("read the property list: %w", err)
		}
		at, ok := found[e.key]
		text := e.value
		if !ok {
			at, text = span{end, end}, "\t<key>"+e.key+"</key>\n\t"+e.value+"\n"
		}
		plist = append(append(append([]byte{}, plist[:at.from]...), text...), plist[at.to:]...)
	}
	_, _, err := look(plist)
	return plist, err
}

// look finds the entries of the outermost dictionary, and where it ends.
func look(plist []byte) (found map[string]span, end int64, err error) {
	d := xml.NewDecoder(bytes.NewReader(plist))
	found = map[string]span{}
	key, depth, closed := "", 0, false
	for {
		before := d.InputOffset()
		t, err := d.Token()
		if errors.Is(err, io.EOF) && closed {
			return found, end, nil
		}
		if err != nil {
			return nil, 0, err
		}
		switch t := t.(type) {
		case xml.StartElement:
			depth++
			if root := [...]string{"plist", "dict"}; depth <= 2 && (t.Name.Local != root[depth-1] || closed) {
				return nil, 0, fmt.Errorf("%s where a %s must be", t.Name.Local, root[depth-1])
			}
			if depth != 3 {
				break
			}
			depth--
			if key, err = entryOf(d, t, before, key, found); err != nil {
				return nil, 0, err
			}
		case xml.EndElement:
			if depth == 2 {
				end, closed = before, true
			}
			depth--
		}
	}
}

// entryOf reads a key of the dictionary, or a key's value.
func entryOf(d *xml.Decoder, t xml.StartElement, from int64, key string, found map[string]span) (string, error) {
	if t.Name.Local == "key" {
		var next string
		err := d.DecodeElement(&next, &t)
		if _, twice := found[next]; err == nil && (key != "" || next == "" || twice) {
			err = fmt.Errorf("key %q after key %q", next, key)
		}
		return next, err
	}
	if key == "" {
		return "", fmt.Errorf("%s without a key", t.Name.Local)
	}
	err := d.Skip()
	found[key] = span{from, d.InputOffset()}
	return "", err
}
