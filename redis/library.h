/*
 * library: which client library this program was built with, for `navvy version`.
 */
#ifndef REDIS_LIBRARY_H
#define REDIS_LIBRARY_H

const char *redis_library_version(void); /* "1.2.0" */

#endif
