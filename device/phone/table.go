package phone

import "slices"

// Kind is what a Member is.
type Kind string

// The kinds of members.
const (
	Class       Kind = "class" // alone, without a member
	Method      Kind = "method"
	Static      Kind = "static method"
	Constructor Kind = "constructor"
	Field       Kind = "static field"
	Constant    Kind = "constant" // a static final field whose value stands in the table
)

// Member is one thing of a Java class that the native layer uses.
type Member struct {
	Class     string // as the virtual machine names it: android/os/Build$VERSION
	Name      string
	Signature string // (Landroid/net/Uri;)I of a method, I of a field
	Kind      Kind
	Since     int // the API level from which it is used
	Value     any // of a Constant: a string or an int32
}

// Members are all that the native layer uses, as `make check-jni` resolves it.
func Members() []Member {
	all := make([]Member, len(table))
	for i, m := range table {
		all[i] = *m
	}
	return all
}

// table is filled while the package is initialised, by the functions below
// alone.
var table []*Member

func enter(m Member) *Member {
	table = append(table, &m)
	return &m
}

// class enters a class of which no member is used.
func class(since int, name string) *Member {
	return enter(Member{Class: name, Kind: Class, Since: since})
}

// method enters a method of an object.
func method(since int, class, name, signature string) *Member {
	return enter(Member{Class: class, Name: name, Signature: signature, Kind: Method, Since: since})
}

// function enters a static method.
func function(since int, class, name, signature string) *Member {
	return enter(Member{Class: class, Name: name, Signature: signature, Kind: Static, Since: since})
}

// constructor enters a constructor.
func constructor(since int, class, signature string) *Member {
	return enter(Member{Class: class, Name: "<init>", Signature: signature, Kind: Constructor, Since: since})
}

// field enters a static field.
func field(since int, class, name, signature string) *Member {
	return enter(Member{Class: class, Name: name, Signature: signature, Kind: Field, Since: since})
}

// text enters a constant and is its value.
func text(since int, class, name, value string) string {
	enter(Member{Class: class, Name: name, Signature: "Ljava/lang/String;", Kind: Constant, Since: since, Value: value})
	return value
}

// number enters a constant and is its value.
func number(since int, class, name string, value int32) int32 {
	enter(Member{Class: class, Name: name, Signature: "I", Kind: Constant, Since: since, Value: value})
	return value
}

// Levels are the API levels at which something of the table begins to be used.
func Levels() []int {
	var levels []int
	for _, m := range table {
		levels = append(levels, m.Since)
	}
	slices.Sort(levels)
	return slices.Compact(levels)
}

// String names a member for errors.
func (m *Member) String() string { return m.Class + "." + m.Name }
