package lang

import "strings"

// The spaces that no line is broken at.
const (
	nbsp  = "\u00a0"
	nnbsp = "\u202f" // a narrow one: French has it between thousands
)

// formats are how a language writes days, times and numbers in a region, after
// Unicode CLDR 48. Days and times are templates; their blanks are filled
// in write.go.
type formats struct {
	months      [12]string
	shortMonths [12]string
	weekdays    [7]string // Sunday first, as time.Weekday counts
	columns     [7]string // two letters at the head of a calendar

	day      string // 23 Nov 2026
	longDay  string // Monday, 23 November 2026
	month    string // November 2026
	dayTime  string
	first    string // how the first of a month is called; empty: 1
	clock    string
	morning  string // of the twelve hours
	evening  string
	group    string // between thousands
	grouped  int    // how many digits a number has at least that is grouped
	lakhs    bool   // above the last thousand the groups have two digits
	decimal  string
	percent  string // stands behind the number
	sizes    [5]string
	sizeMark string // between a size and its unit
}

// Clocks, as templates.
const (
	clock24     = "{{.HH}}:{{.MM}}"
	clockShort  = "{{.H}}:{{.MM}}" // without a leading zero
	clock12     = "{{.K}}:{{.MM}}" + nbsp + "{{.Half}}"
	clockCanada = "{{.HH}}" + nbsp + "h" + nbsp + "{{.MM}}"
)

var decimalSizes = [5]string{"kB", "MB", "GB", "TB", "PB"}

// formatsOf is how a language writes in a region; where it has no ways of its
// own there, or no region is known, as it does in most places.
func formatsOf(tag, region string) formats {
	switch tag {
	case "de":
		return german(region)
	case "fr":
		return french(region)
	case "es":
		return spanish(region)
	}
	return englishIn(region)
}

// in reports whether a region is one of those, which stand between spaces.
func in(region, regions string) bool {
	return region != "" && strings.Contains(" "+regions+" ", " "+region+" ")
}

// Regions in which English has the month before the day, or a day of two times
// twelve hours.
const (
	monthFirst  = "AS CA GU MH MP PH PR UM US VI"
	twelveHours = "AE AG AS AU BB BM BS CA CY DM ER FJ FM GD GH GM GU GY HK IN JM KI KN KY LC LR LS MH MO MP MW MY " +
		"NA NZ PG PH PK PR PW SB SD SG SL SS SZ TC TO TT UM US VC VG VI VU WS ZM"
)

func englishIn(region string) formats {
	f := formats{
		months: [12]string{
			"January", "February", "March", "April", "May", "June",
			"July", "August", "September", "October", "November", "December",
		},
		shortMonths: [12]string{"Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"},
		weekdays:    [7]string{"Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"},
		columns:     [7]string{"Su", "Mo", "Tu", "We", "Th", "Fr", "Sa"},
		day:         "{{.Day}} {{.ShortMonth}} {{.Year}}",
		longDay:     "{{.Weekday}}, {{.Day}} {{.Month}} {{.Year}}",
		month:       "{{.Month}} {{.Year}}",
		dayTime:     "{{.Day}} {{.Time}}",
		clock:       clock24,
		group:       ",", grouped: 4, decimal: ".", percent: "%", sizes: decimalSizes, sizeMark: " ",
	}
	if in(region, monthFirst) {
		f.day = "{{.ShortMonth}} {{.Day}}, {{.Year}}"
		f.longDay = "{{.Weekday}}, {{.Month}} {{.Day}}, {{.Year}}"
		f.dayTime = "{{.Day}}, {{.Time}}"
	}
	if in(region, twelveHours) {
		f.clock, f.morning, f.evening = clock12, "am", "pm"
	}
	switch {
	case region == "CA":
		f.morning, f.evening = "a.m.", "p.m."
	case in(region, monthFirst):
		f.morning, f.evening = "AM", "PM"
	case region == "IN":
		f.lakhs = true
	case in(region, "AT BE DE DK ES ID IT NL RO SI"): // English among people who write numbers so
		f.group, f.decimal = ".", ","
	case in(region, "CZ EE FI HU LT LV NO PL PT SE SK UA ZA"):
		f.group, f.decimal = nbsp, ","
	case region == "FR":
		f.group, f.decimal = nnbsp, ","
	case in(region, "CH LI"):
		f.group = "’"
	}
	return f
}

func german(region string) formats {
	f := formats{
		months: [12]string{
			"Januar", "Februar", "März", "April", "Mai", "Juni",
			"Juli", "August", "September", "Oktober", "November", "Dezember",
		},
		shortMonths: [12]string{"Jan.", "Feb.", "März", "Apr.", "Mai", "Juni", "Juli", "Aug.", "Sept.", "Okt.", "Nov.", "Dez."},
		weekdays:    [7]string{"Sonntag", "Montag", "Dienstag", "Mittwoch", "Donnerstag", "Freitag", "Samstag"},
		columns:     [7]string{"So", "Mo", "Di", "Mi", "Do", "Fr", "Sa"},
		day:         "{{.Day}}. {{.ShortMonth}} {{.Year}}",
		longDay:     "{{.Weekday}}, {{.Day}}. {{.Month}} {{.Year}}",
		month:       "{{.Month}} {{.Year}}",
		dayTime:     "{{.Day}}, {{.Time}}",
		clock:       clock24,
		group:       ".", grouped: 4, decimal: ",", percent: nbsp + "%", sizes: decimalSizes, sizeMark: " ",
	}
	switch {
	case region == "AT":
		f.months[0], f.shortMonths[0] = "Jänner", "Jän."
		f.shortMonths[8] = "Sep."
		f.group = nbsp
	case in(region, "CH LI"):
		f.group, f.decimal, f.percent = "’", ".", "%"
	}
	return f
}

func french(region string) formats {
	f := formats{
		months: [12]string{
			"janvier", "février", "mars", "avril", "mai", "juin",
			"juillet", "août", "septembre", "octobre", "novembre", "décembre",
		},
		shortMonths: [12]string{"janv.", "févr.", "mars", "avr.", "mai", "juin", "juil.", "août", "sept.", "oct.", "nov.", "déc."},
		weekdays:    [7]string{"dimanche", "lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi"},
		columns:     [7]string{"di", "lu", "ma", "me", "je", "ve", "sa"},
		day:         "{{.Day}} {{.ShortMonth}} {{.Year}}",
		longDay:     "{{.Weekday}} {{.Day}} {{.Month}} {{.Year}}",
		month:       "{{.Month}} {{.Year}}",
		dayTime:     "{{.Day}}, {{.Time}}",
		first:       "1er",
		clock:       clock24,
		group:       nnbsp, grouped: 4, decimal: ",", percent: nbsp + "%",
		sizes: [5]string{"ko", "Mo", "Go", "To", "Po"}, sizeMark: nbsp,
	}
	switch {
	case region == "CA":
		f.shortMonths[6] = "juill."
		f.clock, f.group = clockCanada, nbsp
	case region == "CH":
		f.percent = "%"
	case in(region, "LU MA"):
		f.group = "."
	}
	return f
}

// Regions in which Spanish writes numbers with a point between thousands, or
// has a day of two times twelve hours.
const (
	spanishPoints = "AR BO CL CO EC PY UY VE"
	spanishHalves = "AR BO CL CO CR CU DO EC GT HN MX NI PA PE PH PR PY SV US UY VE"
)

func spanish(region string) formats {
	f := formats{
		months: [12]string{
			"enero", "febrero", "marzo", "abril", "mayo", "junio",
			"julio", "agosto", "septiembre", "octubre", "noviembre", "diciembre",
		},
		shortMonths: [12]string{"ene", "feb", "mar", "abr", "may", "jun", "jul", "ago", "sept", "oct", "nov", "dic"},
		weekdays:    [7]string{"domingo", "lunes", "martes", "miércoles", "jueves", "viernes", "sábado"},
		columns:     [7]string{"do", "lu", "ma", "mi", "ju", "vi", "sá"},
		day:         "{{.Day}} {{.ShortMonth}} {{.Year}}",
		longDay:     "{{.Weekday}}, {{.Day}} de {{.Month}} de {{.Year}}",
		month:       "{{.Month}} de {{.Year}}",
		dayTime:     "{{.Day}}, {{.Time}}",
		clock:       clockShort,
		group:       ".", grouped: 5, decimal: ",", percent: nbsp + "%", sizes: decimalSizes, sizeMark: " ",
	}
	if !in(region, spanishHalves) { // Spain, and Equatorial Guinea as Spain
		return f
	}
	f.shortMonths[8] = "sep"
	f.clock, f.morning, f.evening = clock12, "a."+nbsp+"m.", "p."+nbsp+"m."
	f.grouped, f.percent = 4, "%"
	switch {
	case in(region, spanishPoints):
	case region == "CR":
		f.group = nbsp
	default:
		f.group, f.decimal = ",", "."
	}
	if in(region, "CU MX US") {
		f.morning, f.evening = "a.m.", "p.m."
	}
	return f
}
