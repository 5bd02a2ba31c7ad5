import { get, sessionPath } from "../api/http.js";
import type { Effect, Page } from "../api/types.js";

/** Reads all effects of a session, those first that came after the greatest sequence. */
export async function readEffects(session: string, signal: AbortSignal): Promise<Effect[]> {
    const effects: Effect[] = [];
    let cursor: string | undefined;
    do {
        const page: Page<Effect> = await get<Page<Effect>>(sessionPath(session, "effects"), { limit: 1000, cursor }, signal);
        effects.push(...page.items);
        cursor = page.next ?? undefined;
    } while (cursor !== undefined);
    return effects.sort((one, other) => other.after - one.after || Date.parse(other.begunAt) - Date.parse(one.begunAt));
}

/** True if nothing that is told of them differs. */
export function sameEffects(one: readonly Effect[], other: readonly Effect[]): boolean {
    return one.length === other.length && one.every((effect, place) => {
        const beside = other[place]!;
        return effect.key === beside.key && effect.status === beside.status && effect.epoch === beside.epoch && effect.after === beside.after
            && effect.until === beside.until && effect.changedAt === beside.changedAt;
    });
}
