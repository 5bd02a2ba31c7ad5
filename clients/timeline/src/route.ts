/** Where the page stands: all of it is in the address, behind the `#`, so that a link leads back to it. */
export interface Place {
    /** The session that is open. */
    readonly session?: string | undefined;
    /** The checkpoint that is open, by its sequence. */
    readonly checkpoint?: number | undefined;
    /** The checkpoint that it is compared with: what it differs from. */
    readonly compare?: number | undefined;
    /** The effect that is open. */
    readonly effect?: string | undefined;
    /** Only this branch. */
    readonly branch?: string | undefined;
    readonly tag?: string | undefined;
    readonly trigger?: string | undefined;
    /** Only checkpoints with this text. */
    readonly text?: string | undefined;
    /** What sessions are searched by. */
    readonly search?: string | undefined;
}

const Filters = ["branch", "tag", "trigger", "text", "search"] as const;

/** The place of an address such as `#/demo/12?compare=10&branch=main`. */
export function placeOf(hash: string): Place {
    const [path, query = ""] = split(hash.replace(/^#\/?/, ""), "?");
    const [session, below, key] = path.split("/").map(decode);
    const given = new URLSearchParams(query);
    const place: { -readonly [name in keyof Place]: Place[name] } = {};
    if (session && !isWay(session)) {
        place.session = session;
        if (below === "effects" && key && !isWay(key)) {
            place.effect = key;
        } else if (below !== undefined && /^[1-9]\d{0,15}$/.test(below)) {
            place.checkpoint = Number(below);
            const compare = given.get("compare") ?? "";
            if (/^[1-9]\d{0,15}$/.test(compare)) {
                place.compare = Number(compare);
            }
        }
    }

    for (const name of Filters) {
        const value = given.get(name);
        if (value) {
            place[name] = value;
        }
    }

    return place;
}

/** True for what an address takes for a way to elsewhere. */
function isWay(part: string): boolean {
    return part === "." || part === "..";
}

/** The address of a place. */
export function hashOf(place: Place): string {
    let path = "#/";
    if (place.session !== undefined) {
        path += encodeURIComponent(place.session);
        if (place.effect !== undefined) {
            path += `/effects/${encodeURIComponent(place.effect)}`;
        } else if (place.checkpoint !== undefined) {
            path += `/${place.checkpoint}`;
        }
    }

    const query = new URLSearchParams();
    if (place.checkpoint !== undefined && place.compare !== undefined) {
        query.set("compare", String(place.compare));
    }

    for (const name of Filters) {
        const value = place[name];
        if (value) {
            query.set(name, value);
        }
    }

    return path + (query.size === 0 ? "" : `?${query}`);
}

function split(text: string, at: string): [string, string?] {
    const place = text.indexOf(at);
    return place < 0 ? [text] : [text.slice(0, place), text.slice(place + 1)];
}

function decode(part: string): string {
    try {
        return decodeURIComponent(part);
    } catch {
        return part;
    }
}
