#!/usr/bin/env bash
# How far one PostgreSQL goes, and what several of them would carry with tenants spread over them, reckoned from measured costs.
# Nothing is measured here: it is arithmetic with queues. docs/scaling.md says what it stands on and what it leaves out.
#
#   scripts/scaling.sh
#   CORES=16 TENANTS=5000 SKEW=1.1 scripts/scaling.sh
#
#   CORES        processors of a database server that are its own        8
#   DATABASE_US  processor time of the database for a create, µs         38.57  (append.postgresql.remote.200x200.2KB.random)
#   SILO_US      processor time of a silo for a create, µs               31.55  (the same)
#   STATE_BYTES  what is stored of a state, bytes                        2048   (random ones; a step of a conversation is some hundred)
#   REACHED      the part of its processors that a run got to use        0.71   (the same: 17,430/s of the 24,500/s that its costs allow)
#   BUSIEST      the part of that which an operator plans for            0.7
#   COMMIT_MS    time of a commit besides what each create adds, ms      0.37   (append.postgresql.store-1: 2,495 commits of one a second)
#   ROW_US       time that each create adds to its commit, µs            34     (append.postgresql.store-200: 27,800/s in commits of 200)
#   BATCH        the most creates in a commit                            1000   (Forge:Writer:BatchRecords)
#   LANES        commits in flight at once: silos × Forge:Writer:Lanes   6
#   TENANTS      how many tenants there are                              1000
#   SKEW         how unequal they are: 0 alike, 1 as words of a language 1
#   ROUNDS       how many times tenants are dealt out                    200
#   SEED         what the dealing begins with                            1
set -euo pipefail

awk -v cores="${CORES:-8}" -v database_us="${DATABASE_US:-38.57}" -v silo_us="${SILO_US:-31.55}" -v state_bytes="${STATE_BYTES:-2048}" -v reached="${REACHED:-0.71}" \
    -v busiest="${BUSIEST:-0.7}" -v commit_ms="${COMMIT_MS:-0.37}" -v row_us="${ROW_US:-34}" -v batch="${BATCH:-1000}" -v lanes="${LANES:-6}" \
    -v tenants="${TENANTS:-1000}" -v skew="${SKEW:-1}" -v rounds="${ROUNDS:-200}" -v seed="${SEED:-1}" '
function fail(text) { print "scaling: " text > "/dev/stderr"; failed = 1; exit 2 }

# A number from 0 up to 1, the same on every awk: the generator of Park and Miller, whose products a double holds.
function chance() { state = (state * 16807) % 2147483647; return state / 2147483647 }

# The part of arrivals that have to wait in a queue of so many servers (Erlang C), and how long in all, in units of the service time.
function waiting(servers, load,    i, term, sum) {
    term = 1; sum = 1
    for (i = 1; i < servers; i++) { term *= load / i; sum += term }
    term *= load / servers * servers / (servers - load)
    return term / (sum + term)
}

function number(value,    text, out) {
    text = sprintf("%.0f", value)
    while (length(text) > 3) { out = "," substr(text, length(text) - 2) out; text = substr(text, 1, length(text) - 3) }
    return text out
}

BEGIN {
    if (cores < 1 || lanes < 1 || tenants < 1 || rounds < 1 || batch < 1) fail("CORES, LANES, TENANTS, ROUNDS and BATCH are 1 at the least")
    if (reached <= 0 || reached > 1 || busiest <= 0 || busiest >= 1) fail("REACHED is above 0 up to 1, BUSIEST above 0 and below 1")
    if (seed < 1 || seed >= 2147483647) fail("SEED is from 1 to 2147483646")
    state = seed

    full = cores * 1e6 / database_us * reached
    plan = full * busiest
    printf "One database of %d processors: %s creates a second at the most, %s planned (%.0f %% of it).\n", cores, number(full), number(plan), 100 * busiest
    printf "Silos for these: %.1f processors. Bytes of states: %.0f MB a second, to the log and to the tables.\n\n", plan * silo_us / 1e6 / reached, plan * state_bytes / 1e6

    # Processors are servers, each create a service. A lane has no queue: what comes while it commits goes with its next commit, so that a
    # commit of a busy lane holds what came in the time of one, and a create waits half of one before its own.
    print "| creates a second | processors busy | a create waits for one, mean | lanes busy | creates in a commit | a create takes |"
    print "|---:|---:|---:|---:|---:|---:|"
    split("0.1 0.3 0.5 0.7 0.8 0.9 0.95", parts, " ")
    for (i = 1; i in parts; i++) {
        rate = full * parts[i]
        service = database_us / reached
        load = rate * service / 1e6
        wait = waiting(cores, load) * service / (cores - load)
        rest = 1 - rate * row_us / 1e6 / lanes
        group = rest > 0 ? rate * commit_ms / 1e3 / lanes / rest : batch + 1
        if (group > batch) {
            printf "| %s | %.0f %% | %.0f µs | more than there are | | |\n", number(rate), 100 * parts[i], wait
            continue
        }

        share = group < 1 ? rate * (commit_ms + row_us / 1e3) / 1e3 / lanes : 1
        takes = (commit_ms + (group < 1 ? 1 : group) * row_us / 1e3) * (1 + 0.5 * share) + wait / 1e3
        printf "| %s | %.0f %% | %.0f µs | %.0f %% | %.0f | %.1f ms |\n", number(rate), 100 * parts[i], wait, 100 * share, group < 1 ? 1 : group, takes
    }

    for (i = 1; i <= tenants; i++) { weight[i] = 1 / i ^ skew; all += weight[i] }
    printf "\n%d tenants, the greatest with %.1f %% of all (skew %s), %d dealings from seed %d.\n\n", tenants, 100 * weight[1] / all, skew, rounds, seed
    print "| databases | by hash: median, worst of the busiest one | creates a second planned, by hash | by size: the busiest one | planned, by size |"
    print "|---:|---:|---:|---:|---:|"
    for (d = 1; d <= 32; d *= 2) {
        delete tops
        for (round = 1; round <= rounds; round++) {
            for (k = 1; k <= d; k++) held[k] = 0
            for (i = 1; i <= tenants; i++) held[int(chance() * d) + 1] += weight[i] / all
            top = 0
            for (k = 1; k <= d; k++) if (held[k] > top) top = held[k]
            # Kept in order by insertion: there are few.
            for (k = round - 1; k >= 1 && tops[k] > top; k--) tops[k + 1] = tops[k]
            tops[k + 1] = top
        }

        # The greatest first, each to the one that has least: tenants are known by then, and can be moved.
        for (k = 1; k <= d; k++) held[k] = 0
        for (i = 1; i <= tenants; i++) {
            least = 1
            for (k = 2; k <= d; k++) if (held[k] < held[least]) least = k
            held[least] += weight[i] / all
        }
        size = 0
        for (k = 1; k <= d; k++) if (held[k] > size) size = held[k]

        middle = tops[int((rounds + 1) / 2)]
        printf "| %d | %.0f %%, %.0f %% | %s | %.0f %% | %s |\n", d, 100 * middle, 100 * tops[rounds], number(plan / middle), 100 * size, number(plan / size)
    }
}'
