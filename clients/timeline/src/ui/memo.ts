import { type ComponentType, Component, h } from "preact";

/** Draws a component again only if what it is given differs. */
export function memo<P extends object>(of: (properties: P) => preact.ComponentChildren): ComponentType<P & { key?: unknown }> {
    return class extends Component<P> {
        override shouldComponentUpdate(next: P): boolean {
            const now = this.props as Record<string, unknown>;
            const then = next as Record<string, unknown>;
            for (const name in then) {
                if (now[name] !== then[name]) {
                    return true;
                }
            }

            return false;
        }

        render(): preact.ComponentChildren {
            return h(of as ComponentType<P>, this.props as P);
        }
    } as unknown as ComponentType<P & { key?: unknown }>;
}
