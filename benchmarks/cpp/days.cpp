// The days W1, W2 and W3 of benchmarks/simulators.py, written by hand for nothing else: how fast could it be?
//
//     g++ -O3 -march=native -o days days.cpp && ./days w1 20
//
// Each call is drawn when it arrives (xoshiro256++ of Blackman & Vigna 2019; exponentials and Weibull by inversion, normals by the polar
// method), calls in hand and hang-ups stand in binary heaps, idle agents are a count. W3 has staff by interval and twelve contingents
// who are called up by estimated wait. Prints: calls, nanoseconds a call, share answered within 90 s, and mean wait, as one line of JSON.

#include <chrono>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <deque>
#include <functional>
#include <queue>
#include <vector>

struct Random {
    uint64_t s[4];
    bool spare = false;
    double kept = 0.0;
    explicit Random(uint64_t seed) {
        for (auto &word : s) {
            seed += 0x9E3779B97F4A7C15ull;
            uint64_t z = seed;
            z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9ull;
            z = (z ^ (z >> 27)) * 0x94D049BB133111EBull;
            word = z ^ (z >> 31);
        }
    }
    static uint64_t rotated(uint64_t x, int k) { return (x << k) | (x >> (64 - k)); }
    double uniform() {
        const uint64_t result = rotated(s[0] + s[3], 23) + s[0], t = s[1] << 17;
        s[2] ^= s[0]; s[3] ^= s[1]; s[1] ^= s[2]; s[0] ^= s[3]; s[2] ^= t; s[3] = rotated(s[3], 45);
        return ((result >> 11) + 0.5) * 0x1.0p-53;
    }
    double exponential() { return -std::log(uniform()); }
    double normal() {
        if (spare) { spare = false; return kept; }
        double u, v, r;
        do { u = 2.0 * uniform() - 1.0; v = 2.0 * uniform() - 1.0; r = u * u + v * v; } while (r >= 1.0 || r == 0.0);
        const double f = std::sqrt(-2.0 * std::log(r) / r);
        kept = v * f; spare = true;
        return u * f;
    }
};

struct Scene {
    double opens, closes, interval;
    std::vector<double> volume;  // calls in each interval
    std::vector<int> staff;      // agents in each interval
    double patience_scale;       // 0: nobody hangs up
    double patience_power;       // 1 / Weibull shape
    bool lognormal;
    int contingents;
};

struct Totals { long calls = 0, within = 0; double waited = 0.0; };

using Later = std::priority_queue<std::pair<double, int>, std::vector<std::pair<double, int>>, std::greater<>>;

static void play(const Scene &w, Random &luck, Totals &sum) {
    const double handle = 300.0, sigma = std::sqrt(std::log(2.0)), mu = -0.5 * sigma * sigma;
    Later busy, hangs;  // ends of handling (second: 1 for a contingent's); patience run out (second: call)
    std::deque<int> line;
    std::vector<double> arrived;
    std::vector<char> waiting;
    int agents = w.staff[0], free = agents, due_out = 0, waits = 0;
    int on = 0, on_free = 0, leaving = 0;  // contingents
    bool active = false;
    double log_in = INFINITY, block_until = INFINITY;
    size_t part = 0;
    double passed = 0.0, part_start = w.opens, target = luck.exponential();
    double next_change = w.opens + w.interval;
    auto next_arrival = [&]() {
        while (part < w.volume.size() && passed + w.volume[part] <= target) { passed += w.volume[part]; ++part; part_start += w.interval; }
        return part < w.volume.size() ? part_start + (target - passed) / w.volume[part] * w.interval : INFINITY;
    };
    double arrival = next_arrival();
    auto answer = [&](int call, double now, bool contingent) {
        const double length = handle * (w.lognormal ? std::exp(mu + sigma * luck.normal()) : luck.exponential());
        busy.push({now + length, contingent ? 1 : 0});
        sum.waited += now - arrived[call];
        sum.within += now - arrived[call] <= 90.0;
    };
    auto next_call = [&]() {
        while (!line.empty()) {
            const int call = line.front();
            line.pop_front();
            if (waiting[call]) { waiting[call] = 0; --waits; return call; }
        }
        return -1;
    };
    for (;;) {
        while (!hangs.empty() && !waiting[hangs.top().second]) hangs.pop();
        const double done = busy.empty() ? INFINITY : busy.top().first, hang = hangs.empty() ? INFINITY : hangs.top().first;
        const double change = next_change < w.closes ? next_change : INFINITY;
        const double now = std::min(std::min(arrival, done), std::min(std::min(hang, change), log_in));
        if (now == INFINITY) break;
        if (now == log_in) {
            log_in = INFINITY;
            block_until = now + 3600.0;
            for (int k = 0; k < w.contingents; ++k) {
                ++on;
                const int call = next_call();
                if (call >= 0) answer(call, now, true); else ++on_free;
            }
        } else if (now == change) {
            const int wanted = w.staff[(size_t)std::lround((change - w.opens) / w.interval)];
            next_change += w.interval;
            int rise = wanted - agents;
            agents = wanted;
            if (rise < 0) {
                const int go = std::min(free, -rise);
                free -= go; due_out += -rise - go;
            } else {
                const int keep = std::min(due_out, rise);
                due_out -= keep;
                for (int k = 0; k < rise - keep; ++k) {
                    const int call = next_call();
                    if (call >= 0) answer(call, now, false); else ++free;
                }
            }
        } else if (now == done) {
            const bool contingent = busy.top().second == 1;
            busy.pop();
            if (contingent && leaving > 0) { --leaving; --on; }
            else if (!contingent && due_out > 0) --due_out;
            else {
                const int call = next_call();
                if (call >= 0) answer(call, now, contingent); else if (contingent) ++on_free; else ++free;
            }
        } else if (now == hang) {
            const int call = hangs.top().second;
            hangs.pop();
            waiting[call] = 0; --waits;
            sum.waited += now - arrived[call];
        } else {
            const int call = (int)arrived.size();
            arrived.push_back(now);
            waiting.push_back(0);
            ++sum.calls;
            if (free > 0) { --free; answer(call, now, false); }
            else if (on_free > 0) { --on_free; answer(call, now, true); }
            else {
                line.push_back(call); waiting[call] = 1; ++waits;
                if (w.patience_scale > 0.0) {
                    const double e = luck.exponential();
                    hangs.push({now + w.patience_scale * (w.patience_power == 1.0 ? e : std::pow(e, w.patience_power)), call});
                }
            }
            target += luck.exponential();
            arrival = next_arrival();
        }
        if (w.contingents > 0 && now < w.closes) {
            const double wait = free + on_free > 0 ? 0.0 : (waits + 1) * handle / (agents + on - leaving);
            if (!active && wait >= 90.0) { active = true; if (on == 0) log_in = now + 600.0; }
            else if (active && wait <= 20.0) {
                active = false; log_in = INFINITY;
                if (now >= block_until) { on -= on_free; on_free = 0; leaving = on; }
            }
        }
    }
}

int main(int argc, char **argv) {
    if (argc < 3) { std::fprintf(stderr, "days w1|w2|w3 DAYS [SEED]\n"); return 2; }
    Scene w{28800.0, 64800.0, 36000.0, {60000.0}, {510}, 0.0, 1.0, false, 0};
    if (!std::strcmp(argv[1], "w2")) { w.staff = {480}; w.patience_scale = 120.0; }
    if (!std::strcmp(argv[1], "w3")) {
        w = {25200.0, 82800.0, 1800.0,
             {479.4, 595.5, 789.3, 1080.6, 1470.3, 1929.6, 2395.5, 2780.7, 3000.0, 3000.0, 2780.7, 2395.5, 1929.6, 1470.3, 1397.1, 1752.9,
              2097.9, 2374.5, 2529.0, 2529.0, 2374.5, 2097.9, 1752.9, 1397.1, 1077.6, 821.7, 636.3, 514.5, 441.0, 400.5, 379.8, 370.2},
             {85, 105, 138, 187, 253, 331, 410, 475, 425, 425, 394, 410, 331, 253, 241, 301,
              359, 406, 432, 432, 406, 359, 301, 241, 187, 143, 112, 91, 78, 71, 68, 66},
             300.0 / std::tgamma(1.0 + 1.0 / 1.3), 1.0 / 1.3, true, 12};
    }
    Random luck(argc > 3 ? std::strtoull(argv[3], nullptr, 10) : 1);
    Totals sum;
    const int days = std::atoi(argv[2]);
    const auto start = std::chrono::steady_clock::now();
    for (int day = 0; day < days; ++day) play(w, luck, sum);
    const double spent = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    std::printf("{\"calls\": %ld, \"ns\": %.2f, \"within\": %.6f, \"mean_wait\": %.4f}\n", sum.calls, spent / sum.calls * 1e9,
                (double)sum.within / sum.calls, sum.waited / sum.calls);
}
