package api

import (
	"strings"

	"golang.org/x/text/language"
	"golang.org/x/text/message"
	"golang.org/x/text/number"
)

// DecimalComma reports whether numbers are written with a decimal comma where
// a locale (BCP 47) is used, by Unicode's locale data. There Excel takes the
// semicolon for the separator of a list, and so does ProfileExcel.
func DecimalComma(locale string) bool {
	tag, err := language.Parse(locale)
	if err != nil {
		return false
	}
	return strings.Contains(message.NewPrinter(tag).Sprint(number.Decimal(0.5)), ",")
}
