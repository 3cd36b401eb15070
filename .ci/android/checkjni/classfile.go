package main

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"
)

// What the specification of the Java virtual machine (chapter 4) calls them.
const (
	accPublic = 0x0001
	accStatic = 0x0008
	accFinal  = 0x0010
)

// class is what a class file says of itself.
type class struct {
	flags   uint16
	super   string
	above   []string // interfaces
	fields  []member
	methods []member
}

// member is a field or a method of a class.
type member struct {
	flags           uint16
	name, signature string
	value           any // of a constant: string or int32
}

// reader reads big-endian numbers; after the end of b it goes on with zeros,
// and remembers.
type reader struct {
	b     []byte
	short bool
}

func (r *reader) bytes(n int) []byte {
	if n > len(r.b) {
		r.short = true
		return make([]byte, min(n, 8))
	}
	b := r.b[:n]
	r.b = r.b[n:]
	return b
}

func (r *reader) u1() int { return int(r.bytes(1)[0]) }
func (r *reader) u2() int { return int(binary.BigEndian.Uint16(r.bytes(2))) }
func (r *reader) u4() int { return int(binary.BigEndian.Uint32(r.bytes(4))) }

// pool is the constants of a class file: string (text), int32, ref (to a text),
// or nil for what nobody asks for here.
type pool []any

type ref int

var errCut = errors.New("the class file is cut off")

func readClass(b []byte) (class, error) {
	r := &reader{b: b}
	if r.u4() != 0xCAFEBABE {
		return class{}, errors.New("this is no class file")
	}
	r.bytes(4) // its version
	p, err := readPool(r)
	if err != nil {
		return class{}, err
	}
	c := class{flags: uint16(r.u2())}
	r.u2() // its own name
	c.super = p.text(r.u2())
	for range r.u2() {
		c.above = append(c.above, p.text(r.u2()))
	}
	c.fields = readMembers(r, p)
	c.methods = readMembers(r, p)
	if r.short {
		return class{}, errCut
	}
	return c, nil
}

func readPool(r *reader) (pool, error) {
	p := make(pool, r.u2())
	for i := 1; i < len(p) && !r.short; i++ {
		switch tag := r.u1(); tag {
		case 1: // text
			p[i] = string(r.bytes(r.u2()))
		case 3: // int
			p[i] = int32(binary.BigEndian.Uint32(r.bytes(4)))
		case 7, 8, 16, 19, 20: // class, string and others that are a text
			p[i] = ref(r.u2())
		case 5, 6: // long and double, which take two places
			r.bytes(8)
			i++
		case 4, 9, 10, 11, 12, 17, 18:
			r.bytes(4)
		case 15:
			r.bytes(3)
		default:
			return nil, fmt.Errorf("the class file has a constant of kind %d", tag)
		}
	}
	return p, nil
}

// text is the text at that place, or that it refers to; empty when there is none.
func (p pool) text(i int) string {
	if i >= len(p) {
		return ""
	}
	if to, ok := p[i].(ref); ok && int(to) < len(p) {
		i = int(to)
	}
	s, _ := p[i].(string)
	return s
}

func readMembers(r *reader, p pool) []member {
	var all []member
	for range r.u2() {
		m := member{flags: uint16(r.u2()), name: p.text(r.u2()), signature: p.text(r.u2())}
		for range r.u2() {
			name, length := p.text(r.u2()), r.u4()
			if length > math.MaxInt32 {
				r.short = true
			}
			content := &reader{b: r.bytes(length)}
			if name != "ConstantValue" {
				continue
			}
			i := content.u2()
			if i < len(p) {
				m.value = p[i]
			}
			if _, ok := m.value.(ref); ok {
				m.value = p.text(i)
			}
		}
		if r.short {
			return all
		}
		all = append(all, m)
	}
	return all
}
