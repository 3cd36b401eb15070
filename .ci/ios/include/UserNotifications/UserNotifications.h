// What device/iphone uses of UserNotifications.
#pragma once
#import <Foundation/Foundation.h>
@interface UNNotificationSound : NSObject
@property (class, nonatomic, copy, readonly) UNNotificationSound *defaultSound;
@end
@interface UNNotificationContent : NSObject
@property (nonatomic, copy, readonly) NSDictionary *userInfo;
@end
@interface UNMutableNotificationContent : UNNotificationContent
@property (nonatomic, copy) NSString *title, *body;
@property (nonatomic, copy) UNNotificationSound *sound;
@property (nonatomic, copy) NSDictionary *userInfo;
@end
@interface UNNotificationTrigger : NSObject
@end
@interface UNNotificationRequest : NSObject
@property (nonatomic, readonly, copy) UNNotificationContent *content;
+ (instancetype)requestWithIdentifier:(NSString *)identifier content:(UNNotificationContent *)content trigger:(UNNotificationTrigger *)trigger;
@end
@interface UNNotification : NSObject
@property (nonatomic, readonly, copy) UNNotificationRequest *request;
@end
@interface UNNotificationResponse : NSObject
@property (nonatomic, readonly, copy) UNNotification *notification;
@end
typedef NSUInteger UNAuthorizationOptions;
enum { UNAuthorizationOptionSound = 1 << 1, UNAuthorizationOptionAlert = 1 << 2 };
@interface UNUserNotificationCenter : NSObject
+ (UNUserNotificationCenter *)currentNotificationCenter;
- (void)requestAuthorizationWithOptions:(UNAuthorizationOptions)options completionHandler:(void (^)(BOOL granted, NSError *error))handler;
- (void)addNotificationRequest:(UNNotificationRequest *)request withCompletionHandler:(void (^)(NSError *error))handler;
@end
@protocol UNUserNotificationCenterDelegate <NSObject>
@optional
- (void)userNotificationCenter:(UNUserNotificationCenter *)center didReceiveNotificationResponse:(UNNotificationResponse *)response
	withCompletionHandler:(void (^)(void))handler;
@end
