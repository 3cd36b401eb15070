// What device/iphone uses of the runtime.
#pragma once
typedef struct objc_method *Method;
typedef id (*IMP)(void);
Method class_getInstanceMethod(Class, SEL);
_Bool class_addMethod(Class, SEL, IMP, const char *);
IMP method_getImplementation(Method);
const char *method_getTypeEncoding(Method);
