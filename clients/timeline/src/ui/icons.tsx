const Paths = {
    key: "M10.5 2a3.5 3.5 0 1 1-3.3 4.7L2 11.9V14h2.5v-1.7h1.7v-1.7h1.7l1-1A3.5 3.5 0 0 1 10.5 2Zm.9 2.1a.6.6 0 1 0 0 1.2.6.6 0 0 0 0-1.2Z",
    theme: "M8 1.8a6.2 6.2 0 1 0 0 12.4A6.2 6.2 0 0 0 8 1.8Zm0 1.5v9.4a4.7 4.7 0 0 1 0-9.4Z",
    help: "M8 1.8a6.2 6.2 0 1 0 0 12.4A6.2 6.2 0 0 0 8 1.8ZM7.3 11h1.4v1.3H7.3V11Zm.7-7.2c1.5 0 2.5.9 2.5 2.2 0 1-.5 1.5-1.1 2-.5.4-.7.6-.7 1.1v.6H7.3v-.7c0-1 .5-1.5 1-1.9.5-.4.8-.6.8-1.1 0-.6-.4-.9-1.1-.9s-1.1.4-1.2 1.1H5.4c.1-1.5 1.1-2.4 2.6-2.4Z",
} as const;

/** A small picture, beside a name that is said. */
export function Icon({ of }: { of: keyof typeof Paths }) {
    return <svg class="icon-svg" width="16" height="16" viewBox="0 0 16 16" aria-hidden="true"><path d={Paths[of]} fill="currentColor" fill-rule="evenodd" /></svg>;
}
