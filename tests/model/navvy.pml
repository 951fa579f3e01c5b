/*
 * navvy: the moves of one queue, as a model that spin searches completely. docs/model.md is its
 * guide; docs/protocol.md and redis/lua/ are what it follows.
 *
 * Two jobs, two workers of one slot each. What Redis executes at once is one step here: each script
 * of redis/lua/, and SET, HKEYS and HMGET. A call may be executed and not answered, not executed, or
 * executed late, when its sender has given it up. Time is not modelled: a lease, a backoff and a
 * TTL end when the search likes. The search has the faults that the macros below allow it.
 */
#ifndef SAME
#define SAME 1 /* the jobs have one fingerprint */
#endif
#ifndef CRASHES
#define CRASHES 0 /* kill -9 of a worker */
#endif
#ifndef STALLS
#define STALLS 0 /* a live worker's lease ends */
#endif
#ifndef LOSSES
#define LOSSES 0 /* a call, its answer, or only its hurry is lost */
#endif
#ifndef STOPS
#define STOPS 0 /* a worker gives back what it has in hand */
#endif
#ifndef EXPIRIES
#define EXPIRIES 0 /* a fingerprint's TTL ends */
#endif
#ifndef REQUEUES
#define REQUEUES 0 /* a person sends a dead job back to work */
#endif
#ifndef ROLLBACKS
#define ROLLBACKS 0 /* Redis comes back as it was at an earlier moment */
#endif
#ifndef ATTEMPTS_MAX
#define ATTEMPTS_MAX 2 /* retry.max_attempts */
#endif
#define RECOVERIES_MAX 2 /* recoveries until a job is poison; 10 in dlq/verdict.h */

#define JOBS 2
#define WORKERS 2
#define INCARNATIONS (1 + WORKERS + CRASHES + STALLS + 2 * ROLLBACKS)
#define TAGS 16
#define CLAIM_ID(incarnation, tag) ((incarnation) * TAGS + (tag))

/* Where a job is. More than one at a time is what must never be. */
#define QUEUE 1 /* Q and stage: waiting for anyone */
#define READY 2
#define HELD 4
#define RETRY 8
#define DLQ 16
#define DONE 32
#define DUPLICATE 64

/* An incarnation's lease: in `workers` and not over, in `workers` and over, in `dead`. */
#define GONE 0
#define ALIVE 1
#define OVER 2
#define DEAD 3

typedef database {
    byte in[JOBS] = QUEUE;  /* the containers; DONE and DUPLICATE stand for none */
    byte by[JOBS];          /* HELD: held:W and ... */
    byte tag[JOBS];         /* ... its field */
    byte claim[JOBS];       /* the record's header; 0: not written yet */
    byte attempt[JOBS];
    byte recoveries[JOBS];
    byte deliveries[JOBS];
    bit force[JOBS];
    byte fp[JOBS];          /* claim id of the holder; 0: not there */
    byte lease[INCARNATIONS];
    byte next[INCARNATIONS]; /* meta's next:W */
    byte taken;             /* counters of meta */
    byte done;
    byte duplicate;
}
database redis;


/* The world around it. */
byte crashes = CRASHES, stalls = STALLS, losses = LOSSES, stops = STOPS;
byte expiries = EXPIRIES, requeues = REQUEUES, rollbacks = ROLLBACKS;
byte incarnations;             /* names given so far */
bit runs[INCARNATIONS];        /* its process lives */
bit lease_ended[INCARNATIONS]; /* and was not renewed: nobody else may be recovered */
bit cut[WORKERS];              /* the connection was lost: compare before going on */
byte started[JOBS];            /* the largest delivery that a handler was given */

#define FINGERPRINT(job) (SAME -> 0 : (job))
#define OTHER(job) (1 - (job))
#define ENDED(job) (redis.in[job] & (DONE | DUPLICATE | DLQ))
#define WAITS(job) (redis.in[job] & (QUEUE | READY | RETRY))
#define HOLDS(incarnation, t, job)                                                                \
    (redis.in[job] & HELD && redis.by[job] == (incarnation) && redis.tag[job] == (t))
#define HOLDS_ANY(incarnation)                                                                    \
    ((redis.in[0] & HELD && redis.by[0] == (incarnation)) ||                                      \
     (redis.in[1] & HELD && redis.by[1] == (incarnation)))

/* ---- what must hold after every step that changes Redis ---- */

#define ONE_PLACE(job)                                                                            \
    (redis.in[job] == QUEUE || redis.in[job] == READY || redis.in[job] == HELD ||                 \
     redis.in[job] == RETRY || redis.in[job] == DLQ || redis.in[job] == DONE ||                   \
     redis.in[job] == DUPLICATE)
#define COUNT(mask) ((redis.in[0] & (mask) -> 1 : 0) + (redis.in[1] & (mask) -> 1 : 0))

/* READY holds only jobs that were taken once: nothing else comes there. */
#define BOOKS                                                                                     \
    (redis.taken == COUNT(HELD) + COUNT(READY) + COUNT(RETRY) + COUNT(DLQ) + redis.done +         \
                        redis.duplicate &&                                                        \
     redis.done == COUNT(DONE) && redis.duplicate == COUNT(DUPLICATE))

inline check()
{
    assert(ONE_PLACE(0) && ONE_PLACE(1)); /* no job is lost, none is in two places */
    assert(BOOKS);
}

/* ---- Redis: each of these is one step ---- */

#define V_DONE 1      /* settle */
#define V_DUPLICATE 2 /* settle */
#define V_RETRY 3     /* shift: the handler failed */
#define V_BURY 4      /* shift: failed for good */
#define V_RELEASE 5   /* shift: given back before it began */
#define V_STOPPED 6   /* shift: given back out of its handler */

inline put(job, container)
{
    assert(!(redis.in[job] & container));
    redis.in[job] = redis.in[job] | container
}

/* HDEL held:W tag; `hit` says whether it was there. Each delivery ends once: with it goes its tag. */
inline hdel(incarnation, t, job)
{
    hit = HOLDS(incarnation, t, job);
    if
    :: hit -> redis.in[job] = redis.in[job] & ~HELD; redis.by[job] = 0; redis.tag[job] = 0
    :: else
    fi
}

inline stamp(job, incarnation, t)
{
    redis.claim[job] = (redis.claim[job] -> redis.claim[job] : CLAIM_ID(incarnation, t));
    redis.deliveries[job]++
}

inline fp_delete(job, claim_id)
{
    if
    :: redis.fp[FINGERPRINT(job)] == claim_id -> redis.fp[FINGERPRINT(job)] = 0
    :: else
    fi
}

/* settle.lua and shift.lua. */
inline redis_settle(incarnation, t, job, verdict, claim_id)
{
    hdel(incarnation, t, job);
#ifdef BROKEN_RETRY /* the move to retry does not ask whether the job was still held */
    hit = (verdict == V_RETRY -> 1 : hit);
#endif
    if
    :: !hit
    :: hit && verdict == V_DONE -> put(job, DONE); redis.done++
    :: hit && verdict == V_DUPLICATE ->
        /* Somebody else does this very work, and has not been dropped for the same reason. */
        assert(SAME && !(redis.in[OTHER(job)] & DUPLICATE));
        put(job, DUPLICATE); redis.duplicate++
    :: hit && verdict == V_RETRY ->
        stamp(job, incarnation, t);
        redis.attempt[job]++; redis.recoveries[job] = 0;
        put(job, RETRY)
    :: hit && verdict == V_BURY ->
        fp_delete(job, claim_id);
        stamp(job, incarnation, t);
        put(job, DLQ)
    :: hit && verdict == V_RELEASE ->
#ifdef BROKEN_RELEASE /* as it came, its fingerprint deleted, although its claim may yet arrive */
        if
        :: redis.claim[job] == 0 -> fp_delete(job, claim_id)
        :: else
        fi;
#else
        redis.claim[job] = (asked -> claim_id : redis.claim[job]);
#endif
        put(job, READY)
    :: hit && verdict == V_STOPPED -> stamp(job, incarnation, t); put(job, READY)
    fi;
    check()
}

/* take.lua; promotion of what is due is a part of it. `hit`: the job was moved. */
inline redis_take(incarnation, t, job)
{
    hit = (redis.lease[incarnation] == ALIVE || redis.lease[incarnation] == OVER) &&
          t >= redis.next[incarnation] && WAITS(job);
    if
    :: hit ->
        redis.taken = redis.taken + (redis.in[job] & QUEUE -> 1 : 0);
        redis.in[job] = redis.in[job] & ~(QUEUE | READY | RETRY);
        put(job, HELD);
        redis.by[job] = incarnation; redis.tag[job] = t;
        redis.next[incarnation] = t + 1
    :: else
    fi;
    check()
}

/* SET fp <claim id> NX GET PX <ttl>. `holder`: 0 for nil. */
inline redis_claim(job, claim_id)
{
    holder = redis.fp[FINGERPRINT(job)];
    if
#ifdef BROKEN_FINGERPRINT /* the value says that it is taken, not by whom */
    :: holder == 0 -> redis.fp[FINGERPRINT(job)] = 255
#else
    :: holder == 0 -> redis.fp[FINGERPRINT(job)] = claim_id
#endif
    :: else
    fi
}

/* recover.lua without items: declares the death. `hit`: status ok, and jobs are left. */
inline redis_declare(dead)
{
    hit = 1;
    if
#ifndef BROKEN_RECOVER /* believes what a beat said a while ago */
    :: redis.lease[dead] == ALIVE -> hit = 0
#endif
    :: else ->
        redis.lease[dead] = (HOLDS_ANY(dead) -> DEAD : GONE);
        hit = HOLDS_ANY(dead)
    fi
}

/* recover.lua with one item. The new bytes are made of what HMGET answered: held bytes never change. */
inline redis_recover(dead, t, job)
{
    hdel(dead, t, job);
    if
    :: hit ->
        assert(lease_ended[dead]); /* an extra delivery has a cause */
        stamp(job, dead, t);
        redis.recoveries[job]++;
        if
        :: redis.recoveries[job] >= RECOVERIES_MAX -> put(job, DLQ)
        :: else -> put(job, READY)
        fi
    :: else
    fi;
    if
    :: !HOLDS_ANY(dead) -> redis.lease[dead] = GONE
    :: else
    fi;
    check()
}

/* ---- a call that was given up, and still arrives ---- */

#define LATE_NONE 0
#define LATE_TAKE 1
#define LATE_CLAIM 2
#define LATE_SETTLE 3
typedef call { byte what, sender, field, about, end_as, claims; bit was_asked }
call late;

inline give_up(what_, incarnation_, tag_, job_, verdict_, claim_id_)
{
    late.what = what_; late.sender = incarnation_; late.field = tag_; late.about = job_;
    late.end_as = verdict_; late.claims = claim_id_; late.was_asked = asked
}

active proctype network()
{
    bit hit, asked;
    byte holder;
end:
    do
    :: d_step { late.what == LATE_TAKE ->
        redis_take(late.sender, late.field, late.about); late.what = 0; hit = 0 }
    :: d_step { late.what == LATE_CLAIM ->
        redis_claim(late.about, late.claims); late.what = 0; holder = 0 }
    :: d_step { late.what == LATE_SETTLE ->
        asked = late.was_asked;
        redis_settle(late.sender, late.field, late.about, late.end_as, late.claims);
        late.what = 0; hit = 0; asked = 0 }
    od
}

/* ---- time, people, and the machine that Redis runs on ---- */

#if ROLLBACKS
database saved;
bit is_saved;

#define COPY_JOB(to, from, j)                                                                     \
    to.in[j] = from.in[j]; to.by[j] = from.by[j]; to.tag[j] = from.tag[j];                        \
    to.claim[j] = from.claim[j]; to.attempt[j] = from.attempt[j];                                 \
    to.recoveries[j] = from.recoveries[j]; to.deliveries[j] = from.deliveries[j];                 \
    to.force[j] = from.force[j]; to.fp[j] = from.fp[j]

inline copy(to, from)
{
    COPY_JOB(to, from, 0);
    COPY_JOB(to, from, 1);
    i = 0;
    do
    :: i < INCARNATIONS -> to.lease[i] = from.lease[i]; to.next[i] = from.next[i]; i++
    :: else -> break
    od;
    i = 0;
    to.taken = from.taken; to.done = from.done; to.duplicate = from.duplicate
}
#endif

/* What Redis lost, nobody remembers but the workers; their connections went with it. */
inline roll_back()
{
    copy(redis, saved);
    copy(saved, redis);
    late.what = LATE_NONE;
    cut[0] = 1; cut[1] = 1;
    started[0] = 0; started[1] = 0; /* deliveries are counted again from there */
    check()
}

#define ELAPSE(i) redis.lease[i] == ALIVE -> stalls--; redis.lease[i] = OVER; lease_ended[i] = 1
#define REQUEUE(j)                                                                                \
    redis.in[j] == DLQ -> requeues--; redis.in[j] = READY; redis.force[j] = 1;                    \
        redis.attempt[j] = 0; redis.recoveries[j] = 0

active proctype world()
{
    byte i;
end:
    do
    :: d_step { /* the lease of a process that died: always, in the end */
        redis.lease[1] == ALIVE && !runs[1] -> redis.lease[1] = OVER; lease_ended[1] = 1 }
    :: d_step { redis.lease[2] == ALIVE && !runs[2] -> redis.lease[2] = OVER; lease_ended[2] = 1 }
#if INCARNATIONS > 3
    :: d_step { redis.lease[3] == ALIVE && !runs[3] -> redis.lease[3] = OVER; lease_ended[3] = 1 }
#endif
#if INCARNATIONS > 4
    :: d_step { redis.lease[4] == ALIVE && !runs[4] -> redis.lease[4] = OVER; lease_ended[4] = 1 }
#endif
#if INCARNATIONS > 5
    :: d_step { redis.lease[5] == ALIVE && !runs[5] -> redis.lease[5] = OVER; lease_ended[5] = 1 }
#endif
#if STALLS
    :: d_step { stalls > 0 && ELAPSE(1) }
    :: d_step { stalls > 0 && ELAPSE(2) }
#if INCARNATIONS > 3
    :: d_step { stalls > 0 && ELAPSE(3) }
#endif
#endif
#if EXPIRIES
    :: d_step { expiries > 0 && redis.fp[0] != 0 -> expiries--; redis.fp[0] = 0 }
#endif
#if REQUEUES
    :: d_step { requeues > 0 && REQUEUE(0) }
    :: d_step { requeues > 0 && REQUEUE(1) }
#endif
#if ROLLBACKS
    :: d_step { !is_saved -> copy(saved, redis); is_saved = 1 }
    :: d_step { is_saved && rollbacks > 0 -> rollbacks--; roll_back() }
#endif
    od
}

/* ---- a worker ---- */

#define IDLE 0
#define TAKEN 1
#define CLAIMED 2 /* waits for a thread */
#define WORKING 3
#define DECIDED 4

#define ANSWERED 0
#define UNANSWERED 1
#define NOT_SENT 2
#define LATE 3

inline choose_fate()
{
    if
    :: fate = ANSWERED
#if LOSSES
    :: losses > 0 -> losses--; fate = UNANSWERED
    :: losses > 0 -> losses--; fate = NOT_SENT
    :: losses > 0 && late.what == LATE_NONE -> losses--; fate = LATE
#endif
    fi
}

#define OWN_CLAIM(job) (redis.claim[job] -> redis.claim[job] : CLAIM_ID(me, tag))

inline empty_slot() { state = IDLE; job = 0; tag = 0; verdict = 0; asked = 0; claim_id = 0 }

inline forget() { empty_slot(); heard = 0; dead = 0; dead_tag = 0; dead_job = 0 }

inline join()
{
    incarnations++;
    me = incarnations;
    assert(me < INCARNATIONS);
    next_tag = 1;
    runs[me] = 1;
    redis.lease[me] = ALIVE
}

inline call_take(j)
{
    choose_fate();
    d_step {
        assert(next_tag < TAGS);
        if
        :: fate == ANSWERED || fate == UNANSWERED -> redis_take(me, next_tag, j)
        :: fate == LATE -> give_up(LATE_TAKE, me, next_tag, j, 0, 0)
        :: else
        fi;
        if
        :: fate == ANSWERED && hit ->
            state = TAKEN; job = j; tag = next_tag; claim_id = OWN_CLAIM(j)
        :: else
        fi;
        cut[w] = cut[w] || fate != ANSWERED;
        next_tag++; hit = 0; fate = 0
    }
}

inline call_claim()
{
    choose_fate();
    d_step {
        if
        :: fate == ANSWERED || fate == UNANSWERED -> redis_claim(job, claim_id)
        :: fate == LATE -> give_up(LATE_CLAIM, me, tag, job, 0, claim_id)
        :: else
        fi;
        if
        :: fate != ANSWERED -> cut[w] = 1
        :: fate == ANSWERED && (holder == 0 || holder == claim_id || redis.force[job] ||
                                redis.attempt[job] > 0) -> state = CLAIMED
        :: else -> state = DECIDED; verdict = V_DUPLICATE
        fi;
        asked = 1; holder = 0; fate = 0
    }
}

inline call_settle()
{
    choose_fate();
    d_step {
        if
        :: fate == ANSWERED || fate == UNANSWERED -> redis_settle(me, tag, job, verdict, claim_id)
        :: fate == LATE -> give_up(LATE_SETTLE, me, tag, job, verdict, claim_id)
        :: else
        fi;
        if
        :: fate == ANSWERED -> empty_slot() /* moved, or refused: over */
        :: else -> cut[w] = 1
        fi;
        hit = 0; fate = 0
    }
}

/* A handler begins. What it is told grows, so that it can fence its effects. */
inline begin()
{
    assert(redis.deliveries[job] + 1 > started[job] || !HOLDS(me, tag, job));
    started[job] = (HOLDS(me, tag, job) -> redis.deliveries[job] + 1 : started[job]);
    state = WORKING
}

/* HKEYS and HMGET against the table: resync.c. */
inline compare()
{
    cut[w] = 0; heard = 0; dead = 0; dead_tag = 0; dead_job = 0;
    if
    :: state != IDLE && !HOLDS(me, tag, job) -> empty_slot()
    :: else
    fi;
    if
    :: state == IDLE && redis.in[0] & HELD && redis.by[0] == me ->
        state = TAKEN; job = 0; tag = redis.tag[0]; claim_id = OWN_CLAIM(0)
    :: state == IDLE && redis.in[1] & HELD && redis.by[1] == me && !(redis.in[0] & HELD && redis.by[0] == me) ->
        state = TAKEN; job = 1; tag = redis.tag[1]; claim_id = OWN_CLAIM(1)
    :: else
    fi
}

#define IS_MEMBER (redis.lease[me] == ALIVE || redis.lease[me] == OVER)
#ifdef BROKEN_BEAT /* a beat names nobody whose lease is over */
#define HEAR(d) 0
#else
#define HEAR(d) (me != d && heard == 0 && dead == 0 && (redis.lease[d] == OVER || redis.lease[d] == DEAD))
#endif

active [WORKERS] proctype worker()
{
    byte w = _pid - 2;
    byte me, next_tag;
    byte state, job, tag, verdict, claim_id;
    bit asked; /* a claim was sent, answered or not */
    byte heard, dead, dead_tag, dead_job;
    byte fate, holder;
    bit hit;

    d_step { join() }
end:
    do
    /* the way of a job */
    :: atomic { state == IDLE && !cut[w] && !HOLDS_ANY(me) && IS_MEMBER && WAITS(0) -> call_take(0) }
    :: atomic { state == IDLE && !cut[w] && !HOLDS_ANY(me) && IS_MEMBER && WAITS(1) -> call_take(1) }
    :: atomic { state == TAKEN && !cut[w] -> call_claim() }
    :: d_step { state == CLAIMED -> begin() }
    :: state == WORKING -> state = DECIDED; verdict = V_DONE
    :: d_step { state == WORKING -> state = DECIDED;
        verdict = (redis.attempt[job] + 1 < ATTEMPTS_MAX -> V_RETRY : V_BURY) }
    :: atomic { state == DECIDED && !cut[w] -> call_settle() }
#ifdef BROKEN_ADOPT /* a call without an answer is taken for one that did nothing */
    :: d_step { cut[w] -> cut[w] = 0 }
#else
    :: d_step { cut[w] || (state == IDLE && HOLDS_ANY(me)) -> compare() }
#endif

    /* the heartbeat, on a connection of its own */
    :: d_step { redis.lease[me] == OVER -> redis.lease[me] = ALIVE; lease_ended[me] = 0 }
    :: d_step { !IS_MEMBER -> runs[me] = 0; forget(); join() }

    /* the recovery of others: a beat names them, then declare, then their jobs */
    :: d_step { HEAR(1) -> heard = 1 }
    :: d_step { HEAR(2) -> heard = 2 }
#if INCARNATIONS > 3
    :: d_step { HEAR(3) -> heard = 3 }
#endif
#if INCARNATIONS > 4
    :: d_step { HEAR(4) -> heard = 4 }
#endif
#if INCARNATIONS > 5
    :: d_step { HEAR(5) -> heard = 5 }
#endif
    :: d_step { heard != 0 && !cut[w] -> redis_declare(heard);
        dead = (hit -> heard : 0); heard = 0; hit = 0 }
    :: d_step { dead != 0 && dead_tag == 0 && !cut[w] ->
        if
        :: redis.in[0] & HELD && redis.by[0] == dead -> dead_job = 0; dead_tag = redis.tag[0]
        :: redis.in[1] & HELD && redis.by[1] == dead &&
           !(redis.in[0] & HELD && redis.by[0] == dead) -> dead_job = 1; dead_tag = redis.tag[1]
        :: else -> dead = 0
        fi }
    :: d_step { dead_tag != 0 && !cut[w] -> redis_recover(dead, dead_tag, dead_job);
        dead = 0; dead_tag = 0; dead_job = 0; hit = 0 }

    /* what happens to it */
#if CRASHES
    :: d_step { crashes > 0 -> crashes--; cut[w] = 0; runs[me] = 0; forget(); join() }
#endif
#if STOPS
    :: d_step { stops > 0 && (state == TAKEN || state == CLAIMED) -> stops--;
        state = DECIDED; verdict = V_RELEASE }
    :: d_step { stops > 0 && state == WORKING -> stops--; state = DECIDED; verdict = V_STOPPED }
#endif
    od
}

/* Time goes by also where nothing can happen any more: a run that stands still is one that never
 * ends, which a search under weak fairness would not see otherwise. */
#ifdef LIVENESS
active proctype time()
{
    bit tick;
    do
    :: tick = 1 - tick
    od
}

ltl every_job_ends { <>[] (ENDED(0) && ENDED(1)) }
#endif
