// What device/iphone uses of Security.
#pragma once
#import <Foundation/Foundation.h>
extern const CFStringRef kSecClass, kSecClassGenericPassword, kSecAttrService, kSecAttrAccount, kSecReturnData, kSecValueData,
	kSecAttrAccessible, kSecAttrAccessibleAfterFirstUnlockThisDeviceOnly;
enum { errSecSuccess = 0, errSecAllocate = -108, errSecItemNotFound = -25300 };
OSStatus SecItemCopyMatching(CFDictionaryRef query, CFTypeRef *result);
OSStatus SecItemAdd(CFDictionaryRef attributes, CFTypeRef *result);
OSStatus SecItemUpdate(CFDictionaryRef query, CFDictionaryRef attributes);
OSStatus SecItemDelete(CFDictionaryRef query);
