package widgets

// Tone is how a message is meant; it decides colour and icon together.
type Tone int

// The tones of a message or chip.
const (
	Neutral Tone = iota // grey
	Good                // green, tick
	Waiting             // yellow, clock
	Bad                 // red, cross
	Info                // the accent
	Outline             // no fill, a thin border
)

// Toast is a short message at the bottom of the window.
type Toast struct {
	Text   string
	Tone   Tone
	Action string // label of the button; none when empty
	OnTap  func() // what Action does
}
