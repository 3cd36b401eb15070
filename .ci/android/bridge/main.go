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
static jstring answer(JNIEnv *e, const char *s) { return (*e)->NewStringUTF(e, s); }
static jsize count(JNIEnv *e, jobjectArray a) { return (*e)->GetArrayLength(e, a); }
static char *at(JNIEnv *e, jobjectArray a, jsize i) {
	jstring s = (*e)->GetObjectArrayElement(e, a, i);
	jsize n = (*e)->GetStringUTFLength(e, s);
	char *to = malloc(n + 1);
	(*e)->GetStringUTFRegion(e, s, 0, (*e)->GetStringLength(e, s), to);
	to[n] = 0;
	(*e)->DeleteLocalRef(e, s);
	return to;
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

// call does what args say on a goroutine of its own, as the app does, so that
// the thread has to be attached, and waits for it.
//
//export Java_app_connect_backup_Native_call
func Java_app_connect_backup_Native_call(env *C.JNIEnv, _ C.jclass, context C.jobject, args C.jobjectArray) C.jstring {
	return reply(env, work(env, context, args, true))
}

// callHere does it on Java's own thread, which is attached already.
//
//export Java_app_connect_backup_Native_callHere
func Java_app_connect_backup_Native_callHere(env *C.JNIEnv, _ C.jclass, context C.jobject, args C.jobjectArray) C.jstring {
	return reply(env, work(env, context, args, false))
}

func reply(env *C.JNIEnv, text string) C.jstring {
	s := C.CString(text)
	defer C.free(unsafe.Pointer(s))
	return C.answer(env, s)
}

func work(env *C.JNIEnv, context C.jobject, args C.jobjectArray, apart bool) string {
	words := make([]string, C.count(env, args))
	for i := range words {
		s := C.at(env, args, C.jsize(i))
		words[i] = C.GoString(s)
		C.free(unsafe.Pointer(s))
	}
	vm := uintptr(C.vmOf(env))
	ctx := C.keep(env, context)
	defer C.drop(env, ctx)
	p := phone.New(func(do func(vm, ctx uintptr) error) error { return do(vm, uintptr(ctx)) })
	if !apart {
		return answered(p, words)
	}
	done := make(chan string)
	go func() { done <- answered(p, words) }()
	return <-done
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
