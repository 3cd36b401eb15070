// What device/iphone uses of UIKit.
#pragma once
#import <Foundation/Foundation.h>
typedef NSUInteger UIBackgroundTaskIdentifier;
extern NSString *const UIApplicationDidBecomeActiveNotification;
@interface UIView : NSObject
@property (nonatomic) CGRect bounds;
@end
@interface UIPopoverPresentationController : NSObject
@property (nonatomic, strong) UIView *sourceView;
@property (nonatomic, assign) CGRect sourceRect;
@end
@interface UIViewController : NSObject
@property (nonatomic, strong) UIView *view;
@property (nonatomic, readonly) UIViewController *presentedViewController;
@property (nonatomic, readonly) UIPopoverPresentationController *popoverPresentationController;
- (void)presentViewController:(UIViewController *)controller animated:(BOOL)flag completion:(void (^)(void))completion;
@end
@interface UIWindow : UIView
@property (nonatomic, strong) UIViewController *rootViewController;
@end
@protocol UIApplicationDelegate <NSObject>
@optional
@property (nonatomic, strong) UIWindow *window;
@end
@interface UIApplication : NSObject
@property (class, nonatomic, readonly) UIApplication *sharedApplication;
@property (nonatomic, assign) id<UIApplicationDelegate> delegate;
@property (nonatomic, getter=isIdleTimerDisabled) BOOL idleTimerDisabled;
- (void)openURL:(NSURL *)url options:(NSDictionary<NSString *, id> *)options completionHandler:(void (^)(BOOL success))completion;
- (UIBackgroundTaskIdentifier)beginBackgroundTaskWithName:(NSString *)name expirationHandler:(void (^)(void))handler;
- (void)endBackgroundTask:(UIBackgroundTaskIdentifier)identifier;
@end
@interface UIActivity : NSObject
@end
@interface UIActivityViewController : UIViewController
- (instancetype)initWithActivityItems:(NSArray *)items applicationActivities:(NSArray<UIActivity *> *)activities;
@end
@class UIDocumentInteractionController;
@protocol UIDocumentInteractionControllerDelegate <NSObject>
@optional
- (UIViewController *)documentInteractionControllerViewControllerForPreview:(UIDocumentInteractionController *)controller;
@end
@interface UIDocumentInteractionController : NSObject
+ (UIDocumentInteractionController *)interactionControllerWithURL:(NSURL *)url;
@property (nonatomic, weak) id<UIDocumentInteractionControllerDelegate> delegate;
- (BOOL)presentPreviewAnimated:(BOOL)animated;
- (BOOL)presentOptionsMenuFromRect:(CGRect)rect inView:(UIView *)view animated:(BOOL)animated;
@end
