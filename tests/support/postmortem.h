/*
 * postmortem: what servers and programs of a test had to say, kept until the test program ends and
 * printed then, but only if it failed. So a red test shows its logs, and a green one is silent.
 */
#ifndef SUPPORT_POSTMORTEM_H
#define SUPPORT_POSTMORTEM_H

/* Keeps the end of a file that is about to be removed. */
void postmortem_keep(const char *title, const char *path);

#endif
