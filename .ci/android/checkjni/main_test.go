package main

import (
	"os"
	"strings"
	"testing"

	"connectbackup/device/phone"
)

// jarsEnv names what `make check-jni` hands checkjni, separated by spaces.
const jarsEnv = "CHECK_JNI"

func libraries(t *testing.T) []*library {
	t.Helper()
	args := strings.Fields(os.Getenv(jarsEnv))
	if len(args) == 0 {
		t.Skip("needs the framework's classes: make check-jni")
	}
	all, err := open(args)
	t.Cleanup(func() {
		for _, l := range all {
			if err := l.Close(); err != nil {
				t.Error(err)
			}
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// TestEveryWrongStringFails alters each string of each member of the table, one
// at a time, and the checker must notice every one of them.
func TestEveryWrongStringFails(t *testing.T) {
	all := libraries(t)
	for _, m := range phone.Members() {
		if faults := check(all, []phone.Member{m}); len(faults) > 0 {
			t.Errorf("%s is wrong as it is: %v", m.String(), faults)
		}
		for what, wrong := range spoiled(m) {
			if faults := check(all, []phone.Member{wrong}); len(faults) == 0 {
				t.Errorf("%s with a wrong %s passes: %+v", m.String(), what, wrong)
			}
		}
	}
}

// spoiled is a member with one thing wrong.
func spoiled(m phone.Member) map[string]phone.Member {
	all := map[string]phone.Member{}
	alter := func(what string, f func(*phone.Member)) {
		wrong := m
		f(&wrong)
		all[what] = wrong
	}
	alter("class", func(w *phone.Member) { w.Class += "x" })
	alter("package", func(w *phone.Member) { w.Class = "android/nowhere/" + w.Class })
	if m.Kind == phone.Class {
		return all
	}
	alter("name", func(w *phone.Member) { w.Name += "x" })
	alter("type", func(w *phone.Member) { w.Signature = otherType(w.Signature) })
	alter("kind", func(w *phone.Member) { w.Kind = otherKind(w.Kind) })
	if m.Kind == phone.Constant {
		alter("value", func(w *phone.Member) {
			if n, ok := w.Value.(int32); ok {
				w.Value = n + 1
			} else {
				w.Value = w.Value.(string) + "x"
			}
		})
	}
	return all
}

// otherType takes another argument, or is of another type.
func otherType(signature string) string {
	if rest, ok := strings.CutPrefix(signature, "("); ok {
		return "(S" + rest
	}
	return "[" + signature
}

func otherKind(k phone.Kind) phone.Kind {
	switch k {
	case phone.Method:
		return phone.Static
	case phone.Static, phone.Constructor:
		return phone.Method
	default:
		return phone.Constructor
	}
}

func TestALevelThatIsNotGivenIsNoticed(t *testing.T) {
	l := &library{level: 24}
	if err := covers([]*library{l}, []phone.Member{{Class: "a/B", Name: "c", Since: 24}}); err != nil {
		t.Error(err)
	}
	if err := covers([]*library{l}, []phone.Member{{Class: "a/B", Name: "c", Since: 29}}); err == nil {
		t.Error("a member of API level 29 counts as looked up in the classes of 24")
	}
}

func TestAClassFileThatIsCutOffIsNoClass(t *testing.T) {
	whole := []byte{
		0xCA, 0xFE, 0xBA, 0xBE, 0, 0, 0, 52,
		0, 3, 7, 0, 2, 1, 0, 1, 'A', // constants: a class, and its name
		0, 1, 0, 1, 0, 0, // public, itself, above it nothing
		0, 0, 0, 0, 0, 0, // no interfaces, fields, methods
	}
	if c, err := readClass(whole); err != nil || c.flags != accPublic {
		t.Fatalf("%+v, %v", c, err)
	}
	for n := range whole {
		if _, err := readClass(whole[:n]); err == nil {
			t.Errorf("the first %d bytes pass for a class", n)
		}
	}
}
