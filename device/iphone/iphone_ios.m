// Apple's frameworks, behind iphone.h. Fyne owns the app, its delegate and its
// window; what is added to them here is one method of the delegate. Go's threads
// bring no pool for what is to be released.
#import <Foundation/Foundation.h>
#import <Security/Security.h>
#import <UIKit/UIKit.h>
#import <UserNotifications/UserNotifications.h>
#import <objc/runtime.h>
#include "iphone.h"
#include "_cgo_export.h"

static NSString *const leadsKey = @"backup";

// answered waits for the system, ten seconds at most.
static BOOL answered(dispatch_semaphore_t answer) {
	return dispatch_semaphore_wait(answer, dispatch_time(DISPATCH_TIME_NOW, 10 * (int64_t)NSEC_PER_SEC)) == 0;
}

static NSString *text(const char *utf8) { return [NSString stringWithUTF8String:utf8] ?: @""; }
static NSURL *at(const char *path) { return [NSURL fileURLWithPath:text(path)]; }

static char *folder(NSSearchPathDirectory which) { @autoreleasepool {
	NSURL *url = [NSFileManager.defaultManager URLForDirectory:which inDomain:NSUserDomainMask appropriateForURL:nil create:YES error:nil];
	return url.path != nil ? strdup(url.path.UTF8String) : NULL;
}}

char *cbDocuments(void) { return folder(NSDocumentDirectory); }
char *cbSupport(void) { return folder(NSApplicationSupportDirectory); }
int64_t cbFree(const char *path) { @autoreleasepool {
	NSNumber *bytes = nil;
	if (![at(path) getResourceValue:&bytes forKey:NSURLVolumeAvailableCapacityForImportantUsageKey error:nil] || bytes == nil) return -1;
	return bytes.longLongValue;
}}

void cbKeepScreenOn(int on) { dispatch_async(dispatch_get_main_queue(), ^{ UIApplication.sharedApplication.idleTimerDisabled = on != 0; }); }

// How much work is under way, and the time that the system grants for it; both
// belong to the main thread.
static int works;
static BOOL granted;
static UIBackgroundTaskIdentifier task;

static void letTimeGo(void) {
	if (granted) [UIApplication.sharedApplication endBackgroundTask:task];
	granted = NO;
}

static void settleTime(void) {
	if (works <= 0) letTimeGo();
	if (works <= 0 || granted) return;
	granted = YES;
	// The app is ended if it does not give the time back when it is over.
	task = [UIApplication.sharedApplication beginBackgroundTaskWithName:@"download" expirationHandler:^{ letTimeGo(); }];
}

void cbWork(int more) {
	dispatch_async(dispatch_get_main_queue(), ^{ works += more; settleTime(); });
}

// CBPhone is what UIKit talks to.
@interface CBPhone : NSObject <UIDocumentInteractionControllerDelegate>
@end

static CBPhone *phone;
static UIDocumentInteractionController *shown; // for as long as it is seen

static UIViewController *front(void) {
	UIViewController *top = UIApplication.sharedApplication.delegate.window.rootViewController;
	while (top.presentedViewController != nil) top = top.presentedViewController;
	return top;
}

@implementation CBPhone
// Fyne's delegate hears of notifications, but not that one is chosen: it gets
// that method before it is asked for it.
+ (void)load {
	phone = [CBPhone new];
	SEL chosen = @selector(userNotificationCenter:didReceiveNotificationResponse:withCompletionHandler:);
	Method method = class_getInstanceMethod(self, chosen);
	class_addMethod(NSClassFromString(@"GoAppAppDelegate"), chosen, method_getImplementation(method), method_getTypeEncoding(method));
	[NSNotificationCenter.defaultCenter addObserverForName:UIApplicationDidBecomeActiveNotification object:nil
		queue:NSOperationQueue.mainQueue usingBlock:^(NSNotification *note) { settleTime(); }];
}

- (void)userNotificationCenter:(UNUserNotificationCenter *)center didReceiveNotificationResponse:(UNNotificationResponse *)response
	withCompletionHandler:(void (^)(void))done {
	NSString *to = response.notification.request.content.userInfo[leadsKey];
	if ([to isKindOfClass:NSString.class]) cbTapped((char *)to.UTF8String);
	done();
}

- (UIViewController *)documentInteractionControllerViewControllerForPreview:(UIDocumentInteractionController *)controller { return front(); }
@end

int cbOpenURL(const char *address) { @autoreleasepool {
	NSURL *url = [NSURL URLWithString:text(address)];
	if (url == nil) return cbFailed;
	dispatch_semaphore_t answer = dispatch_semaphore_create(0);
	__block int result = cbSlow;
	dispatch_async(dispatch_get_main_queue(), ^{
		[UIApplication.sharedApplication openURL:url options:@{} completionHandler:^(BOOL opened) {
			result = opened ? cbDone : cbNoApp;
			dispatch_semaphore_signal(answer);
		}];
	});
	return answered(answer) ? result : cbSlow;
}}

// inFront shows something over the window, on the main thread, and waits for it.
static int inFront(BOOL (^show)(UIViewController *top, CGRect middle)) {
	__block int result = cbNoWindow;
	dispatch_sync(dispatch_get_main_queue(), ^{
		UIViewController *top = front();
		if (top == nil) return;
		CGSize size = top.view.bounds.size;
		result = show(top, CGRectMake(size.width / 2, size.height / 2, 1, 1)) ? cbDone : cbNoApp;
	});
	return result;
}

int cbOpen(const char *path, int look) { @autoreleasepool {
	NSURL *file = at(path);
	return inFront(^BOOL(UIViewController *top, CGRect middle) {
		shown = [UIDocumentInteractionController interactionControllerWithURL:file];
		shown.delegate = phone;
		return (look && [shown presentPreviewAnimated:YES]) || [shown presentOptionsMenuFromRect:middle inView:top.view animated:YES];
	});
}}

int cbShare(const char *path) { @autoreleasepool {
	NSURL *file = at(path);
	return inFront(^BOOL(UIViewController *top, CGRect middle) {
		UIActivityViewController *sheet = [[UIActivityViewController alloc] initWithActivityItems:@[ file ] applicationActivities:nil];
		sheet.popoverPresentationController.sourceView = top.view; // where an iPad's begins
		sheet.popoverPresentationController.sourceRect = middle;
		[top presentViewController:sheet animated:YES completion:nil];
		return YES;
	});
}}

// allowed asks, the first time the person, whether notifications may be shown,
// and then does what is to be done.
static int allowed(void (^then)(UNUserNotificationCenter *center, void (^end)(NSError *error))) {
	UNUserNotificationCenter *center = [UNUserNotificationCenter currentNotificationCenter];
	dispatch_semaphore_t answer = dispatch_semaphore_create(0);
	__block int result = cbRefused;
	[center requestAuthorizationWithOptions:UNAuthorizationOptionAlert | UNAuthorizationOptionSound
		completionHandler:^(BOOL may, NSError *error) {
			void (^end)(NSError *) = ^(NSError *fault) {
				if (may) result = fault == nil ? cbDone : cbFailed;
				dispatch_semaphore_signal(answer);
			};
			if (may) then(center, end); else end(error);
		}];
	return answered(answer) ? result : cbSlow;
}

int cbAskToNotify(void) { @autoreleasepool { return allowed(^(UNUserNotificationCenter *center, void (^end)(NSError *)) { end(nil); }); } }

int cbNotify(const char *key, const char *title, const char *body, int leads) { @autoreleasepool {
	UNMutableNotificationContent *content = [UNMutableNotificationContent new];
	content.title = text(title);
	content.body = text(body);
	content.sound = UNNotificationSound.defaultSound;
	NSString *name = *key != 0 ? text(key) : NSUUID.UUID.UUIDString;
	if (leads) content.userInfo = @{leadsKey : name};
	UNNotificationRequest *request = [UNNotificationRequest requestWithIdentifier:name content:content trigger:nil];
	return allowed(^(UNUserNotificationCenter *center, void (^end)(NSError *)) { [center addNotificationRequest:request withCompletionHandler:end]; });
}}

static NSMutableDictionary *entry(const char *service, const char *account) {
	return [@{ (__bridge id)kSecClass : (__bridge id)kSecClassGenericPassword,
		(__bridge id)kSecAttrService : text(service), (__bridge id)kSecAttrAccount : text(account) } mutableCopy];
}

int cbSecret(const char *service, const char *account, char **value, int *size) { @autoreleasepool {
	NSMutableDictionary *query = entry(service, account);
	query[(__bridge id)kSecReturnData] = @YES;
	CFTypeRef found = NULL;
	OSStatus status = SecItemCopyMatching((__bridge CFDictionaryRef)query, &found);
	if (status != errSecSuccess) return status;
	NSData *data = CFBridgingRelease(found);
	*size = (int)data.length;
	if ((*value = malloc(data.length + 1)) == NULL) return errSecAllocate;
	memcpy(*value, data.bytes, data.length);
	return errSecSuccess;
}}

int cbKeepSecret(const char *service, const char *account, const char *value, int size) { @autoreleasepool {
	NSMutableDictionary *query = entry(service, account);
	NSData *data = [NSData dataWithBytes:value length:(NSUInteger)size];
	OSStatus status = SecItemUpdate((__bridge CFDictionaryRef)query, (__bridge CFDictionaryRef)@{(__bridge id)kSecValueData : data});
	if (status != errSecItemNotFound) return status;
	// A download goes on while the phone is locked; no backup takes it elsewhere.
	query[(__bridge id)kSecAttrAccessible] = (__bridge id)kSecAttrAccessibleAfterFirstUnlockThisDeviceOnly;
	query[(__bridge id)kSecValueData] = data;
	return SecItemAdd((__bridge CFDictionaryRef)query, NULL);
}}

int cbDropSecret(const char *service, const char *account) { @autoreleasepool { return SecItemDelete((__bridge CFDictionaryRef)entry(service, account)); } }
