/*
 * error: what an error reply means for who sent the command. The one classifier. Pure.
 */
#ifndef REDIS_ERROR_H
#define REDIS_ERROR_H

#include "base/slice.h"

#define ERROR_CLASSES(X)                                                                           \
    X(NONE, "none")           /* not an error */                                                   \
    X(NO_SCRIPT, "no-script") /* not executed: send the text */                                    \
    X(REDIRECT, "redirect")   /* not executed: MOVED, ASK */                                       \
    X(OOM, "oom")             /* refused: the memory is full */                                    \
    X(REFUSED,                                                                                     \
      "refused") /* refused for now: LOADING BUSY MISCONF NOREPLICAS CLUSTERDOWN TRYAGAIN ... */   \
    X(RECONNECT, "reconnect")   /* READONLY UNBLOCKED MASTERDOWN: this server is not the one */    \
    X(DENIED, "denied")         /* NOAUTH WRONGPASS NOPERM: fatal at start */                      \
    X(WRONG_TYPE, "wrong-type") /* this queue only */                                              \
    X(OTHER, "other")           /* not foreseen: logged, and treated as refused for now */         \
    X(UNANSWERED, "unanswered") /* executed or not: unknown */

#define ERROR_ENUM(id, name) ERROR_##id,
enum error_class { ERROR_CLASSES(ERROR_ENUM) ERROR_CLASS_COUNT };

/* `text` is the error as Redis sent it, without the '-'. */
enum error_class error_classify(struct slice text);

const char *error_class_name(enum error_class class_);

#endif
