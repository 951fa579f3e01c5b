/* traceparent: what is one and what is none, by the standard's rules; ids; what is sampled. */
#include "job/traceparent.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

#include <cmocka.h>

#define TRACE "4bf92f3577b34da6a3ce929d0e0e4736"
#define SPAN "00f067aa0ba902b7"

static void what_the_standard_allows_is_read(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        bool sampled;
    } rows[] = {
        {"00-" TRACE "-" SPAN "-01", true},
        {"00-" TRACE "-" SPAN "-00", false},
        {"00-" TRACE "-" SPAN "-03", true}, /* flags that are not known yet */
        {"00-" TRACE "-" SPAN "-fe", false},
        {"01-" TRACE "-" SPAN "-01", true},
        {"fe-" TRACE "-" SPAN "-01-what-comes-later", true},
        {"cc-" TRACE "-" SPAN "-00-", false},
    };

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct trace_context context;
        if (!traceparent_parse(slice_of(rows[i].text), &context))
            fail_msg("not read: %s", rows[i].text);
        assert_int_equal(context.trace_high, 0x4bf92f3577b34da6);
        assert_int_equal(context.trace_low, 0xa3ce929d0e0e4736);
        assert_int_equal(context.span, 0x00f067aa0ba902b7);
        assert_int_equal(context.sampled, rows[i].sampled);
    }
}

static void everything_else_is_none_and_changes_nothing(void **state)
{
    (void)state;
    static const char *const rows[] = {
        "",
        "00",
        "00-" TRACE "-" SPAN "-0",
        "00-" TRACE "-" SPAN "-011",
        "00-" TRACE "-" SPAN "-01-",
        "00-" TRACE "-" SPAN "-01 ",
        "01-" TRACE "-" SPAN "-01x",
        "ff-" TRACE "-" SPAN "-01",
        "0G-" TRACE "-" SPAN "-01",
        "00_" TRACE "-" SPAN "-01",
        "00-" TRACE "_" SPAN "-01",
        "00-" TRACE "-" SPAN "_01",
        "00-00000000000000000000000000000000-" SPAN "-01",
        "00-" TRACE "-0000000000000000-01",
        "00-4BF92F3577B34DA6A3CE929D0E0E4736-" SPAN "-01",
        "00-" TRACE "-00F067AA0BA902B7-01",
        "00-" TRACE "-" SPAN "-0A",
        " 0-" TRACE "-" SPAN "-01",
        "00-" TRACE "-" SPAN "-x1",
        "00-4bf92f3577b34da6a3ce929d0e0e473/-" SPAN "-01",
        "00-4bf92f3577b34da6a3ce929d0e0e473:-" SPAN "-01",
        "00-4bf92f3577b34da6a3ce929d0e0e473`-" SPAN "-01",
        "00-4bf92f3577b34da6a3ce929d0e0e473g-" SPAN "-01",
    };

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct trace_context context = {1, 2, 3, true};
        if (traceparent_parse(slice_of(rows[i]), &context))
            fail_msg("read: %s", rows[i]);
        assert_true(context.trace_high == 1 && context.trace_low == 2 && context.span == 3);
    }
}

static void what_is_written_reads_back(void **state)
{
    (void)state;
    static const struct trace_context rows[] = {
        {0, 1, 1, true}, {1, 0, UINT64_MAX, false}, {UINT64_MAX, UINT64_MAX, 0xf, true}};
    char text[TRACEPARENT_LEN + 1];

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct trace_context back;
        assert_ptr_equal(traceparent_format(&rows[i], text), text);
        assert_int_equal(strlen(text), TRACEPARENT_LEN);
        assert_true(traceparent_parse(slice_of(text), &back));
        assert_int_equal(back.trace_high, rows[i].trace_high);
        assert_int_equal(back.trace_low, rows[i].trace_low);
        assert_int_equal(back.span, rows[i].span);
        assert_int_equal(back.sampled, rows[i].sampled);
    }
    assert_string_equal(traceparent_format(&rows[0], text),
                        "00-00000000000000000000000000000001-0000000000000001-01");
}

static void a_tracestate_is_some_ascii(void **state)
{
    (void)state;
    char longest[TRACESTATE_MAX + 2];

    memset(longest, 'a', sizeof longest);
    assert_true(tracestate_fits(slice_of("congo=t61rcWkgMzE,rojo=00f067aa\t,x=~")));
    assert_true(tracestate_fits((struct slice){longest, TRACESTATE_MAX}));
    assert_false(tracestate_fits((struct slice){longest, TRACESTATE_MAX + 1}));
    assert_false(tracestate_fits(slice_of("")));
    assert_false(tracestate_fits(slice_of("a=1\r\nX-Evil: 1")));
    assert_false(tracestate_fits((struct slice){"a\0b", 3}));
    assert_false(tracestate_fits(slice_of("\xc3\xa4=1")));
    assert_false(tracestate_fits(slice_of("a\x7f")));
}

static void a_claim_has_one_trace_on_every_worker(void **state)
{
    (void)state;
    struct trace_context one, same, other;

    trace_of_claim(slice_of("web1-4711-00000000000000ff:17"), &one);
    trace_of_claim(slice_of("web1-4711-00000000000000ff:17"), &same);
    trace_of_claim(slice_of("web1-4711-00000000000000ff:18"), &other);
    assert_true(one.trace_high == same.trace_high && one.trace_low == same.trace_low);
    assert_int_equal(one.trace_low, trace_low_of_claim(slice_of("web1-4711-00000000000000ff:17")));
    assert_true(one.trace_high != other.trace_high && one.trace_low != other.trace_low);
    /* For ever: another one would tear the traces of a fleet while it is renewed. */
    assert_int_equal(one.trace_high, 0xdb03d8dd6f1f34ff);
    assert_int_equal(one.trace_low, 0xc769c145c5efb98d);
}

static void as_many_are_sampled_as_were_asked_for(void **state)
{
    (void)state;
    static const double ratios[] = {0, 0.001, 0.01, 0.25, 0.5, 1};
    enum { TRACES = 200000 };

    for (size_t i = 0; i < sizeof ratios / sizeof ratios[0]; i++) {
        int sampled = 0;
        for (int n = 0; n < TRACES; n++) {
            struct trace_context context;
            char claim[64];
            (void)snprintf(claim, sizeof claim, "web1-4711-00000000000000ff:%d", n);
            trace_of_claim(slice_of(claim), &context);
            sampled += trace_is_sampled(context.trace_low, ratios[i]);
        }
        double wanted = ratios[i] * TRACES, slack = ratios[i] == 0 || ratios[i] == 1 ? 0 : 0.2;
        if (sampled < wanted * (1 - slack) || sampled > wanted * (1 + slack))
            fail_msg("%d of %d are sampled, not %g", sampled, TRACES, wanted);
    }
}

static void what_is_sampled_at_a_ratio_is_at_every_higher_one(void **state)
{
    (void)state;
    for (uint64_t n = 1; n < 1000; n++) {
        bool before = false;
        for (double ratio = 0; ratio <= 1; ratio += 0.125) {
            bool now = trace_is_sampled(trace_span_id(1, n), ratio);
            assert_true(now || !before);
            before = now;
        }
    }
}

static void span_ids_differ_and_are_never_zero(void **state)
{
    (void)state;
    enum { IDS = 1000 };
    uint64_t ids[IDS];

    for (uint64_t n = 0; n < IDS; n++) {
        ids[n] = trace_span_id(7, n);
        assert_true(ids[n] != 0);
        for (uint64_t m = 0; m < n; m++)
            assert_true(ids[m] != ids[n]);
    }
    assert_int_not_equal(trace_span_id(8, 1), trace_span_id(7, 1));
    assert_int_equal(trace_span_id(0, 0), 1); /* the one that would be 0 */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_the_standard_allows_is_read),
        cmocka_unit_test(everything_else_is_none_and_changes_nothing),
        cmocka_unit_test(what_is_written_reads_back),
        cmocka_unit_test(a_tracestate_is_some_ascii),
        cmocka_unit_test(a_claim_has_one_trace_on_every_worker),
        cmocka_unit_test(as_many_are_sampled_as_were_asked_for),
        cmocka_unit_test(what_is_sampled_at_a_ratio_is_at_every_higher_one),
        cmocka_unit_test(span_ids_differ_and_are_never_zero),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
