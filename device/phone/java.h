// The calls of JNI, which C alone can make: each is a function in a table that
// lies behind a pointer. Nothing is decided here.
#pragma once
#include <jni.h>
#include <stdint.h>
#include <stdlib.h>

static inline jint cbEnv(uintptr_t vm, JNIEnv **env) {
	JavaVM *v = (JavaVM *)vm;
	return (*v)->GetEnv(v, (void **)env, JNI_VERSION_1_6);
}

static inline jint cbAttach(uintptr_t vm, JNIEnv **env) {
	JavaVM *v = (JavaVM *)vm;
#ifdef __ANDROID__
	return (*v)->AttachCurrentThread(v, env, NULL);
#else
	return (*v)->AttachCurrentThread(v, (void **)env, NULL);
#endif
}

static inline void cbDetach(uintptr_t vm) {
	JavaVM *v = (JavaVM *)vm;
	(*v)->DetachCurrentThread(v);
}

static inline jint cbPush(JNIEnv *e, jint n) { return (*e)->PushLocalFrame(e, n); }
static inline jobject cbPop(JNIEnv *e, jobject kept) { return (*e)->PopLocalFrame(e, kept); }
static inline jobject cbLocal(JNIEnv *e, jobject o) { return (*e)->NewLocalRef(e, o); }
static inline jobject cbGlobal(JNIEnv *e, jobject o) { return (*e)->NewGlobalRef(e, o); }
static inline void cbDropGlobal(JNIEnv *e, jobject o) { (*e)->DeleteGlobalRef(e, o); }
static inline jclass cbClassOf(JNIEnv *e, jobject o) { return (*e)->GetObjectClass(e, o); }
static inline jclass cbFindClass(JNIEnv *e, const char *name) { return (*e)->FindClass(e, name); }

// cbTake clears what was thrown and returns it.
static inline jthrowable cbTake(JNIEnv *e) {
	jthrowable t = (*e)->ExceptionOccurred(e);
	if (t != NULL) (*e)->ExceptionClear(e);
	return t;
}

static inline jmethodID cbMethod(JNIEnv *e, jclass c, int isStatic, const char *name, const char *sig) {
	return isStatic ? (*e)->GetStaticMethodID(e, c, name, sig) : (*e)->GetMethodID(e, c, name, sig);
}

static inline jfieldID cbField(JNIEnv *e, jclass c, const char *name, const char *sig) {
	return (*e)->GetStaticFieldID(e, c, name, sig);
}

static inline jint cbFieldInt(JNIEnv *e, jclass c, jfieldID id) { return (*e)->GetStaticIntField(e, c, id); }
static inline jobject cbFieldObject(JNIEnv *e, jclass c, jfieldID id) { return (*e)->GetStaticObjectField(e, c, id); }

// cbCall calls a method; result is the first letter of the type it returns.
static inline jvalue cbCall(JNIEnv *e, jobject target, int isStatic, jmethodID id, char result, const jvalue *a) {
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

static inline jobject cbNew(JNIEnv *e, jclass c, jmethodID id, const jvalue *a) { return (*e)->NewObjectA(e, c, id, a); }

static inline jstring cbNewText(JNIEnv *e, const jchar *s, jsize n) { return (*e)->NewString(e, s, n); }
static inline jsize cbTextLength(JNIEnv *e, jstring s) { return (*e)->GetStringLength(e, s); }
static inline void cbText(JNIEnv *e, jstring s, jsize n, jchar *to) { (*e)->GetStringRegion(e, s, 0, n, to); }

static inline jbyteArray cbNewBytes(JNIEnv *e, const jbyte *b, jsize n) {
	jbyteArray a = (*e)->NewByteArray(e, n);
	if (a != NULL) (*e)->SetByteArrayRegion(e, a, 0, n, b);
	return a;
}
static inline jsize cbLength(JNIEnv *e, jarray a) { return (*e)->GetArrayLength(e, a); }
static inline void cbBytes(JNIEnv *e, jbyteArray a, jsize n, jbyte *to) { (*e)->GetByteArrayRegion(e, a, 0, n, to); }

static inline jobjectArray cbNewArray(JNIEnv *e, jsize n, jclass c) { return (*e)->NewObjectArray(e, n, c, NULL); }
static inline void cbSet(JNIEnv *e, jobjectArray a, jsize i, jobject o) { (*e)->SetObjectArrayElement(e, a, i, o); }
