/* The days W1, W2 and W3 with cimba (https://github.com/ambonvik/cimba) as its tutorial teaches, through its public interface.
 *
 *     cc -O3 -march=native -o processes cimba_processes.c $(pkg-config --cflags --libs cimba) -lm && ./processes w1 20
 *
 * An agent is a process that takes calls from a queue and holds while it handles them; a hang-up is an event that takes the call out of
 * the queue; agents who go home are interrupted, and resumed when they come back.
 */

#include "cimba_centre.h"

#include <cmb_priorityqueue.h>

enum { MOST_AGENTS = 512 };
static const int64_t GO_HOME = 1;

enum state { OFF, BUSY, IDLE, GOING };
struct agent {
    struct cmb_process core;
    enum state state;
    bool contingent;
};
struct call {
    double came;
    uint64_t hang, place; /* handles: of the event, in the queue */
};
static struct agent regulars[MOST_AGENTS], pool[CONTINGENTS];
static struct call all_calls[LINE]; /* more than can be in the centre at once */
static uint32_t next_call;
static struct cmb_priorityqueue *line;

static void start_work(struct agent *agent)
{
    agent->state = BUSY;
    cmb_process_resume(&agent->core, CMB_PROCESS_SUCCESS);
}

static void go_home(struct agent *agent)
{
    agent->state = GOING;
    --idle[agent->contingent];
    cmb_process_interrupt(&agent->core, GO_HOME, 0);
}

static void send_home(void)
{
    leaving = on;
    for (int k = 0; k < w->contingents; ++k)
        if (pool[k].state == IDLE) {
            go_home(&pool[k]);
            --on;
            --leaving;
        }
}

static void log_in_all(void *subject, void *object)
{
    (void)subject;
    (void)object;
    engage();
    for (int k = 0; k < w->contingents; ++k)
        if (pool[k].state == OFF) {
            start_work(&pool[k]);
            ++on;
        }
}

static void *work(struct cmb_process *me, void *context)
{
    (void)context;
    struct agent *self = (struct agent *)me;
    for (;;) {
        if (self->state == OFF)
            cmb_process_yield(); /* until somebody resumes us */
        const bool free = cmb_priorityqueue_length(line) == 0;
        if (free) {
            self->state = IDLE;
            ++idle[self->contingent];
            look();
        }
        void *object = NULL;
        if (cmb_priorityqueue_get(line, &object) != CMB_PROCESS_SUCCESS) {
            self->state = OFF;
            continue;
        }
        if (free)
            --idle[self->contingent];
        self->state = BUSY;
        struct call *call = object;
        --waiting;
        if (call->hang)
            cmb_event_cancel(call->hang);
        count(cmb_time() - call->came);
        look();
        cmb_process_hold(handle_time());
        int *out = self->contingent ? &leaving : &due_out;
        if (*out > 0) {
            --*out;
            on -= self->contingent;
            self->state = OFF;
        }
    }
    return NULL;
}

static void hang_up(void *subject, void *object)
{
    (void)object;
    struct call *call = subject;
    cmb_priorityqueue_cancel(line, call->place);
    --waiting;
    waited += cmb_time() - call->came;
    look();
}

static void *arrivals(struct cmb_process *me, void *context)
{
    (void)me;
    (void)context;
    for (int day = 0; day < days; ++day)
        for (int part = 0; part < w->parts; ++part) {
            const double start = day * DAY + w->opens + part * w->interval, end = start + w->interval, mean = w->interval / w->volume[part];
            double time = start;
            while ((time += cmb_random_exponential(mean)) < end) {
                cmb_process_hold(time - cmb_time());
                struct call *call = &all_calls[next_call++ % LINE];
                ++calls;
                call->came = time;
                call->hang = w->hangs && waiting >= idle[0] + idle[1] ? cmb_event_schedule(hang_up, call, NULL, time + patience(), 0) : 0;
                ++waiting;
                cmb_priorityqueue_put(line, call, 0, &call->place);
                look();
            }
        }
    return NULL;
}

static void *roster(struct cmb_process *me, void *context)
{
    (void)me;
    (void)context;
    for (int day = 0; day < days; ++day)
        for (int part = 0; part < w->parts; ++part) {
            cmb_process_hold(day * DAY + w->opens + part * w->interval - cmb_time());
            if (part == 0) {
                midnight = day * DAY;
                active = false;
                send_home();
            }
            int rise = w->staff[part] - agents;
            agents = w->staff[part];
            for (; rise > 0 && due_out > 0; --rise)
                --due_out;
            for (int k = 0; rise > 0 && k < MOST_AGENTS; ++k)
                if (regulars[k].state == OFF) {
                    start_work(&regulars[k]);
                    --rise;
                }
            for (int k = 0; rise < 0 && k < MOST_AGENTS; ++k)
                if (regulars[k].state == IDLE) {
                    go_home(&regulars[k]);
                    ++rise;
                }
            due_out -= rise;
            look();
        }
    return NULL;
}

static void begin(void)
{
    static struct cmb_process coming, planning;
    line = cmb_priorityqueue_create();
    cmb_priorityqueue_initialize(line, "line", CMB_UNLIMITED);
    cmb_process_initialize(&coming, "arrivals", arrivals, NULL, 0);
    cmb_process_start(&coming);
    cmb_process_initialize(&planning, "roster", roster, NULL, 0);
    cmb_process_start(&planning);
    for (int k = 0; k < MOST_AGENTS + w->contingents; ++k) {
        struct agent *agent = k < MOST_AGENTS ? &regulars[k] : &pool[k - MOST_AGENTS];
        agent->contingent = k >= MOST_AGENTS;
        cmb_process_initialize(&agent->core, "agent", work, NULL, agent->contingent ? -1 : 0); /* regulars first */
        cmb_process_start(&agent->core);
    }
}
