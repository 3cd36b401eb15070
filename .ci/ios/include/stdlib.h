// Of the C library, for the headers that cgo writes.
#pragma once
#include <stddef.h>
void *malloc(size_t);
void free(void *);
