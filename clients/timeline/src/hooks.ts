import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import type { Changes } from "./changes.js";

/** Draws again when any of these changes. */
export function useChanges(...sources: readonly (Changes | null | undefined)[]): void {
    const [, draw] = useState(0);
    const versions = sources.map((source) => source?.version ?? 0);
    useLayoutEffect(() => {
        const again = () => draw((count) => count + 1);
        const ends = sources.map((source) => source?.subscribe(again));
        if (sources.some((source, place) => (source?.version ?? 0) !== versions[place])) {
            again();
        }

        return () => ends.forEach((end) => end?.());
    }, sources);
}

/**
 * What a promise brings; `undefined` until then, and again when what it depends on changes. What failed is tried again when `back`
 * changes, which counts how often the silo came back.
 */
export function useLoaded<T>(load: (signal: AbortSignal) => Promise<T>, on: readonly unknown[], back = 0): { value?: T; error?: unknown } {
    const [result, set] = useState<{ value?: T; error?: unknown }>({});
    const [tries, again] = useState(0);
    const failed = useLatest(result.error !== undefined);
    useEffect(() => {
        if (failed.current) {
            again((count) => count + 1);
        }
    }, [back]);
    useEffect(() => {
        const stop = new AbortController();
        set({});
        load(stop.signal).then(
            (value) => stop.signal.aborted || set({ value }),
            (error: unknown) => stop.signal.aborted || set({ error }));
        return () => stop.abort();
    }, [...on, tries]);
    return result;
}

/** A value once it has rested for a while. */
export function useRested<T>(value: T, milliseconds: number): T {
    const [rested, set] = useState(value);
    useEffect(() => {
        const timer = setTimeout(() => set(value), milliseconds);
        return () => clearTimeout(timer);
    }, [value]);
    return rested;
}

/** The time, again each so many seconds, for what says how long ago something was. */
export function useNow(seconds: number): number {
    const [now, set] = useState(Date.now());
    useEffect(() => {
        const timer = setInterval(() => set(Date.now()), seconds * 1000);
        return () => clearInterval(timer);
    }, []);
    return now;
}

/** The newest value, for handlers that are made once. */
export function useLatest<T>(value: T): { readonly current: T } {
    const latest = useRef(value);
    latest.current = value;
    return latest;
}
