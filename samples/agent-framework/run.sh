#!/usr/bin/env bash
# Starts a silo, runs many workflows at once against it, kills their process with SIGKILL at instants that chance says until all came to
# their end, and counts the checkpoints. Usage: samples/agent-framework/run.sh [SESSIONS] [STEPS]
set -euo pipefail
cd "$(dirname "$0")/../.."
sessions=${1:-20}
steps=${2:-50}
folder=$(mktemp -d)
dotnet build Forge.Silo -v q --nologo
dotnet build samples/agent-framework -v q --nologo

dotnet run --project Forge.Silo --no-build -- --Forge:Data "$folder/data" >"$folder/silo.txt" 2>&1 &
silo=$!
trap 'kill $silo 2>/dev/null || true; rm -rf "$folder"' EXIT
until curl -fs http://127.0.0.1:5080/health/ready >/dev/null; do kill -0 $silo; read -rt 0.2 <> <(:) || true; done

kills=0
while true; do
    dotnet samples/agent-framework/bin/Debug/net10.0/agent-framework.dll 127.0.0.1:30000 many "$sessions" "$steps" >>"$folder/workflows.txt" &
    workflows=$!
    if timeout "$((RANDOM % 3 + 1)).$((RANDOM % 10))" tail --pid=$workflows -f /dev/null; then
        wait $workflows
        break
    fi
    if kill -9 $workflows 2>/dev/null; then kills=$((kills + 1)); fi
    wait $workflows 2>/dev/null || true
done

stored=0
for i in $(seq "$sessions"); do
    info=$(curl -fs "http://127.0.0.1:5080/v1/sessions/workflow:many-$i")
    count=$(grep -o '"count":[0-9]*' <<<"$info" | head -n 1 | cut -d: -f2)
    stored=$((stored + count))
done
echo "killed $kills times; checkpoints: $stored of $((sessions * steps))"
[ "$stored" -eq $((sessions * steps)) ]
