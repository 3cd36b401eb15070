//go:build android || jvm

package phone

/*
#include <jni.h>
#include <stdint.h>
#include <stdlib.h>

static jint cbEnv(uintptr_t vm, JNIEnv **env) {
	JavaVM *v = (JavaVM *)vm;
	return (*v)->GetEnv(v, (void **)env, JNI_VERSION_1_6);
}

static jint cbAttach(uintptr_t vm, JNIEnv **env) {
	JavaVM *v = (JavaVM *)vm;
#ifdef __ANDROID__
	return (*v)->AttachCurrentThread(v, env, NULL);
#else
	return (*v)->AttachCurrentThread(v, (void **)env, NULL);
#endif
}

static void cbDetach(uintptr_t vm) {
	JavaVM *v = (JavaVM *)vm;
	(*v)->DetachCurrentThread(v);
}

static jint cbPush(JNIEnv *e, jint n) { return (*e)->PushLocalFrame(e, n); }
static jobject cbPop(JNIEnv *e, jobject kept) { return (*e)->PopLocalFrame(e, kept); }
static jobject cbLocal(JNIEnv *e, jobject o) { return (*e)->NewLocalRef(e, o); }
static jobject cbGlobal(JNIEnv *e, jobject o) { return (*e)->NewGlobalRef(e, o); }
static void cbDropGlobal(JNIEnv *e, jobject o) { (*e)->DeleteGlobalRef(e, o); }
static jclass cbClassOf(JNIEnv *e, jobject o) { return (*e)->GetObjectClass(e, o); }
static jclass cbFindClass(JNIEnv *e, const char *name) { return (*e)->FindClass(e, name); }

// cbTake clears what was thrown and returns it.
static jthrowable cbTake(JNIEnv *e) {
	jthrowable t = (*e)->ExceptionOccurred(e);
	if (t != NULL) (*e)->ExceptionClear(e);
	return t;
}

static jmethodID cbMethod(JNIEnv *e, jclass c, int isStatic, const char *name, const char *sig) {
	return isStatic ? (*e)->GetStaticMethodID(e, c, name, sig) : (*e)->GetMethodID(e, c, name, sig);
}

static jfieldID cbField(JNIEnv *e, jclass c, const char *name, const char *sig) {
	return (*e)->GetStaticFieldID(e, c, name, sig);
}

static jint cbFieldInt(JNIEnv *e, jclass c, jfieldID id) { return (*e)->GetStaticIntField(e, c, id); }
static jobject cbFieldObject(JNIEnv *e, jclass c, jfieldID id) { return (*e)->GetStaticObjectField(e, c, id); }

// cbCall calls a method; result is the first letter of the type it returns.
static jvalue cbCall(JNIEnv *e, jobject target, int isStatic, jmethodID id, char result, const jvalue *a) {
	jvalue r;
	r.j = 0;
	switch (result) {
	case 'V':
		if (isStatic) (*e)->CallStaticVoidMethodA(e, target, id, a); else (*e)->CallVoidMethodA(e, target, id, a);
		break;
	case 'Z':
		r.z = isStatic ? (*e)->CallStaticBooleanMethodA(e, target, id, a) : (*e)->CallBooleanMethodA(e, target, id, a);
		break;
	case 'I':
		r.i = isStatic ? (*e)->CallStaticIntMethodA(e, target, id, a) : (*e)->CallIntMethodA(e, target, id, a);
		break;
	case 'J':
		r.j = isStatic ? (*e)->CallStaticLongMethodA(e, target, id, a) : (*e)->CallLongMethodA(e, target, id, a);
		break;
	default:
		r.l = isStatic ? (*e)->CallStaticObjectMethodA(e, target, id, a) : (*e)->CallObjectMethodA(e, target, id, a);
	}
	return r;
}

static jobject cbNew(JNIEnv *e, jclass c, jmethodID id, const jvalue *a) { return (*e)->NewObjectA(e, c, id, a); }

static jstring cbNewText(JNIEnv *e, const jchar *s, jsize n) { return (*e)->NewString(e, s, n); }
static jsize cbTextLength(JNIEnv *e, jstring s) { return (*e)->GetStringLength(e, s); }
static void cbText(JNIEnv *e, jstring s, jsize n, jchar *to) { (*e)->GetStringRegion(e, s, 0, n, to); }

static jbyteArray cbNewBytes(JNIEnv *e, const jbyte *b, jsize n) {
	jbyteArray a = (*e)->NewByteArray(e, n);
	if (a != NULL) (*e)->SetByteArrayRegion(e, a, 0, n, b);
	return a;
}
static jsize cbLength(JNIEnv *e, jarray a) { return (*e)->GetArrayLength(e, a); }
static void cbBytes(JNIEnv *e, jbyteArray a, jsize n, jbyte *to) { (*e)->GetByteArrayRegion(e, a, 0, n, to); }

static jobjectArray cbNewArray(JNIEnv *e, jsize n, jclass c) { return (*e)->NewObjectArray(e, n, c, NULL); }
static void cbSet(JNIEnv *e, jobjectArray a, jsize i, jobject o) { (*e)->SetObjectArrayElement(e, a, i, o); }
*/
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
		at := unsafe.Pointer(&packed[i])
		kind := kinds[i]
		switch v := arg.(type) {
		case bool:
			if kind == "Z" {
				if v {
					*(*C.jboolean)(at) = C.JNI_TRUE
				}
				continue
			}
		case int32:
			if kind == "I" {
				*(*C.jint)(at) = C.jint(v)
				continue
			}
		case int64:
			if kind == "J" {
				*(*C.jlong)(at) = C.jlong(v)
				continue
			}
		case string:
			if takesText(kind) {
				text, err := e.text(v)
				if err != nil {
					return packed, err
				}
				*(*C.jobject)(at) = C.jobject(text)
				continue
			}
		case object:
			if kind[0] == 'L' || kind[0] == '[' {
				*(*C.jobject)(at) = C.jobject(v)
				continue
			}
		}
		return packed, fmt.Errorf("%s: argument %d is a %T and must be %s", m, i+1, arg, kind)
	}
	return packed, nil
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
