// What device/iphone uses of Foundation, of blocks and of dispatch, declared as
// Apple documents it: to check our Objective-C where Apple's headers are not.
#pragma once
#include <stddef.h>
#include <stdint.h>

typedef _Bool BOOL; // as on every 64 bit device
#define YES ((BOOL)1)
#define NO ((BOOL)0)
#define nil NULL
typedef unsigned long NSUInteger;
typedef long NSInteger;
typedef double CGFloat;
typedef struct { CGFloat x, y; } CGPoint;
typedef struct { CGFloat width, height; } CGSize;
typedef struct { CGPoint origin; CGSize size; } CGRect;
static inline CGRect CGRectMake(CGFloat x, CGFloat y, CGFloat w, CGFloat h) { CGRect r = {{x, y}, {w, h}}; return r; }
typedef int32_t OSStatus;

void *malloc(size_t);
void free(void *);
void *memcpy(void *, const void *, size_t);
char *strdup(const char *);

typedef uint64_t dispatch_time_t;
#define NSEC_PER_SEC 1000000000ull
#define DISPATCH_TIME_NOW 0ull
@protocol OS_dispatch_queue @end
@protocol OS_dispatch_semaphore @end
typedef id<OS_dispatch_queue> dispatch_queue_t;
typedef id<OS_dispatch_semaphore> dispatch_semaphore_t;
dispatch_queue_t dispatch_get_main_queue(void);
void dispatch_async(dispatch_queue_t, void (^)(void));
void dispatch_sync(dispatch_queue_t, __attribute__((noescape)) void (^)(void));
dispatch_time_t dispatch_time(dispatch_time_t, int64_t);
dispatch_semaphore_t dispatch_semaphore_create(intptr_t);
intptr_t dispatch_semaphore_wait(dispatch_semaphore_t, dispatch_time_t);
intptr_t dispatch_semaphore_signal(dispatch_semaphore_t);

typedef const void *CFTypeRef;
typedef const struct __attribute__((objc_bridge(NSDictionary))) __CFDictionary *CFDictionaryRef;
typedef const struct __attribute__((objc_bridge(NSString))) __CFString *CFStringRef;

@protocol NSObject
- (BOOL)isKindOfClass:(Class)c;
@end
@protocol NSCopying @end
__attribute__((objc_root_class))
@interface NSObject <NSObject>
+ (void)load;
+ (instancetype)new;
+ (instancetype)alloc;
- (instancetype)init;
+ (Class)class;
- (id)mutableCopy;
@end
id CFBridgingRelease(CFTypeRef __attribute__((cf_consumed)));
Class NSClassFromString(NSObject *);

@interface NSString : NSObject <NSCopying>
+ (instancetype)stringWithUTF8String:(const char *)s;
@property (readonly) const char *UTF8String __attribute__((objc_returns_inner_pointer));
@end
@interface NSConstantString : NSString
@end
@interface NSError : NSObject
@end
@interface NSNumber : NSObject
+ (NSNumber *)numberWithBool:(BOOL)b;
@property (readonly) long long longLongValue;
@end
@interface NSArray<__covariant T> : NSObject
+ (instancetype)arrayWithObjects:(const T[])objects count:(NSUInteger)n;
@end
@interface NSDictionary<__covariant K, __covariant V> : NSObject
+ (instancetype)dictionaryWithObjects:(const V[])objects forKeys:(const id<NSCopying>[])keys count:(NSUInteger)n;
- (V)objectForKeyedSubscript:(K)key;
@end
@interface NSMutableDictionary<K, V> : NSDictionary <K, V>
- (void)setObject:(V)object forKeyedSubscript:(id<NSCopying>)key;
@end
@interface NSData : NSObject
+ (instancetype)dataWithBytes:(const void *)bytes length:(NSUInteger)n;
@property (readonly) NSUInteger length;
@property (readonly) const void *bytes __attribute__((objc_returns_inner_pointer));
@end
@interface NSUUID : NSObject
+ (instancetype)UUID;
@property (readonly, copy) NSString *UUIDString;
@end
@interface NSURL : NSObject
+ (NSURL *)fileURLWithPath:(NSString *)path;
+ (instancetype)URLWithString:(NSString *)s;
@property (readonly, copy) NSString *path;
- (BOOL)getResourceValue:(id *)value forKey:(NSString *)key error:(NSError **)error;
@end
extern NSString *const NSURLVolumeAvailableCapacityForImportantUsageKey;
typedef NSUInteger NSSearchPathDirectory;
enum { NSDocumentDirectory = 9, NSApplicationSupportDirectory = 14 };
typedef NSUInteger NSSearchPathDomainMask;
enum { NSUserDomainMask = 1 };
@interface NSFileManager : NSObject
@property (class, readonly, strong) NSFileManager *defaultManager;
- (NSURL *)URLForDirectory:(NSSearchPathDirectory)directory inDomain:(NSSearchPathDomainMask)domain appropriateForURL:(NSURL *)url
	create:(BOOL)create error:(NSError **)error;
@end
@interface NSOperationQueue : NSObject
@property (class, readonly, strong) NSOperationQueue *mainQueue;
@end
@interface NSNotification : NSObject
@end
@interface NSNotificationCenter : NSObject
@property (class, readonly, strong) NSNotificationCenter *defaultCenter;
- (id<NSObject>)addObserverForName:(NSString *)name object:(id)object queue:(NSOperationQueue *)queue
	usingBlock:(void (^)(NSNotification *note))block;
@end
