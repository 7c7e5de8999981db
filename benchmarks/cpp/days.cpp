// The days W1, W2 and W3 of benchmarks/simulators.py, written by hand for nothing else: how fast could it be?
//
//     g++ -O3 -march=native -ffast-math -o days days.cpp && ./days w1 20
//
// Draws are made by the thousand, in loops that the compiler turns into vector instructions: xoshiro256++ (Blackman & Vigna 2021) in eight
// lanes, exponentials and Weibull by inversion, normals by Box and Muller (1958). Ends of calls stand in a binary heap of eight-byte keys
// that is sunk to the bottom and risen again (Wegener 1993), callers who wait in a ring, idle agents are a count. In W1 and W2 nothing asks
// how many wait, so that a hang-up is found out when the caller's turn comes; W3 has hang-ups in a second heap, staff by interval, and
// twelve contingents who are called up by estimated wait. Prints: calls, nanoseconds of processor time a call, share answered within
// 90 s, and mean wait of all, as one line of JSON.

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <vector>

constexpr double NEVER = 1e300;  // no infinities under -ffast-math
constexpr int LANES = 8, BLOCK = 1024;
constexpr double HANDLE = 300.0, WITHIN = 90.0, CALL_UP = 90.0, RELEASE = 20.0, NOTICE = 600.0, ENGAGED = 3600.0;

struct Random {
    alignas(64) uint64_t s[4][LANES];

    explicit Random(uint64_t seed) {
        for (auto &row : s)
            for (auto &word : row) {  // SplitMix64
                seed += 0x9E3779B97F4A7C15ull;
                uint64_t z = seed;
                z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9ull;
                z = (z ^ (z >> 27)) * 0x94D049BB133111EBull;
                word = z ^ (z >> 31);
            }
    }

    void uniforms(double *out) {  // within (0, 1)
        for (int i = 0; i < BLOCK; i += LANES)
            for (int j = 0; j < LANES; ++j) {
                const uint64_t sum = s[0][j] + s[3][j], result = ((sum << 23) | (sum >> 41)) + s[0][j], t = s[1][j] << 17;
                s[2][j] ^= s[0][j]; s[3][j] ^= s[1][j]; s[1][j] ^= s[2][j]; s[0][j] ^= s[3][j]; s[2][j] ^= t;
                s[3][j] = (s[3][j] << 45) | (s[3][j] >> 19);
                out[i + j] = ((double)(int64_t)(result >> 12) + 0.5) * 0x1.0p-52;
            }
    }
    void exponentials(double *out, double mean) {
        uniforms(out);
        for (int i = 0; i < BLOCK; ++i) out[i] = -mean * std::log(out[i]);
    }
    void weibulls(double *out, double scale, double power) {
        uniforms(out);
        for (int i = 0; i < BLOCK; ++i) out[i] = -std::log(out[i]);
        for (int i = 0; i < BLOCK; ++i) out[i] = scale * std::exp(power * std::log(out[i]));
    }
    void lognormals(double *out, double mu, double sigma) {
        uniforms(out);
        alignas(64) double radius[BLOCK / 2], angle[BLOCK / 2];
        for (int i = 0; i < BLOCK / 2; ++i) radius[i] = sigma * std::sqrt(-2.0 * std::log(out[i]));
        for (int i = 0; i < BLOCK / 2; ++i) angle[i] = 6.283185307179586 * out[i + BLOCK / 2];
        for (int i = 0; i < BLOCK / 2; ++i) out[i] = radius[i] * std::cos(angle[i]);
        for (int i = 0; i < BLOCK / 2; ++i) out[i + BLOCK / 2] = radius[i] * std::sin(angle[i]);
        for (int i = 0; i < BLOCK; ++i) out[i] = std::exp(mu + out[i]);
    }
};

struct Buffer {  // draws of one law
    alignas(64) double made[BLOCK];
    int used = BLOCK;
    template <class Fill> double next(Fill &&fill) {
        if (used == BLOCK) [[unlikely]] { fill(made); used = 0; }
        return made[used++];
    }
};

template <class Record> struct Heap {  // least first; places from 1
    std::vector<Record> at;
    size_t count = 0;
    explicit Heap(size_t room) : at(room + 2) {}
    const Record &top() const { return at[1]; }
    void rise(Record *a, size_t hole, Record item) {
        while (hole > 1 && item < a[hole >> 1]) { a[hole] = a[hole >> 1]; hole >>= 1; }
        a[hole] = item;
    }
    void push(Record item) { rise(at.data(), ++count, item); }
    void sink(Record item) {  // in place of the top
        Record *a = at.data();
        size_t hole = 1, child = 2;
        while (child < count) {
            child += a[child + 1] < a[child];
            a[hole] = a[child];
            hole = child;
            child <<= 1;
        }
        if (child == count) { a[hole] = a[child]; hole = child; }
        rise(a, hole, item);
    }
    void pop() { const Record last = at[count--]; if (count) sink(last); }
    void grow() { if (count + 2 >= at.size()) at.resize(2 * at.size()); }
};

struct Hang {
    double time;
    int64_t place;  // in the line
    bool operator<(const Hang &other) const { return time < other.time; }
};

struct Waiting { double came, until; };  // until: when patience runs out

struct Line {  // a ring; a place in it is the number of those who came before, so it also says who is gone
    std::vector<Waiting> ring = std::vector<Waiting>(1024);
    size_t head = 0, tail = 0;
    Waiting &at(size_t place) { return ring[place & (ring.size() - 1)]; }
    bool empty() const { return head == tail; }
    void push(Waiting caller) {
        if (tail - head == ring.size()) [[unlikely]] grow();
        at(tail++) = caller;
    }
    void grow() {
        std::vector<Waiting> wider(2 * ring.size());
        for (size_t place = head; place < tail; ++place) wider[place & (wider.size() - 1)] = at(place);
        ring.swap(wider);
    }
};

struct Scene {
    double opens, closes, interval;
    std::vector<double> volume;  // calls in each interval
    std::vector<int> staff;      // agents in each interval
    double patience_scale;       // 0: nobody hangs up
    double patience_power;       // 1 / Weibull shape
    int contingents;
};

struct Totals { long calls = 0, within = 0; double waited = 0.0; };

struct Tools {  // made once for all days
    Buffer gaps, handles, patiences;
    Heap<uint64_t> busy{1024};  // when calls end; odd: a contingent's
    Heap<Hang> hangs{1024};
    Line line;
};

static uint64_t key(double time, bool contingent) { return (std::bit_cast<uint64_t>(time) & ~1ull) | contingent; }

// Arrivals of a Poisson process whose rate is that of the interval
struct Arrivals {
    const Scene &w;
    size_t part = 0;
    double target = 0.0, passed = 0.0, starts, pace;
    explicit Arrivals(const Scene &scene) : w(scene), starts(scene.opens), pace(scene.interval / scene.volume[0]) {}
    double next(double gap) {
        target += gap;
        while (target - passed >= w.volume[part]) [[unlikely]] {
            passed += w.volume[part];
            starts += w.interval;
            if (++part == w.volume.size()) { --part; return NEVER; }
            pace = w.interval / w.volume[part];
        }
        return starts + (target - passed) * pace;
    }
};

// W1 and W2: one number of agents; HANGS: patience is exponential
template <bool HANGS> static void play_steady(const Scene &w, Tools &t, Random &luck, Totals &sum) {
    Arrivals arrivals(w);
    auto gap = [&] { return t.gaps.next([&](double *out) { luck.exponentials(out, 1.0); }); };
    auto handle = [&] { return t.handles.next([&](double *out) { luck.exponentials(out, HANDLE); }); };
    auto patience = [&] { return t.patiences.next([&](double *out) { luck.exponentials(out, w.patience_scale); }); };
    auto &busy = t.busy;
    auto &line = t.line;
    int free = w.staff[0];
    double arrival = arrivals.next(gap()), waited = 0.0;
    long calls = 0, within = 0;
    for (;;) {
        const double done = busy.count ? std::bit_cast<double>(busy.top()) : NEVER;
        if (arrival < done) {
            ++calls;
            if (free > 0) {
                --free;
                ++within;
                busy.grow();
                busy.push(key(arrival + handle(), false));
            } else line.push({arrival, HANGS ? arrival + patience() : NEVER});
            arrival = arrivals.next(gap());
            continue;
        }
        if (done == NEVER) break;
        for (;;) {
            if (line.empty()) { busy.pop(); ++free; break; }
            const Waiting &caller = line.at(line.head++);
            if (HANGS && caller.until < done) { waited += caller.until - caller.came; continue; }
            waited += done - caller.came;
            within += done - caller.came <= WITHIN;
            busy.sink(key(done + handle(), false));
            break;
        }
    }
    sum.calls += calls; sum.within += within; sum.waited += waited;
}

// W3: staff by interval, lognormal handle times, Weibull patience, contingents
static void play_full(const Scene &w, Tools &t, Random &luck, Totals &sum) {
    const double sigma = std::sqrt(std::log(2.0)), mu = std::log(HANDLE) - 0.5 * sigma * sigma;
    Arrivals arrivals(w);
    auto gap = [&] { return t.gaps.next([&](double *out) { luck.exponentials(out, 1.0); }); };
    auto handle = [&] { return t.handles.next([&](double *out) { luck.lognormals(out, mu, sigma); }); };
    auto patience = [&] { return t.patiences.next([&](double *out) { luck.weibulls(out, w.patience_scale, w.patience_power); }); };
    auto &busy = t.busy;
    auto &hangs = t.hangs;
    auto &line = t.line;
    int agents = w.staff[0], free = agents, due_out = 0, waiting = 0;  // agents: without those who are due out
    int on = 0, on_free = 0, leaving = 0;                              // contingents; leaving: after the call in hand
    bool active = false;
    double log_in = NEVER, block_ends = NEVER, change = w.opens + w.interval, engaged_until = NEVER;
    double arrival = arrivals.next(gap()), waited = 0.0;
    long calls = 0, within = 0;
    hangs.count = 0;
    auto next_caller = [&]() -> const Waiting * {  // of those who have not hung up
        while (!line.empty()) {
            const Waiting &caller = line.at(line.head++);
            if (caller.until != NEVER) { --waiting; return &caller; }
        }
        return nullptr;
    };
    auto answer = [&](double came, double now) {
        waited += now - came;
        within += now - came <= WITHIN;
    };
    auto start = [&](bool contingent, double now) {  // a call for somebody who comes, if there is one
        const Waiting *caller = next_caller();
        if (!caller) return false;
        answer(caller->came, now);
        busy.grow();
        busy.push(key(now + handle(), contingent));
        return true;
    };
    auto release = [&] { on -= on_free; on_free = 0; leaving = on; };
    for (;;) {
        while (hangs.count && (size_t)hangs.top().place < line.head) hangs.pop();
        const double done = busy.count ? std::bit_cast<double>(busy.top()) : NEVER, hang = hangs.count ? hangs.top().time : NEVER;
        const double rare = std::min(std::min(change, log_in), block_ends);
        const double now = std::min(std::min(arrival, done), std::min(hang, rare));
        if (now == arrival) {
            if (now == NEVER) break;
            ++calls;
            if (free + on_free > 0) {
                const bool contingent = free == 0;
                contingent ? --on_free : --free;
                ++within;
                busy.grow();
                busy.push(key(now + handle(), contingent));
            } else {
                const double until = now + patience();
                hangs.grow();
                hangs.push({until, (int64_t)line.tail});
                line.push({now, until});
                ++waiting;
            }
            arrival = arrivals.next(gap());
        } else if (now == done) {
            const bool contingent = busy.top() & 1;
            int &out = contingent ? leaving : due_out;
            if (out > 0) { --out; on -= contingent; busy.pop(); }
            else if (const Waiting *caller = next_caller()) {
                answer(caller->came, now);
                busy.sink(key(now + handle(), contingent));
            } else { busy.pop(); ++(contingent ? on_free : free); }
        } else if (now == hang) {
            Waiting &caller = line.at((size_t)hangs.top().place);
            waited += now - caller.came;
            caller.until = NEVER;
            --waiting;
            hangs.pop();
        } else if (now == change) {
            const int wanted = w.staff[(size_t)std::lround((change - w.opens) / w.interval)], rise = wanted - agents;
            change = change + w.interval < w.closes ? change + w.interval : NEVER;
            agents = wanted;
            if (rise < 0) {
                const int go = std::min(free, -rise);
                free -= go;
                due_out += -rise - go;
            } else {
                const int keep = std::min(due_out, rise);
                due_out -= keep;
                for (int k = keep; k < rise; ++k) free += !start(false, now);
            }
        } else if (now == log_in) {
            log_in = NEVER;
            block_ends = engaged_until = now + ENGAGED;
            while (on < w.contingents) { ++on; on_free += !start(true, now); }
        } else {
            block_ends = NEVER;
            if (!active) release();
        }
        if (now < w.closes) {
            const bool idle = free + on_free > 0;
            const double demand = (waiting + 1) * HANDLE, people = agents + on - leaving;  // the estimated wait is their quotient
            if (!active && !idle && demand >= CALL_UP * people) {
                active = true;
                leaving = 0;
                if (on < w.contingents && now + NOTICE < w.closes) log_in = now + NOTICE;
            } else if (active && (idle || demand <= RELEASE * people)) {
                active = false;
                log_in = NEVER;
                if (on && now >= engaged_until) release();
            }
        }
    }
    sum.calls += calls; sum.within += within; sum.waited += waited;
}

int main(int argc, char **argv) {
    if (argc < 3) { std::fprintf(stderr, "days w1|w2|w3 DAYS [SEED]\n"); return 2; }
    Scene w{28800.0, 64800.0, 36000.0, {60000.0}, {510}, 0.0, 1.0, 0};
    auto play = play_steady<false>;
    if (!std::strcmp(argv[1], "w2")) { w.staff = {480}; w.patience_scale = 120.0; play = play_steady<true>; }
    if (!std::strcmp(argv[1], "w3")) {
        w = {25200.0, 82800.0, 1800.0,
             {479.4, 595.5, 789.3, 1080.6, 1470.3, 1929.6, 2395.5, 2780.7, 3000.0, 3000.0, 2780.7, 2395.5, 1929.6, 1470.3, 1397.1, 1752.9,
              2097.9, 2374.5, 2529.0, 2529.0, 2374.5, 2097.9, 1752.9, 1397.1, 1077.6, 821.7, 636.3, 514.5, 441.0, 400.5, 379.8, 370.2},
             {85, 105, 138, 187, 253, 331, 410, 475, 425, 425, 394, 410, 331, 253, 241, 301,
              359, 406, 432, 432, 406, 359, 301, 241, 187, 143, 112, 91, 78, 71, 68, 66},
             300.0 / std::tgamma(1.0 + 1.0 / 1.3), 1.0 / 1.3, 12};
        play = play_full;
    }
    Random luck(argc > 3 ? std::strtoull(argv[3], nullptr, 10) : 1);
    Totals sum;
    Tools tools;
    const int days = std::atoi(argv[2]);
    const std::clock_t start = std::clock();  // processor time
    for (int day = 0; day < days; ++day) play(w, tools, luck, sum);
    const double spent = static_cast<double>(std::clock() - start) / CLOCKS_PER_SEC;
    std::printf("{\"calls\": %ld, \"ns\": %.2f, \"within\": %.6f, \"mean_wait\": %.4f}\n", sum.calls, spent / sum.calls * 1e9,
                (double)sum.within / sum.calls, sum.waited / sum.calls);
}
