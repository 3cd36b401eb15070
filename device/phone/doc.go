// Package phone is the narrow native layer of Android: the few calls into its
// Java that the app cannot do without, by JNI, each turned into a Go function
// with a Go error. It decides nothing and keeps nothing; device does.
//
// Every class, method, field and constant that is used stands once, in the
// table of members.go, which `make check-jni` resolves against the real
// framework classes. A call is made only through an entry of the table: nothing
// can be forgotten.
//
// # Threads and references
//
// Each function locks its goroutine to a thread, attaches that to the virtual
// machine if it is not attached yet, and detaches it again if so. All local
// references lie in a frame that is popped at the end; none outlive a call but
// the one of the lock that keeps the screen on. After every call into Java an
// exception is looked for, cleared and returned as a *JavaError. Classes are
// looked up through the app's own loader and nothing is cached: a call costs
// some microseconds, and a few of them make a download.
//
// Nothing here starts a goroutine. Functions may block on the system's
// services; call them off the goroutine of the screen.
//
// The parts that touch Java are built for android, and with the tag jvm for a
// desktop's virtual machine, where `make test-android` runs them.
package phone
