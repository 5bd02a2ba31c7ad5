import type { ComponentChildren } from "preact";
import { useLayoutEffect, useRef, useState } from "preact/hooks";

/** Moves a list from outside of it. */
export interface ListHandle {
    /** Brings a row into sight, in the middle if it was far off. */
    show(row: number): void;
    /** Moves by as much as rows above came or went, so that what is seen stays. */
    shift(rows: number): void;
    focus(): void;
}

interface Properties {
    readonly count: number;
    readonly height: number;
    /** Draws a row. Of the rows that are there each has a slot of its own, which the next one takes when it has left: it is a good key. */
    readonly row: (index: number, slot: number) => ComponentChildren;
    readonly label: string;
    readonly role: "listbox" | "tree";
    readonly id: string;
    /** The row that is chosen; null for none. */
    readonly active: number | null;
    readonly onKey?: (event: KeyboardEvent) => void;
    /** Told of the rows in sight, whenever they change. */
    readonly onRange?: (first: number, last: number) => void;
    readonly handle?: { current: ListHandle | null };
    readonly class?: string;
    /** The row is at least as wide as the longest of it. */
    readonly wide?: boolean;
}

const Beyond = 8;

/**
 * A list of rows of one height, of which those in sight are there and a few beyond. Rows are placed by a transform of the block that
 * holds them, so that to scroll lays out nothing.
 */
export function VirtualList(properties: Properties) {
    const { count, height, onRange } = properties;
    const box = useRef<HTMLDivElement>(null);
    const [view, setView] = useState({ top: 0, space: 600 });
    const size = Math.ceil(view.space / height) + 1 + 2 * Beyond;
    const first = Math.max(0, Math.min(Math.floor(view.top / height) - Beyond, count - size));
    const last = Math.min(count, first + size);

    useLayoutEffect(() => {
        const element = box.current!;
        const look = () => setView((seen) =>
            seen.top === element.scrollTop && seen.space === element.clientHeight ? seen : { top: element.scrollTop, space: element.clientHeight });
        const observer = new ResizeObserver(look);
        observer.observe(element);
        element.addEventListener("scroll", look, { passive: true });
        look();
        return () => {
            observer.disconnect();
            element.removeEventListener("scroll", look);
        };
    }, []);

    useLayoutEffect(() => {
        onRange?.(Math.max(0, Math.floor(view.top / height)), Math.min(count, Math.ceil((view.top + view.space) / height)));
    }, [view.top, view.space, count, onRange]);

    if (properties.handle) {
        properties.handle.current = {
            show(row) {
                const element = box.current!;
                const top = row * height;
                if (top < element.scrollTop) {
                    element.scrollTop = element.scrollTop - top > element.clientHeight ? top - element.clientHeight / 2 : top;
                } else if (top + height > element.scrollTop + element.clientHeight) {
                    const far = top - element.scrollTop > 2 * element.clientHeight;
                    element.scrollTop = far ? top - element.clientHeight / 2 : top + height - element.clientHeight;
                }
            },
            shift(rows) {
                box.current!.scrollTop += rows * height;
            },
            focus() {
                box.current!.focus({ preventScroll: true });
            },
        };
    }

    const rows: ComponentChildren[] = [];
    for (let index = first; index < last; index++) {
        rows.push(properties.row(index, index % size));
    }

    const active = properties.active !== null && properties.active >= first && properties.active < last ? `${properties.id}-${properties.active}` : undefined;
    return (
        <div
            ref={box} class={`virtual ${properties.class ?? ""}`} tabIndex={0} role={properties.role} aria-label={properties.label}
            aria-activedescendant={active} onKeyDown={properties.onKey} id={properties.id}
        >
            <div class="virtual-space" role="presentation" style={{ height: `${count * height}px` }}>
                <div class={`virtual-rows${properties.wide ? " wide" : ""}`} role="presentation" style={{ transform: `translateY(${first * height}px)` }}>{rows}</div>
            </div>
        </div>
    );
}
