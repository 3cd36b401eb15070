// What Go asks of iOS. Texts are UTF-8. Those that are returned belong to the
// caller, who frees them.
#pragma once
#include <stdint.h>

// What became of it; iphone.go has an error for each.
enum {
	cbDone = 0,
	cbNoApp = 1,
	cbNoWindow = 2,
	cbRefused = 3,
	cbSlow = 4,
	cbFailed = 5,
};

char *cbDocuments(void);            // the folder that Files shows as this app's
char *cbSupport(void);              // the folder for what is the app's alone; NULL: it cannot be made
int64_t cbFree(const char *path);   // bytes for what a person asked for; -1: not known
void cbKeepScreenOn(int on);
void cbWork(int more);              // 1: work begins that is to be finished in the background; -1: it has ended

int cbOpenURL(const char *address);
int cbOpen(const char *path, int look);  // look: show it here if that can be
int cbShare(const char *path);

int cbAskToNotify(void);
int cbNotify(const char *key, const char *title, const char *body, int leads);

// The Keychain; they return its OSStatus.
int cbSecret(const char *service, const char *account, char **value, int *size);
int cbKeepSecret(const char *service, const char *account, const char *value, int size);
int cbDropSecret(const char *service, const char *account);
