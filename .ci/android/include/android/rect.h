// The part of the NDK's header that Debian's lack.
#pragma once
#include <stdint.h>

typedef struct ARect {
	int32_t left, top, right, bottom;
} ARect;
