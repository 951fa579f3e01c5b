/* Judgements of fingerprints. */
#include <inttypes.h>

#include "admin/doctor/checks.h"
#include "admin/doctor/quote.h"

void judge_endless(const struct facts *facts, struct findings *out)
{
    const struct fingerprint_facts *prints = &facts->fingerprints;
    char key[QUOTED_MAX];

    if (prints->endless > 0) {
        quote_shell(prints->endless_example, key);
        finding_add(out, SEVERITY_WARNING, NULL,
                    "%" PRId64 " fingerprints without a TTL, of %" PRId64 " looked at, of %" PRId64,
                    prints->endless, prints->sampled, prints->found);
        finding_mend(out, "%s PEXPIRE %s 86400000", facts->cli, key);
    }
    if (prints->windows_endless > 0) {
        quote_shell(prints->windows_example, key);
        finding_add(out, SEVERITY_WARNING, NULL,
                    "%" PRId64 " windows of fingerprints without a TTL", prints->windows_endless);
        finding_mend(out, "%s PEXPIRE %s 86400000", facts->cli, key);
    }
}

void judge_orphaned_claims(const struct facts *facts, struct findings *out)
{
    const struct fingerprint_facts *prints = &facts->fingerprints;
    char key[QUOTED_MAX];

    if (prints->orphans == 0)
        return;
    quote_shell(prints->orphan_example, key);
    finding_add(
        out, SEVERITY_WARNING, prints->orphan_queue,
        "jobs are missing, and %" PRId64 " of %" PRId64
        " fingerprints that were looked at are held by jobs that are nowhere: done, or lost",
        prints->orphans, prints->sampled);
    finding_mend(out, "%s DEL %s  # if that job is lost: then it can be pushed again", facts->cli,
                 key);
}
