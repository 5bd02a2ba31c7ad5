#!/usr/bin/env bash
# Replays a recorded run into a silo that is killed half way, and shows that nothing acknowledged was lost.
#
#   scripts/kill-and-resume.sh [FILE]
#
# FILE is any JSON with a 'history' array; a made-up run of 300 steps where none is given. Ends with 0 only if the silo
# was killed while the replay was under way and every state was read back byte for byte.
set -euo pipefail
cd "$(dirname "$0")/.."

work=$(mktemp -d)
silo=
replay=

finish() {
    [ -z "$replay" ] || kill "$replay" 2>/dev/null || true
    [ -z "$silo" ] || kill -KILL "$silo" 2>/dev/null || true
    rm -rf "$work"
}
trap finish EXIT

fail() {
    echo "FAILED: $1" >&2
    [ ! -s "$work/silo.log" ] || tail -n 20 "$work/silo.log" >&2
    exit 1
}

free_port() {
    local port
    for _ in $(seq 100); do
        port=$((20000 + RANDOM % 30000))
        if ! (: <"/dev/tcp/127.0.0.1/$port") 2>/dev/null; then
            echo "$port"
            return
        fi
    done
    fail "no free port was found"
}

start_silo() {
    dotnet Forge.Silo/bin/Release/net10.0/Forge.Silo.dll --urls "$url" --Forge:Data="$work/data" \
        --Forge:SiloPort="$silo_port" --Forge:GatewayPort="$gateway_port" >>"$work/silo.log" 2>&1 &
    silo=$!
    for _ in $(seq 300); do
        kill -0 "$silo" 2>/dev/null || fail "the silo ended while it was starting"
        if curl -fsS -o "$work/ready" "$url/health/ready" 2>"$work/curl.log"; then
            return
        fi
        sleep 0.1
    done
    fail "the silo was not ready within 30 s"
}

echo "Building."
dotnet build Forge.Silo -c Release -nologo -v quiet
dotnet build Forge.Cli -c Release -nologo -v quiet
run_replay=(dotnet Forge.Cli/bin/Release/net10.0/Forge.Cli.dll replay)

file=${1:-}
if [ -z "$file" ]; then
    file="$work/sample.json"
    "${run_replay[@]}" "$file" --make-sample 300
fi

url="http://127.0.0.1:$(free_port)"
silo_port=$(free_port)
gateway_port=$(free_port)
start_silo
echo "A silo is ready at $url."

coproc replay_process { "${run_replay[@]}" "$file" --url "$url" --session kill-and-resume --hold-half --wait 60 2>&1; }
replay=$replay_process_PID
exec {replay_output}<&"${replay_process[0]}" {replay_input}>&"${replay_process[1]}"

killed=no
waited=no
while IFS= read -r line <&"$replay_output"; do
    echo "  $line"
    case $line in
        "Holding after"*)
            # The line lets the replay go on, so that the kill meets it at work.
            echo >&"$replay_input"
            kill -KILL "$silo"
            wait "$silo" 2>/dev/null || true
            killed=yes
            echo "The silo was killed with SIGKILL; starting it again."
            start_silo
            ;;
        "The silo went away"*) waited=yes ;;
    esac
done

status=0
wait "$replay" || status=$?
replay=
[ "$status" -eq 0 ] || fail "the replay ended with $status"
[ "$killed" = yes ] || fail "the replay was over before the silo was killed"
[ "$waited" = yes ] || fail "the replay did not notice that the silo was killed"

"${run_replay[@]}" "$file" --url "$url" --session kill-and-resume --verify | sed 's/^/  Read once more: /'
echo "PASSED: killed half way, resumed, every state read back byte for byte."
