const Colours = 8;

const known = new Map<string, number>([["main", 0]]);

/** The colour of a branch, from 0: main has the first; others have theirs by their names, so that they keep it from day to day. */
export function colourOf(branch: string): number {
    let colour = known.get(branch);
    if (colour === undefined) {
        let sum = 7;
        for (let at = 0; at < branch.length; at++) {
            sum = (sum * 31 + branch.charCodeAt(at)) >>> 0;
        }

        colour = 1 + (sum % (Colours - 1));
        known.set(branch, colour);
    }

    return colour;
}
