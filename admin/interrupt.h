/*
 * interrupt: a verb that waits is asked to stop (INT, TERM), and says what becomes of its work
 * before it ends. A second signal ends it at once.
 */
#ifndef ADMIN_INTERRUPT_H
#define ADMIN_INTERRUPT_H

void interrupt_catch(void);

/* The signal that came; 0: none. */
int interrupt_signal(void);

#endif
