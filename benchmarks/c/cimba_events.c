/* The days W1, W2 and W3 with cimba (https://github.com/ambonvik/cimba) in the leanest form we found: no process, only events and counters.
 *
 *     cc -O3 -march=native -o events cimba_events.c $(pkg-config --cflags --libs cimba) -lm && ./events w1 20
 *
 * Two events a call; those who wait stand in a ring. In W1 and W2 a hang-up is found out when the caller's turn comes, as in cpp/days.cpp;
 * in W3, where the rule looks at how many wait, it is an event, cancelled when the call is answered (to leave it, and find nobody there,
 * takes a tenth longer).
 */

#include "cimba_centre.h"

struct caller {
    double came, until; /* until: when patience runs out; NEVER: gone */
    uint64_t hang;      /* handle of the event, in W3 */
};
static struct caller line[LINE]; /* a place in it is the number of those who came before */
static uint64_t head, tail;
static int day, part; /* of the next arrival */
static double part_ends, mean_gap;

static void done(void *subject, void *object);

static void start_call(bool contingent, double now)
{
    cmb_event_schedule(done, NULL, contingent ? &on : NULL, now + handle_time(), 0);
}

/* The next who has not hung up, if there is one */
static bool answer(bool contingent, double now)
{
    while (head < tail) {
        const struct caller *caller = &line[head++ % LINE];
        if (w->full) {
            if (caller->until == NEVER)
                continue;
            cmb_event_cancel(caller->hang);
            --waiting;
        } else if (caller->until < now) {
            waited += caller->until - caller->came;
            continue;
        }
        count(now - caller->came);
        start_call(contingent, now);
        return true;
    }
    return false;
}

static void done(void *subject, void *object)
{
    (void)subject;
    const bool contingent = object != NULL;
    int *out = contingent ? &leaving : &due_out;
    if (*out > 0) {
        --*out;
        on -= contingent;
    } else if (!answer(contingent, cmb_time()))
        ++idle[contingent];
    look();
}

static void hang_up(void *subject, void *object)
{
    (void)object;
    struct caller *caller = subject;
    waited += cmb_time() - caller->came;
    caller->until = NEVER;
    --waiting;
    look();
}

static void send_home(void)
{
    on -= idle[1];
    idle[1] = 0;
    leaving = on;
}

static void log_in_all(void *subject, void *object)
{
    (void)subject;
    (void)object;
    engage();
    for (; on < w->contingents; ++on)
        idle[1] += !answer(true, cmb_time());
    look();
}

static void arrive(void *subject, void *object);

/* The next arrival of a Poisson process whose rate is that of the interval */
static void schedule_next(double time)
{
    while ((time += cmb_random_exponential(mean_gap)) >= part_ends) {
        if (++part == w->parts) {
            part = 0;
            if (++day == days)
                return;
        }
        time = day * DAY + w->opens + part * w->interval;
        part_ends = time + w->interval;
        mean_gap = w->interval / w->volume[part];
    }
    cmb_event_schedule(arrive, NULL, NULL, time, 0);
}

static void arrive(void *subject, void *object)
{
    (void)subject;
    (void)object;
    const double now = cmb_time();
    ++calls;
    if (idle[0] + idle[1] > 0) {
        const bool contingent = idle[0] == 0;
        --idle[contingent];
        ++within;
        start_call(contingent, now);
    } else {
        const double until = w->hangs ? now + patience() : NEVER;
        struct caller *caller = &line[tail++ % LINE];
        *caller = (struct caller){now, until, 0};
        if (w->full) {
            caller->hang = cmb_event_schedule(hang_up, caller, NULL, until, 0);
            ++waiting;
        }
    }
    schedule_next(now);
    look();
}

static void change(void *subject, void *object)
{
    (void)object;
    const uint64_t number = (uint64_t)subject;
    if (number % (uint64_t)w->parts == 0) {
        midnight = (double)(number / (uint64_t)w->parts) * DAY;
        active = false;
        send_home();
    }
    const int wanted = w->staff[number % (uint64_t)w->parts], rise = wanted - agents;
    agents = wanted;
    if (rise < 0) {
        const int go = idle[0] < -rise ? idle[0] : -rise;
        idle[0] -= go;
        due_out += -rise - go;
    } else {
        const int keep = due_out < rise ? due_out : rise;
        due_out -= keep;
        for (int k = keep; k < rise; ++k)
            idle[0] += !answer(false, cmb_time());
    }
    look();
    const uint64_t next = number + 1;
    if (next < (uint64_t)(days * w->parts))
        cmb_event_schedule(change, (void *)next, NULL,
                           (double)(next / (uint64_t)w->parts) * DAY + w->opens + (double)(next % (uint64_t)w->parts) * w->interval, 1);
}

static void begin(void)
{
    part_ends = w->opens + w->interval;
    mean_gap = w->interval / w->volume[0];
    cmb_event_schedule(change, NULL, NULL, w->opens, 1);
    schedule_next(w->opens);
}
