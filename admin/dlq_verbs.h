/*
 * dlq_verbs: the verbs of `navvy dlq`; one file per verb, one row each.
 */
#ifndef ADMIN_DLQ_VERBS_H
#define ADMIN_DLQ_VERBS_H

#define DLQ_VERBS(X)                                                                               \
    X(list, "show dead jobs, newest first")                                                        \
    X(groups, "show why jobs died: one line for each cause")                                       \
    X(show, "show everything about one dead job")                                                  \
    X(retry, "send dead jobs back to work")                                                        \
    X(drop, "throw dead jobs away")                                                                \
    X(purge, "throw all dead jobs of a queue away")                                                \
    X(tasks, "show what is retried or dropped now, and was of late")                               \
    X(cancel, "stop a task, wherever it runs")                                                     \
    X(resume, "go on with a task that was stopped, or whose process died")                         \
    X(export, "write dead jobs to stdout, one JSON object a line")                                 \
    X(import, "put exported jobs back, from stdin")

#define DLQ_VERB_PROTOTYPE(verb, summary) int dlq_##verb(int argc, char **argv);
DLQ_VERBS(DLQ_VERB_PROTOTYPE)

#endif
