package manifest

import (
	"strings"
)

// NameMax is the longest name of an archive, in bytes.
const NameMax = 120

// ArchiveName is <org>_<title>_<from>_<till>_<short id>.zip, in lower-case
// ASCII, at most NameMax bytes. Latin letters lose their accents, other
// scripts are left out; a part of which nothing remains is called
// "organisation", "backup", "undated" or "0". The underscore only ever
// separates the parts. No system has such a name reserved.
func ArchiveName(org, title, from, till, shortID string) string {
	from, till = part(from, 10, "undated"), part(till, 10, "undated")
	shortID = part(shortID, 26, "0")
	room := NameMax - len(from) - len(till) - len(shortID) - len("____.zip")
	org = part(org, room/2, "organisation")
	title = part(title, room-len(org), "backup")
	return org + "_" + title + "_" + from + "_" + till + "_" + shortID + ".zip"
}

// part is the slug of one part: letters, digits, and single hyphens between.
func part(s string, longest int, otherwise string) string {
	var b strings.Builder
	gap := false
	for _, r := range s {
		text, joins := letter(r)
		switch {
		case text == "" && joins:
			continue
		case text == "":
			gap = b.Len() > 0
			continue
		}
		if gap {
			text = "-" + text
		}
		if b.Len()+len(text) > longest {
			break
		}
		gap = false
		b.WriteString(text)
	}
	if b.Len() == 0 {
		return otherwise
	}
	return b.String()
}

// letter is what r becomes in a name. joins says that a rune without a letter
// of its own does not part a word either: a combining accent, an apostrophe.
func letter(r rune) (text string, joins bool) {
	switch {
	case r >= 'a' && r <= 'z', r >= '0' && r <= '9':
		return string(r), false
	case r >= 'A' && r <= 'Z':
		return string(r + 'a' - 'A'), false
	case r >= 0x300 && r <= 0x36f, r == '\'', r == '’':
		return "", true
	}
	return latin[r], false
}

// latin maps accented Latin letters to plain ones.
var latin = func() map[rune]string {
	m := map[rune]string{}
	for _, line := range []string{
		"a ÀÁÂÃÄÅĀĂĄǍẠẢẤẦẨẪẬẮẰẲẴẶàáâãäåāăąǎạảấầẩẫậắằẳẵặª", "ae Ææ", "b Ḃḃ", "c ÇĆĈĊČçćĉċč",
		"d ÐĎĐḌðďđḍ", "e ÈÉÊËĒĔĖĘĚẸẺẼẾỀỂỄỆèéêëēĕėęěẹẻẽếềểễệ", "f Ḟḟ", "g ĜĞĠĢǦĝğġģǧ",
		"h ĤĦḤĥħḥ", "i ÌÍÎÏĨĪĬĮİǏỈỊìíîïĩīĭįıǐỉị", "ij Ĳĳ", "j Ĵĵ", "k Ķķĸ", "l ĹĻĽĿŁĺļľŀł", "m Ṁṁ",
		"n ÑŃŅŇŊṆñńņňŉŋṇ", "o ÒÓÔÕÖØŌŎŐƠǑỌỎỐỒỔỖỘỚỜỞỠỢòóôõöøōŏőơǒọỏốồổỗộớờởỡợº", "oe Œœ", "p Ṗṗ",
		"r ŔŖŘŕŗř", "s ŚŜŞŠȘṢśŝşšșṣſ", "ss ẞß", "t ŢŤŦȚṬţťŧțṭ", "th Þþ",
		"u ÙÚÛÜŨŪŬŮŰŲƯǓỤỦỨỪỬỮỰùúûüũūŭůűųưǔụủứừửữự", "w ŴẀẂẄŵẁẃẅ", "y ÝŶŸỲỴỶỸýŷÿỳỵỷỹ", "z ŹŻŽẒźżžẓ",
	} {
		plain, accented, _ := strings.Cut(line, " ")
		for _, r := range accented {
			m[r] = plain
		}
	}
	return m
}()
