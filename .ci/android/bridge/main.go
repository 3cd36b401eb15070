//go:build jvm

// Bridge lets tests in Java call the native layer of Android, compiled for this
// machine: one function, which is told in text what to do and answers in text.
package main

/*
#include <jni.h>
#include <stdint.h>
#include <stdlib.h>

static uintptr_t vmOf(JNIEnv *e) {
	JavaVM *vm = NULL;
	return (*e)->GetJavaVM(e, &vm) == JNI_OK ? (uintptr_t)vm : 0;
}
static jobject keep(JNIEnv *e, jobject o) { return (*e)->NewGlobalRef(e, o); }
static void drop(JNIEnv *e, jobject o) { (*e)->DeleteGlobalRef(e, o); }
static jsize count(JNIEnv *e, jobjectArray a) { return (*e)->GetArrayLength(e, a); }
static jbyteArray at(JNIEnv *e, jobjectArray a, jsize i) { return (*e)->GetObjectArrayElement(e, a, i); }
static jsize length(JNIEnv *e, jbyteArray a) { return (*e)->GetArrayLength(e, a); }
static void read(JNIEnv *e, jbyteArray a, jsize n, void *to) {
	(*e)->GetByteArrayRegion(e, a, 0, n, to);
	(*e)->DeleteLocalRef(e, a);
}
static jbyteArray answer(JNIEnv *e, const void *b, jsize n) {
	jbyteArray a = (*e)->NewByteArray(e, n);
	if (a != NULL) (*e)->SetByteArrayRegion(e, a, 0, n, b);
	return a;
}
*/
import "C"

import (
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"unsafe"

	"connectbackup/device/phone"
)

func main() {}

// run does what args say: apart, on a goroutine of its own, as the app does, so
// that the thread has to be attached; else on Java's thread, which is attached.
//
//export Java_app_connect_backup_Native_run
func Java_app_connect_backup_Native_run(env *C.JNIEnv, _ C.jclass, context C.jobject, apart C.jboolean, args C.jobjectArray) C.jbyteArray {
	words := make([]string, C.count(env, args))
	for i := range words {
		array := C.at(env, args, C.jsize(i))
		b := make([]byte, C.length(env, array)+1)
		C.read(env, array, C.jsize(len(b)-1), unsafe.Pointer(&b[0]))
		words[i] = string(b[:len(b)-1])
	}
	vm := uintptr(C.vmOf(env))
	ctx := C.keep(env, context)
	defer C.drop(env, ctx)
	p := phone.New(func(do func(vm, ctx uintptr) error) error { return do(vm, uintptr(ctx)) })
	var text string
	if apart != C.JNI_FALSE {
		done := make(chan string)
		go func() { done <- answered(p, words) }()
		text = <-done
	} else {
		text = answered(p, words)
	}
	return C.answer(env, unsafe.Pointer(unsafe.StringData(text)), C.jsize(len(text)))
}

// answered is what came of it: ok and an answer, or why not.
func answered(p *phone.Phone, words []string) string {
	do, ok := functions[words[0]]
	if !ok {
		return "error: unknown: " + words[0]
	}
	text, err := do(p, words[1:])
	if err != nil {
		return "error: " + kind(err) + ": " + err.Error()
	}
	return strings.TrimSpace("ok " + text)
}

// kind is what the app would go by.
func kind(err error) string {
	for word, known := range map[string]error{
		"missing": fs.ErrNotExist, "forbidden": fs.ErrPermission, "no-app": phone.ErrNoApp,
		"too-old": phone.ErrTooOld, "not-ready": phone.ErrNotReady, "sealed": phone.ErrSealed,
	} {
		if errors.Is(err, known) {
			return word
		}
	}
	return fmt.Sprintf("%T", err)
}
