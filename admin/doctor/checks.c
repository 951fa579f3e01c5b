#include "admin/doctor/checks.h"

#define CHECK_ROW(name, reads, why) {#name, reads, why, judge_##name},
const struct doctor_check doctor_checks[] = {DOCTOR_CHECKS(CHECK_ROW){NULL, NULL, NULL, NULL}};

void doctor_judge_all(const struct facts *facts, struct findings *out)
{
    for (const struct doctor_check *check = doctor_checks; check->name != NULL; check++) {
        out->check = check;
        check->judge(facts, out);
    }
    findings_sort(out);
}
