const Units: readonly [Intl.RelativeTimeFormatUnit, number][] = [
    ["year", 31_557_600], ["month", 2_629_800], ["day", 86_400], ["hour", 3_600], ["minute", 60],
];

const Short: Readonly<Record<string, string>> = { year: "y", month: "mo", day: "d", hour: "h", minute: "m" };

/** How long ago a time is, in few signs: `now`, `5m`, `3d`. */
export function agoOf(at: string | number, now: number): string {
    const seconds = Math.max(0, (now - (typeof at === "number" ? at : Date.parse(at))) / 1000);
    for (const [unit, length] of Units) {
        if (seconds >= length) {
            return `${Math.floor(seconds / length)}${Short[unit]}`;
        }
    }

    return seconds < 5 ? "now" : `${Math.floor(seconds)}s`;
}

/** A time to the second, by the clock of the reader. */
export function timeOf(at: string): string {
    const time = new Date(at);
    const two = (part: number) => String(part).padStart(2, "0");
    return `${time.getFullYear()}-${two(time.getMonth() + 1)}-${two(time.getDate())} ${two(time.getHours())}:${two(time.getMinutes())}:${two(time.getSeconds())}`;
}

export function bytesOf(bytes: number): string {
    if (bytes < 1024) {
        return `${bytes} B`;
    }

    const units = ["KB", "MB", "GB", "TB"];
    let value = bytes / 1024;
    let unit = 0;
    for (; value >= 1024 && unit < units.length - 1; unit++) {
        value /= 1024;
    }

    return `${value < 10 ? value.toFixed(1) : Math.round(value)} ${units[unit]}`;
}

export function countOf(count: number): string {
    return count.toLocaleString("en-US");
}

/** A number with the word for what it counts. */
export function plural(count: number, one: string, many = `${one}s`): string {
    return `${countOf(count)} ${count === 1 ? one : many}`;
}

/** A trigger in words: `toolCall` is `tool call`. */
export function wordsOf(name: string): string {
    return name.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
}

export const Triggers = [
    "manual", "scheduled", "hypothesisStatusChange", "contradictionDetected", "verificationComplete", "branchSwitch", "gapFilled",
    "codeModified", "significantTimePassed", "contextCompactionWarning", "error", "toolCall",
] as const;
