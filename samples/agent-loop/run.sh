#!/usr/bin/env bash
# Starts a silo and the agent, kills the agent with SIGKILL at instants that chance says until it comes to its end, and
# counts the orders of the shop. Usage: samples/agent-loop/run.sh [ORDERS]
set -euo pipefail
cd "$(dirname "$0")/../.."
orders=${1:-10}
folder=$(mktemp -d)
dotnet build Forge.Silo -v q --nologo
dotnet build samples/agent-loop -v q --nologo

dotnet run --project Forge.Silo --no-build -- --Forge:Data "$folder/data" >"$folder/silo.txt" 2>&1 &
silo=$!
trap 'kill $silo 2>/dev/null || true; rm -rf "$folder"' EXIT
until curl -fs http://127.0.0.1:5080/health/ready >/dev/null; do kill -0 $silo; read -rt 0.2 <> <(:) || true; done

kills=0
while true; do
    dotnet samples/agent-loop/bin/Debug/net10.0/agent-loop.dll 127.0.0.1:30000 agent "$folder" "$orders" >>"$folder/agent.txt" &
    agent=$!
    if timeout "$((RANDOM % 2)).$((RANDOM % 9 + 1))" tail --pid=$agent -f /dev/null; then
        wait $agent
        break
    fi
    if kill -9 $agent 2>/dev/null; then kills=$((kills + 1)); fi
    wait $agent 2>/dev/null || true
done
tail -n 1 "$folder/agent.txt"
echo "killed $kills times; orders in the shop: $(wc -l <"$folder/orders.jsonl"), of different items: $(sort -u "$folder/orders.jsonl" | wc -l)"
