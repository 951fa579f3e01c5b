/*
 * login: the endpoint, made of redis.url and of the options that complete it. Of two passwords the
 * one from the higher place wins: the command line, then the environment, then the file; in the
 * same place, the option's. The same holds for user and database.
 */
#ifndef CONFIG_LOGIN_H
#define CONFIG_LOGIN_H

#include "config/loader.h"

/* Fills config->redis; faults go to `errors`. `url_above`: the URL is from the command line. */
void login_make(struct loader *loader, bool url_above, struct buf *errors);

#endif
