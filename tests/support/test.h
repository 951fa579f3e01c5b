/*
 * test: what every test file includes. cmocka.h leaves it to its users to include what it needs.
 */
#ifndef SUPPORT_TEST_H
#define SUPPORT_TEST_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/check.h"

enum { TEST_LIMIT_MS = 10000 }; /* the usual patience: far more than anything here needs */

#define ARRAY_COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* Fails the running test with a sentence, as if the caller had written fail_msg(). */
#define TEST_FAIL(...) test_fail(__FILE__, __LINE__, __VA_ARGS__)
_Noreturn void test_fail(const char *file, int line, const char *fmt, ...) PRINTF_LIKE(3, 4);

#endif
