/* What cimba_processes.c and cimba_events.c share: the days, the figures, the rule of the contingents, and the clock around it all.
 *
 * All days follow one another on one clock, and whatever is made is made before the time is taken. Prints the line of JSON that
 * cpp/days.cpp prints.
 */

#include <cimba.h>

#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { PARTS = 32, CONTINGENTS = 12, LINE = 1 << 16 }; /* LINE: more calls than are ever in the centre at once */
static const double NEVER = 1e300, DAY = 86400.0, HANDLE = 300.0, WITHIN = 90.0, CALL_UP = 90.0, RELEASE = 20.0, NOTICE = 600.0, ENGAGED = 3600.0;

struct scene {
    double opens, closes, interval;
    int parts, contingents;
    double volume[PARTS]; /* calls in each interval */
    int staff[PARTS];     /* agents in each interval */
    bool hangs, full;     /* full: lognormal handle times, Weibull patience */
};

static const struct scene W1 = {28800.0, 64800.0, 36000.0, 1, 0, {60000.0}, {510}, false, false};
static const struct scene W2 = {28800.0, 64800.0, 36000.0, 1, 0, {60000.0}, {480}, true, false};
static const struct scene W3 = {
    25200.0, 82800.0, 1800.0, 32, CONTINGENTS,
    {479.4, 595.5, 789.3, 1080.6, 1470.3, 1929.6, 2395.5, 2780.7, 3000.0, 3000.0, 2780.7, 2395.5, 1929.6, 1470.3, 1397.1, 1752.9,
     2097.9, 2374.5, 2529.0, 2529.0, 2374.5, 2097.9, 1752.9, 1397.1, 1077.6, 821.7, 636.3, 514.5, 441.0, 400.5, 379.8, 370.2},
    {85, 105, 138, 187, 253, 331, 410, 475, 425, 425, 394, 410, 331, 253, 241, 301,
     359, 406, 432, 432, 406, 359, 301, 241, 187, 143, 112, 91, 78, 71, 68, 66},
    true, true};

static const struct scene *w;
static int days;
static double midnight; /* of the day that is on */
static long calls, within;
static double waited;
static double mu, sigma, scale;

/* What the rule of the contingents looks at */
static int agents, due_out, on, leaving, waiting, idle[2]; /* agents: without those due out; idle: regulars, contingents */
static bool active;
static double engaged_until;
static uint64_t log_in, block_end; /* handles of events, 0: none */

static double handle_time(void) { return w->full ? cmb_random_lognormal(mu, sigma) : cmb_random_exponential(HANDLE); }
static double patience(void) { return w->full ? cmb_random_weibull(1.3, scale) : cmb_random_exponential(120.0); }

static void count(double wait)
{
    waited += wait;
    within += wait <= WITHIN;
}

static void log_in_all(void *, void *);
static void send_home(void); /* contingents: the idle at once, the busy after the call in hand */

static void look(void)
{
    const double now = cmb_time();
    if (w->contingents == 0 || now >= midnight + w->closes)
        return;
    const bool someone = idle[0] + idle[1] > waiting; /* more than are about to take a call */
    const double demand = (waiting + 1) * HANDLE, people = agents + on - leaving; /* the estimated wait is their quotient */
    if (!active && !someone && demand >= CALL_UP * people) {
        active = true;
        leaving = 0;
        if (on < w->contingents && now + NOTICE < midnight + w->closes)
            log_in = cmb_event_schedule(log_in_all, NULL, NULL, now + NOTICE, 0);
    } else if (active && (someone || demand <= RELEASE * people)) {
        active = false;
        if (log_in) {
            cmb_event_cancel(log_in);
            log_in = 0;
        }
        if (on && now >= engaged_until)
            send_home();
    }
}

static void end_of_block(void *subject, void *object)
{
    (void)subject;
    (void)object;
    block_end = 0;
    if (!active)
        send_home();
}

static void engage(void)
{
    log_in = 0;
    if (block_end)
        cmb_event_cancel(block_end);
    engaged_until = cmb_time() + ENGAGED;
    block_end = cmb_event_schedule(end_of_block, NULL, NULL, engaged_until, 0);
}

static void begin(void); /* schedules what happens first */

int main(int argc, char **argv)
{
    if (argc < 3) {
        fprintf(stderr, "%s w1|w2|w3 DAYS [SEED]\n", argv[0]);
        return 2;
    }
    w = !strcmp(argv[1], "w3") ? &W3 : !strcmp(argv[1], "w2") ? &W2 : &W1;
    days = atoi(argv[2]);
    sigma = sqrt(log(2.0));
    mu = log(HANDLE) - 0.5 * sigma * sigma;
    scale = 300.0 / tgamma(1.0 + 1.0 / 1.3);
    cmb_logger_flags_off(CMB_LOGGER_INFO);
    cmb_random_initialize(argc > 3 ? strtoull(argv[3], NULL, 10) : 1);
    cmb_event_queue_initialize(0.0);
    begin();
    struct timespec start, end;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &start);
    cmb_event_queue_execute();
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &end);
    const double spent = (double)(end.tv_sec - start.tv_sec) + (double)(end.tv_nsec - start.tv_nsec) * 1e-9;
    printf("{\"calls\": %ld, \"ns\": %.2f, \"within\": %.6f, \"mean_wait\": %.4f}\n", calls, spent / (double)calls * 1e9,
           (double)within / (double)calls, waited / (double)calls);
}
