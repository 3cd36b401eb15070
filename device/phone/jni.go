//go:build android || jvm

package phone

// #include "java.h"
import "C"

import (
	"errors"
	"fmt"
	"runtime"
	"strings"
	"unicode/utf16"
	"unsafe"
)

// frameSize is how many local references a frame is sure to hold; it may grow.
const frameSize = 64

// argsMax is how many arguments a member of the table takes at most.
const argsMax = 8

// object is a reference to a Java object, good until its frame is popped. The
// zero value is null.
type object uintptr

// env is Java as one thread sees it, for the time of one function.
type env struct {
	jni    *C.JNIEnv
	ctx    object // the app's activity, or another context
	loader object // knows the framework's classes, and the app's
	level  int    // of the API; 0: not known yet

	describing bool // an exception: a further one is dropped
}

// attached runs f on a thread that the virtual machine knows, with a frame for
// its local references. ctx is a global reference that its owner keeps.
func attached(vm, ctx uintptr, f func(*env) error) error {
	if vm == 0 || ctx == 0 {
		return ErrNotReady
	}
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	e := &env{}
	switch code := C.cbEnv(C.uintptr_t(vm), &e.jni); code {
	case C.JNI_OK:
	case C.JNI_EDETACHED:
		if code := C.cbAttach(C.uintptr_t(vm), &e.jni); code != C.JNI_OK {
			return fmt.Errorf("attach a thread to Java: code %d", code)
		}
		defer C.cbDetach(C.uintptr_t(vm))
	default:
		return fmt.Errorf("find Java: code %d", code)
	}
	return e.frame(func() error {
		e.ctx = object(C.cbLocal(e.jni, C.jobject(ctx)))
		if e.ctx == 0 {
			return ErrNotReady
		}
		var err error
		if e.loader, err = e.object(classLoaderOf, object(C.cbClassOf(e.jni, C.jobject(e.ctx)))); err != nil {
			return err
		}
		if e.level, err = e.staticNumber(sdkInt); err != nil {
			return err
		}
		return f(e)
	})
}

// frame frees the local references that f makes.
func (e *env) frame(f func() error) error {
	if C.cbPush(e.jni, frameSize) != C.JNI_OK {
		return errors.Join(errRoom, e.check("PushLocalFrame"))
	}
	defer C.cbPop(e.jni, 0)
	return f()
}

// check returns what the last call threw, cleared.
func (e *env) check(in string) error {
	thrown := object(C.cbTake(e.jni))
	if thrown == 0 {
		return nil
	}
	fault := &JavaError{Class: "an exception", In: in}
	if e.describing {
		return fault
	}
	e.describing = true
	defer func() { e.describing = false }()
	class := object(C.cbClassOf(e.jni, C.jobject(thrown)))
	if name, err := e.textOf(classGetName, class); err == nil {
		fault.Class = name
	}
	if message, err := e.textOf(throwableGetMessage, thrown); err == nil {
		fault.Message = message
	}
	return fault
}

// class finds a class. Those of java are known everywhere; the others are asked
// of the app's loader, since a thread that Go attached has none.
func (e *env) class(name string) (object, error) {
	if strings.HasPrefix(name, "java/") || strings.HasPrefix(name, "javax/") {
		c := C.CString(name)
		defer C.free(unsafe.Pointer(c))
		class := object(C.cbFindClass(e.jni, c))
		return class, e.check(name)
	}
	return e.object(loadClass, e.loader, strings.ReplaceAll(name, "/", "."))
}

// member looks a method or field up; use gets its class and its name and
// signature in C.
func (e *env) member(m *Member, use func(class object, name, signature *C.char)) error {
	if e.level > 0 && e.level < m.Since {
		return fmt.Errorf("%s: %w", m, ErrTooOld)
	}
	class, err := e.class(m.Class)
	if err != nil {
		return err
	}
	name, signature := C.CString(m.Name), C.CString(m.Signature)
	defer C.free(unsafe.Pointer(name))
	defer C.free(unsafe.Pointer(signature))
	use(class, name, signature)
	return e.check(m.String())
}

// call calls a method, static method or constructor of the table, in a frame of
// its own: of the references it takes, the result alone stays.
func (e *env) call(m *Member, target object, args []any) (result string, value C.jvalue, err error) {
	if C.cbPush(e.jni, frameSize) != C.JNI_OK {
		return "", value, errors.Join(errRoom, e.check(m.String()))
	}
	result, value, err = e.callInFrame(m, target, args)
	var kept C.jobject
	if err == nil && (result[0] == 'L' || result[0] == '[') {
		kept = *(*C.jobject)(unsafe.Pointer(&value))
	}
	kept = C.cbPop(e.jni, kept)
	if kept != 0 {
		*(*C.jobject)(unsafe.Pointer(&value)) = kept
	}
	return result, value, err
}

func (e *env) callInFrame(m *Member, target object, args []any) (result string, value C.jvalue, err error) {
	signature, err := parseSignature(m.Signature)
	if err != nil {
		return "", value, err
	}
	static := C.int(0)
	if m.Kind == Static {
		static = 1
	}
	var id C.jmethodID
	var class object
	err = e.member(m, func(c object, name, signature *C.char) {
		class, id = c, C.cbMethod(e.jni, C.jclass(c), static, name, signature)
	})
	if err != nil {
		return "", value, err
	}
	packed, err := e.pack(m, signature.args, args)
	if err != nil {
		return "", value, err
	}
	switch {
	case m.Kind == Constructor:
		*(*C.jobject)(unsafe.Pointer(&value)) = C.cbNew(e.jni, C.jclass(class), id, &packed[0])
		return "L", value, e.check(m.String())
	case m.Kind == Static:
		target = class
	case target == 0:
		return "", value, fmt.Errorf("%s: %w", m, errNil)
	}
	value = C.cbCall(e.jni, C.jobject(target), static, id, C.char(signature.result[0]), &packed[0])
	return signature.result, value, e.check(m.String())
}

// pack makes arguments of what fits the types of the signature, and refuses
// all else: Java would take anything, and crash.
func (e *env) pack(m *Member, kinds []string, args []any) (packed [argsMax]C.jvalue, err error) {
	if len(args) != len(kinds) || len(args) > argsMax {
		return packed, fmt.Errorf("%s takes %d arguments, not %d", m, len(kinds), len(args))
	}
	for i, arg := range args {
		fits, err := e.packOne(&packed[i], kinds[i], arg)
		if err != nil {
			return packed, err
		}
		if !fits {
			return packed, fmt.Errorf("%s: argument %d is a %T and must be %s", m, i+1, arg, kinds[i])
		}
	}
	return packed, nil
}

func (e *env) packOne(to *C.jvalue, kind string, arg any) (fits bool, err error) {
	at := unsafe.Pointer(to)
	switch v := arg.(type) {
	case bool:
		if v {
			*(*C.jboolean)(at) = C.JNI_TRUE
		}
		return kind == "Z", nil
	case int32:
		*(*C.jint)(at) = C.jint(v)
		return kind == "I", nil
	case int64:
		*(*C.jlong)(at) = C.jlong(v)
		return kind == "J", nil
	case string:
		text, err := e.text(v)
		*(*C.jobject)(at) = C.jobject(text)
		return takesText(kind), err
	case object:
		*(*C.jobject)(at) = C.jobject(v)
		return kind[0] == 'L' || kind[0] == '[', nil
	}
	return false, nil
}

// nullable calls what returns an object, or null.
func (e *env) nullable(m *Member, target object, args ...any) (object, error) {
	result, value, err := e.call(m, target, args)
	if err != nil {
		return 0, err
	}
	if result[0] != 'L' && result[0] != '[' {
		return 0, fmt.Errorf("%s returns no object", m)
	}
	return object(*(*C.jobject)(unsafe.Pointer(&value))), nil
}

// object calls what returns an object; null is an error.
func (e *env) object(m *Member, target object, args ...any) (object, error) {
	o, err := e.nullable(m, target, args...)
	if err == nil && o == 0 {
		err = fmt.Errorf("%s: %w", m, errNil)
	}
	return o, err
}

// number calls what returns an int, a long, or a boolean as 1 or 0.
func (e *env) number(m *Member, target object, args ...any) (int64, error) {
	result, value, err := e.call(m, target, args)
	if err != nil {
		return 0, err
	}
	switch result {
	case "I":
		return int64(*(*C.jint)(unsafe.Pointer(&value))), nil
	case "J":
		return int64(*(*C.jlong)(unsafe.Pointer(&value))), nil
	case "Z":
		return int64(*(*C.jboolean)(unsafe.Pointer(&value))), nil
	}
	return 0, fmt.Errorf("%s returns no number", m)
}

// yes calls what returns a boolean.
func (e *env) yes(m *Member, target object, args ...any) (bool, error) {
	n, err := e.number(m, target, args...)
	return n != 0, err
}

// do calls what returns nothing, or what nobody needs.
func (e *env) do(m *Member, target object, args ...any) error {
	_, _, err := e.call(m, target, args)
	return err
}

// textOf calls what returns a String; null is empty.
func (e *env) textOf(m *Member, target object, args ...any) (string, error) {
	o, err := e.nullable(m, target, args...)
	if err != nil || o == 0 {
		return "", err
	}
	return e.goText(o), nil
}

// staticNumber reads a static int.
func (e *env) staticNumber(m *Member) (n int, err error) {
	err = e.member(m, func(c object, name, signature *C.char) {
		if id := C.cbField(e.jni, C.jclass(c), name, signature); id != nil {
			n = int(C.cbFieldInt(e.jni, C.jclass(c), id))
		}
	})
	return n, err
}

// staticText reads a static String.
func (e *env) staticText(m *Member) (text string, err error) {
	var o object
	err = e.member(m, func(c object, name, signature *C.char) {
		if id := C.cbField(e.jni, C.jclass(c), name, signature); id != nil {
			o = object(C.cbFieldObject(e.jni, C.jclass(c), id))
		}
	})
	if err == nil && o == 0 {
		err = fmt.Errorf("%s: %w", m, errNil)
	}
	if err != nil {
		return "", err
	}
	return e.goText(o), nil
}

// text makes a String. Java's own coding of them is UTF-16; the one for C is
// no UTF-8, and breaks on characters beyond it.
func (e *env) text(s string) (object, error) {
	units := append(utf16.Encode([]rune(s)), 0) // never empty, for its address
	o := object(C.cbNewText(e.jni, (*C.jchar)(&units[0]), C.jsize(len(units)-1)))
	return o, e.check("NewString")
}

func (e *env) goText(o object) string {
	n := C.cbTextLength(e.jni, C.jstring(o))
	units := make([]uint16, n+1)
	C.cbText(e.jni, C.jstring(o), n, (*C.jchar)(&units[0]))
	return string(utf16.Decode(units[:n]))
}

// bytes makes a byte[].
func (e *env) bytes(b []byte) (object, error) {
	o := object(C.cbNewBytes(e.jni, (*C.jbyte)(unsafe.Pointer(&append(b[:len(b):len(b)], 0)[0])), C.jsize(len(b))))
	return o, e.check("NewByteArray")
}

func (e *env) goBytes(o object) []byte {
	n := C.cbLength(e.jni, C.jarray(o))
	b := make([]byte, n+1)
	C.cbBytes(e.jni, C.jbyteArray(o), n, (*C.jbyte)(unsafe.Pointer(&b[0])))
	return b[:n]
}

// texts makes a String[].
func (e *env) texts(all ...string) (object, error) {
	class, err := e.class(stringClass.Class)
	if err != nil {
		return 0, err
	}
	array := C.cbNewArray(e.jni, C.jsize(len(all)), C.jclass(class))
	if err := e.check("NewObjectArray"); err != nil {
		return 0, err
	}
	for i, s := range all {
		o, err := e.text(s)
		if err != nil {
			return 0, err
		}
		C.cbSet(e.jni, array, C.jsize(i), C.jobject(o))
		if err := e.check("SetObjectArrayElement"); err != nil {
			return 0, err
		}
	}
	return object(array), nil
}

// keep makes a reference that outlives the call, and drop ends it.
func (e *env) keep(o object) object { return object(C.cbGlobal(e.jni, C.jobject(o))) }

func (e *env) drop(o object) { C.cbDropGlobal(e.jni, C.jobject(o)) }
