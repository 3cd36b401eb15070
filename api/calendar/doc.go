// Package calendar counts days the way an organisation does: civil days in its
// own time zone, inclusive ranges, and months that are clamped to the last day
// of a shorter month. It also folds text for searching.
//
// A day is never computed by adding 24 hours: days in which a clock changes
// have 23 or 25.
package calendar
